//! Wire schema of the Concentric API: protobuf package `concentric.v1`.
//!
//! In: the `.proto` files, compiled at build time without protoc. Out: their text, the
//! descriptor set, and as [`v1`] the messages, clients and servers. Must not know the
//! engine: conversions are the service's. Rejected: a copy of the schema in each client
//! (copies drift).

/// Messages, clients (`match_service_client` and so on) and servers, generated.
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod v1 {
    tonic::include_proto!("concentric.v1");
}

/// The compiled schema as a `google.protobuf.FileDescriptorSet`, for reflection.
///
/// ```
/// use prost::Message;
/// let set = prost_types::FileDescriptorSet::decode(concentric_proto::DESCRIPTORS)?;
/// assert!(set.file.iter().any(|file| file.name() == "concentric/v1/plan.proto"));
/// # Ok::<(), prost::DecodeError>(())
/// ```
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/concentric.v1.bin"));

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Every file of the schema, as (path inside the package, text).
        ///
        /// ```
        /// let (path, text) = concentric_proto::FILES[0];
        /// assert_eq!(path, "concentric/v1/certificate.proto");
        /// assert!(text.contains("message Certificate"));
        /// ```
        pub const FILES: &[(&str, &str)] = &[$((
            concat!("concentric/v1/", $name, ".proto"),
            include_str!(concat!("../concentric/v1/", $name, ".proto")),
        )),*];
    };
}

files!(
    "certificate",
    "diff",
    "errors",
    "job",
    "job_service",
    "ledger",
    "ledger_service",
    "match_service",
    "options",
    "plan",
    "plan_service",
    "policy",
    "reason",
    "scenario",
);
