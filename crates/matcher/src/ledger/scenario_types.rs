//! Scenarios as written in a ledger: a name and an ordered list of typed deltas.
//!
//! In: JSON or Rust literals. Out: records as written. Must not know how a delta is
//! applied (module `scenario`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::words;

/// What a delta does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeltaOp {
    /// Replaces a field.
    Set,
    /// Adds to a whole-number field.
    Add,
    /// Scales a whole-number field by a percentage, rounding down.
    ScalePct,
    /// Removes records and what hangs on them.
    Remove,
    /// Adds a record.
    Insert,
    /// Gives the goals another order; those not listed are dropped.
    Reorder,
    /// Locks a pair.
    Pin,
    /// Forbids a pair.
    Forbid,
    /// Takes back pins and bans of a pair.
    Clear,
    /// Accepts a claim.
    AcceptClaim,
}

/// One step of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delta {
    /// What it does.
    pub op: DeltaOp,
    /// List it works on (`offers`, `needs`, `limits`, `goals`, ...).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// Id of the record, or of the claim for `accept_claim`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Records by equality or membership on fields: `{"measure": "hour", "unit": ["a", "b"]}`.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<serde_json::Map<String, Value>>,
    /// Field that changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// New value, amount, percentage, record, order, or locked quantity of a pin.
    /// An explicit null is a value (it takes a bound away), not an absent field.
    #[serde(default, deserialize_with = "words::present", skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Offer of a pin, ban or clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    /// Need of a pin, ban or clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<String>,
    /// Unit of a pin, ban or clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Place of a pin, ban or clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl Delta {
    /// A step of this kind that names nothing yet; fill in what its kind needs.
    ///
    /// ```
    /// use concentric_matcher::ledger::{Delta, DeltaOp};
    /// let leaves = Delta {
    ///     list: Some("units".to_owned()),
    ///     id: Some("u1".to_owned()),
    ///     ..Delta::new(DeltaOp::Remove)
    /// };
    /// assert_eq!(leaves.value, None);
    /// ```
    pub fn new(op: DeltaOp) -> Self {
        Delta {
            op,
            list: None,
            id: None,
            filter: None,
            field: None,
            value: None,
            offer: None,
            need: None,
            unit: None,
            place: None,
        }
    }
}

/// A what-if case: ordered deltas on the base ledger or on a parent scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Unique id.
    pub id: String,
    /// Display name.
    #[serde(default)]
    pub name: Option<String>,
    /// The question it asks.
    #[serde(default)]
    pub question: Option<String>,
    /// Scenario from whose result it starts; null = the ledger itself.
    #[serde(default)]
    pub parent: Option<String>,
    /// Steps, in order, all or nothing.
    #[serde(default)]
    pub deltas: Vec<Delta>,
}
