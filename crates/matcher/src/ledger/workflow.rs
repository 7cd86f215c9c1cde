//! Records of the workflow: agreements, claims, projects, evaluations.
//!
//! In: JSON or Rust literals. Out: records as written. Must not know how a
//! commitment becomes a bound; the network stage compiles them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who gives under an agreement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The unit gives to the place.
    #[default]
    Gives,
    /// Both give and ask.
    Both,
}

/// Whether an agreement is in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreementStatus {
    /// In force.
    #[default]
    Active,
    /// Over; kept for the record.
    Ended,
}

/// A standing pair of a unit and a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Unique id.
    pub id: String,
    /// The unit.
    pub unit: String,
    /// The place, with its subtree.
    pub place: String,
    /// Category with its subtree; null = any.
    #[serde(default)]
    pub category: Option<String>,
    /// `gives` (default) or `both`.
    #[serde(default)]
    pub direction: Direction,
    /// `active` (default) or `ended`.
    #[serde(default)]
    pub status: AgreementStatus,
    /// Least amount between the two; null = none.
    #[serde(default)]
    pub lower: Option<i64>,
    /// Largest amount between the two; null = none.
    #[serde(default)]
    pub upper: Option<i64>,
    /// First period; default the first of the ledger.
    #[serde(default)]
    pub from: Option<String>,
    /// Last period; default the last of the ledger.
    #[serde(default)]
    pub to: Option<String>,
    /// Free labels.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// State of a claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// Changes nothing yet.
    #[default]
    Pending,
    /// A lock of its quantity.
    Accepted,
    /// Refused; kept for the record.
    Declined,
}

/// A unit's own ask to serve a need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Unique id.
    pub id: String,
    /// The offer it would use.
    pub offer: String,
    /// The need it would serve.
    pub need: String,
    /// How much.
    pub quantity: i64,
    /// `pending` (default), `accepted` or `declined`.
    #[serde(default)]
    pub state: ClaimState,
    /// When.
    #[serde(default)]
    pub period: Option<String>,
    /// Free labels.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// State of a tracked assignment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectState {
    /// Free to change.
    #[default]
    Proposed,
    /// Preferred by the goal keep.
    Agreed,
    /// A lower bound on its arc, and preferred.
    InProgress,
    /// Done in an earlier cycle; preferred.
    Delivered,
    /// Done and evaluated; preferred.
    Closed,
    /// Kept for the record.
    Cancelled,
}

impl ProjectState {
    /// Whether it belongs to the baseline of the goal keep.
    pub fn in_baseline(self) -> bool {
        matches!(
            self,
            ProjectState::Agreed
                | ProjectState::InProgress
                | ProjectState::Delivered
                | ProjectState::Closed
        )
    }
}

/// A tracked assignment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Unique id.
    pub id: String,
    /// Display name.
    #[serde(default)]
    pub name: Option<String>,
    /// The offer it uses.
    pub offer: String,
    /// The need it serves.
    pub need: String,
    /// How much.
    pub quantity: i64,
    /// When.
    #[serde(default)]
    pub period: Option<String>,
    /// `proposed` by default.
    #[serde(default)]
    pub state: ProjectState,
    /// Form of the work, free word.
    #[serde(default)]
    pub form: Option<String>,
    /// People reached (a count; reported, never optimised).
    #[serde(default)]
    pub beneficiaries: i64,
    /// Free labels.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// Who scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evaluator {
    /// The served.
    Resident,
    /// The office in charge.
    Supervisor,
    /// A jury.
    Jury,
}

/// A score of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// Unique id.
    pub id: String,
    /// The project.
    pub project: String,
    /// Who scored.
    pub by: Evaluator,
    /// 0..100.
    pub score: i64,
    /// When.
    #[serde(default)]
    pub period: Option<String>,
    /// Free labels.
    #[serde(default)]
    pub tags: Vec<String>,
}
