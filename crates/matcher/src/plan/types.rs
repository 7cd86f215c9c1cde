//! The plan as other programs read it (format `concentric.plan/v1`).
//!
//! In: nothing. Out: typed data with serde. Must not know how it was found. Whole
//! numbers that may pass 2^63 are written as JSON numbers while they fit and as
//! decimal strings beyond.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::certify::Reason;

use super::big::Big;

/// The one plan format this version reads and writes.
pub const PLAN_FORMAT: &str = "concentric.plan/v1";

/// 匹配方案: assignments, outcomes, level values with bounds, reasons, certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Always `concentric.plan/v1`.
    pub format: String,
    /// Digest of the ledger in canonical form.
    #[serde(default)]
    pub ledger_digest: Option<String>,
    /// Digest of its limits and goals.
    #[serde(default)]
    pub policy_digest: Option<String>,
    /// Scenario the ledger was taken through, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Name and version of what made the plan.
    #[serde(default)]
    pub engine: Option<String>,
    /// Seed of the solve.
    #[serde(default)]
    pub seed: u64,
    /// Whether the same input gives the same bytes (not when cut off by the clock).
    #[serde(default)]
    pub deterministic: bool,
    /// Why the solve ended.
    #[serde(default)]
    pub termination: Option<TerminationRecord>,
    /// Values of the levels, in order.
    #[serde(default)]
    pub levels: Vec<LevelRecord>,
    /// Who serves what, ascending by offer and need.
    pub assignments: Vec<Assignment>,
    /// One for each need, ascending by id.
    #[serde(default)]
    pub outcomes: Vec<Outcome>,
    /// Offers with something left, ascending by id.
    #[serde(default)]
    pub idle: Vec<Idle>,
    /// Sums by place, category, kind, audience and unit.
    #[serde(default)]
    pub coverage: Coverage,
    /// When infeasible: a minimal set of limits and locks that contradict each other. Empty
    /// where only untouchable limits do, which the termination's detail names.
    #[serde(default)]
    pub conflict: Vec<String>,
    /// Independent parts of the problem.
    #[serde(default)]
    pub components: Vec<ComponentRecord>,
    /// By which anyone can check the plan.
    #[serde(default)]
    pub certificate: Certificate,
}

impl Plan {
    /// What contradicts what, in a sentence; `None` unless the plan says it is infeasible.
    /// Where `conflict` is empty only untouchable limits clash, which `detail` names.
    pub fn contradiction(&self) -> Option<String> {
        let termination = self.termination.as_ref()?;
        if termination.reason != TerminationReason::Infeasible {
            return None;
        }
        Some(match (self.conflict.is_empty(), termination.detail.as_str()) {
            (false, _) => format!("no plan can obey all of: {}", self.conflict.join(", ")),
            (true, "") => "no plan can obey all the hard rules".to_owned(),
            (true, detail) => detail.to_owned(),
        })
    }
}

/// Why a solve ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TerminationRecord {
    /// `optimal`, `within_gap`, `feasible`, `infeasible` or `no_solution`.
    pub reason: TerminationReason,
    /// The limit that cut it off, if one did.
    pub limit: Option<LimitName>,
    /// One sentence.
    #[serde(default)]
    pub detail: String,
}

/// Reason of a termination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TerminationReason {
    /// Gap 0 on every level.
    Optimal,
    /// Every level within the accepted gap.
    WithinGap,
    /// A verified plan with a larger gap.
    Feasible,
    /// The hard rules contradict each other.
    Infeasible,
    /// Stopped before any plan was found.
    NoSolution,
}

/// Limits that can end a solve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitName {
    /// Wall clock.
    Time,
    /// Counted work.
    Work,
    /// Memory.
    Memory,
    /// Cancelled by the caller.
    Interrupted,
}

/// Direction of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SenseName {
    /// The larger the better.
    Maximize,
    /// The smaller the better.
    Minimize,
}

/// How well something is proved.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ProofName {
    /// Optimality checked in integers by potentials.
    ProvedExact,
    /// Our own safe dual bound, with a gap.
    ProvedBound,
    /// A solver's word.
    Claimed,
    /// A feasible plan without a bound.
    Feasible,
}

/// Value of one level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelRecord {
    /// Name of the goal, with the kinds it is restricted to: `cover:hot_spot`.
    pub goal: String,
    /// Direction.
    pub sense: SenseName,
    /// The plan's value.
    pub value: Big,
    /// No plan that is as good on the levels before can be better than this.
    pub bound: Option<Big>,
    /// The value if nothing were short, where that means something.
    pub of: Option<Big>,
    /// How many units of the value make 1.
    pub scale: i64,
    /// How the bound is proved.
    pub proof: ProofName,
    /// Work units spent on the level.
    #[serde(default)]
    pub work: u64,
    /// Fairness: `[group, numerator, denominator]`, worst first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<Vec<(String, Big, Big)>>,
}

/// One assignment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The offer used.
    pub offer: String,
    /// Its unit.
    #[serde(default)]
    pub unit: Option<String>,
    /// The need served.
    pub need: String,
    /// Place of the need.
    #[serde(default)]
    pub place: Option<String>,
    /// Category of the need.
    #[serde(default)]
    pub category: Option<String>,
    /// How much, in the need's measure; at least 1.
    pub quantity: i64,
    /// First period that both windows share.
    #[serde(default)]
    pub from: Option<String>,
    /// Last period that both windows share.
    #[serde(default)]
    pub to: Option<String>,
    /// How much of it continues a standing assignment.
    #[serde(default)]
    pub kept: i64,
}

/// How far a need is covered.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// In full.
    Met,
    /// In part.
    Partial,
    /// Not at all.
    Unmet,
}

impl Status {
    /// The status of a need that asks for `asked` and gets `covered`.
    pub fn of(asked: i64, covered: i64) -> Self {
        if covered >= asked {
            Status::Met
        } else if covered > 0 {
            Status::Partial
        } else {
            Status::Unmet
        }
    }
}

/// What became of one need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The need.
    pub need: String,
    /// What it asks for.
    pub asked: i64,
    /// What it gets.
    pub covered: i64,
    /// In full, in part, or not at all.
    pub status: Status,
    /// Why it is short; empty when met.
    #[serde(default)]
    pub reasons: Vec<Reason>,
}

/// An offer that is not used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Idle {
    /// The offer.
    pub offer: String,
    /// What is left of it.
    pub left: i64,
    /// Why.
    #[serde(default)]
    pub reason: Option<Reason>,
}

/// Needs added up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageRow {
    /// Id or word of the group.
    pub id: String,
    /// Needs in it.
    pub needs: u64,
    /// Needs met in full.
    pub met: u64,
    /// Needs met in part.
    pub partial: u64,
    /// Needs not met at all.
    pub unmet: u64,
    /// Priority-weighted share covered, in parts per million, rounded down.
    pub share_ppm: i64,
    /// `[measure, asked, covered]`, ascending by measure.
    pub amounts: Vec<(String, i64, i64)>,
}

/// Offers of one unit added up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitRow {
    /// The unit.
    pub id: String,
    /// Distinct needs it serves.
    pub needs: u64,
    /// `[measure, offered, used]`, ascending by measure.
    pub amounts: Vec<(String, i64, i64)>,
}

/// Sums over the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// By place, each with its subtree; places without needs are left out.
    #[serde(default)]
    pub places: Vec<CoverageRow>,
    /// By category of the need.
    #[serde(default)]
    pub categories: Vec<CoverageRow>,
    /// By kind.
    #[serde(default)]
    pub kinds: Vec<CoverageRow>,
    /// By audience.
    #[serde(default)]
    pub audiences: Vec<CoverageRow>,
    /// By unit.
    #[serde(default)]
    pub units: Vec<UnitRow>,
}

/// Kind of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComponentKind {
    /// Integral by itself.
    Network,
    /// Needs integer variables.
    Integer,
}

/// One independent part of the problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComponentRecord {
    /// `network` or `integer`.
    pub kind: ComponentKind,
    /// Admissible pairs in it.
    pub arcs: u64,
    /// Needs in it.
    pub needs: u64,
    /// Weakest proof over its levels.
    pub proof: ProofName,
}

/// Dual evidence: with it every bound can be added up by anyone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// One entry a level, in order.
    #[serde(default)]
    pub levels: Vec<LevelWitness>,
    /// When infeasible: nodes that more must leave than can enter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub infeasible_cut: Vec<u32>,
}

/// Evidence for one level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelWitness {
    /// Potential of every node of the network: the root, the offers by id, the needs
    /// by id, the inner nodes of the limits. Empty: all 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub potentials: Vec<Big>,
    /// Parts that need integers: multipliers of the rows of their programs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub multipliers: Vec<PartMultipliers>,
    /// Fairness, worst only: nodes out of which no more can flow; empty when the
    /// worst group is covered in full or cannot be reached at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut: Vec<u32>,
}

/// Multipliers of one part's rows: with them anyone can add up a bound.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartMultipliers {
    /// Position of the part: components that a level ties together count as one.
    pub part: u32,
    /// (row, multiplier in 2^-40): rows of the part's program, then rows that hold the
    /// levels before, then one for each group of a fairness level.
    pub rows: Vec<(u32, Big)>,
}
