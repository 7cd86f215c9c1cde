//! Wire schema of the Concentric API: the sources of protobuf package `concentric.v1`.
//!
//! In: nothing. Out: the text of the `.proto` files, for services and generators that
//! bring their own compiler. Must not know the engine. Nothing is generated here yet:
//! the service that needs generated types is planned. Rejected: a copy of the schema in
//! each client (copies drift).

/// Text of `concentric/v1/common.proto`: messages that every service shares.
///
/// ```
/// assert!(concentric_proto::COMMON.contains("package concentric.v1;"));
/// ```
pub const COMMON: &str = include_str!("../concentric/v1/common.proto");

/// Every file of the schema, as (path inside the package, text).
///
/// ```
/// let (path, text) = concentric_proto::FILES[0];
/// assert_eq!(path, "concentric/v1/common.proto");
/// assert!(text.contains("message Issue"));
/// ```
pub const FILES: &[(&str, &str)] = &[("concentric/v1/common.proto", COMMON)];
