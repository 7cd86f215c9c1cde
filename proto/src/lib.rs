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

/// The server of `MatchService` whose requests and answers hold ledgers and plans as the bytes that
/// they are on the wire: whoever serves decides when, and on which thread, they are read. The
/// same calls as in [`v1`]; a ledger that stands twice in a request counts as it stands last,
/// not merged.
///
/// ```
/// use concentric_proto::{sealed, v1};
/// use prost::Message;
/// let plan = v1::Plan { engine: Some("concentric".into()), ..Default::default() };
/// let open = v1::MatchResponse { plan: Some(plan.clone()), times: None };
/// let shut = sealed::MatchResponse { plan: plan.encode_to_vec().into(), times: None };
/// assert_eq!(open.encode_to_vec(), shut.encode_to_vec());
/// ```
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod sealed {
    include!(concat!(env!("OUT_DIR"), "/sealed/concentric.v1.rs"));
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
