//! Default words and numbers of ledger fields, named once.
//!
//! In: nothing. Out: what serde fills in for a missing field. Must not know the records.

/// Default currency.
pub(super) fn currency() -> String {
    "CNY".to_owned()
}

/// Default kind of a unit.
pub(super) fn unit_kind() -> String {
    "unit".to_owned()
}

/// Default audience of a need.
pub(super) fn resident() -> String {
    "resident".to_owned()
}

/// Full proficiency.
pub(super) fn full() -> i64 {
    100
}

/// The number one: priority of a need.
pub(super) fn one() -> i64 {
    1
}

/// `true`: a limit is hard unless it says otherwise.
pub(super) fn yes() -> bool {
    true
}

/// Reads a field that is there, null included; serde alone would read null as absent.
pub(super) fn present<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<serde_json::Value>, D::Error> {
    serde::Deserialize::deserialize(deserializer).map(Some)
}
