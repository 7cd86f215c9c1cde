//! Goals: what a plan is for, level by level.
//!
//! In: JSON or Rust literals. Out: goal levels as written. Must not know their
//! coefficients (the network stage gives them) nor which of them a network can hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy::{DemandSelector, OneOrMany, Per};

/// What a level of the lexicographic order is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Maximise covered shares (or amounts).
    Cover,
    /// Raise the worst-served groups.
    Fair,
    /// Bring every need up to a share first, then beyond.
    Tier,
    /// Keep standing assignments.
    Keep,
    /// Prefer proficient providers.
    Fit,
    /// Prefer near providers.
    Near,
    /// Prefer the lowest able level.
    Escalate,
    /// Minimise money.
    Spend,
    /// Maximise the worth of pairs.
    Value,
    /// Minimise distinct (unit, community) pairs.
    Partners,
    /// Minimise the largest used share of any unit.
    Balance,
    /// One level of weighted terms.
    Weighted,
}

impl What {
    /// Word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            What::Cover => "cover",
            What::Fair => "fair",
            What::Tier => "tier",
            What::Keep => "keep",
            What::Fit => "fit",
            What::Near => "near",
            What::Escalate => "escalate",
            What::Spend => "spend",
            What::Value => "value",
            What::Partners => "partners",
            What::Balance => "balance",
            What::Weighted => "weighted",
        }
    }
}

/// Whether a level counts shares of needs or amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Each need counts as 1 (times its priority).
    #[default]
    Share,
    /// Each unit of service counts as 1 (times the need's priority).
    Amount,
}

/// How the groups of a fair level are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FairForm {
    /// The sorted vector, worst first.
    #[default]
    Leximin,
    /// The smallest value only.
    Maximin,
}

/// What a fair level compares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueOf {
    /// Coverage of the group's needs.
    #[default]
    Coverage,
    /// Total value of the group's assignments.
    Value,
}

/// Term of a weighted level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TermWhat {
    /// Worth of pairs.
    Value,
    /// Money.
    Spend,
    /// Distinct (unit, community) pairs.
    Partners,
    /// Covered amount.
    Cover,
}

/// One term of a weighted level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// What is counted.
    pub what: TermWhat,
    /// Its whole-number weight; negative to minimise.
    pub weight: i64,
}

/// One level of the lexicographic order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// What the level is about.
    pub what: What,
    /// Needs it speaks of; no key selects all.
    #[serde(default, rename = "where")]
    pub filter: DemandSelector,
    /// Groups of a fair level.
    #[serde(default)]
    pub per: Option<Per>,
    /// `share` (default) or `amount`.
    #[serde(default)]
    pub by: By,
    /// For fair: `leximin` (default) or `maximin`.
    #[serde(default)]
    pub form: FairForm,
    /// For fair: `coverage` (default) or `value`.
    #[serde(default, rename = "of")]
    pub of: ValueOf,
    /// For tier: the share to reach first, in parts per million.
    #[serde(default)]
    pub at_ppm: Option<i64>,
    /// For weighted: its terms.
    #[serde(default)]
    pub terms: Vec<Term>,
    /// For keep: most standing pairs that may change.
    #[serde(default)]
    pub change_budget: Option<i64>,
    /// How far later levels may fall short of this one's optimum, in parts per million of it.
    #[serde(default)]
    pub tolerance_ppm: i64,
}

impl Goal {
    /// A level without options.
    pub fn new(what: What) -> Self {
        Goal {
            what,
            filter: DemandSelector::default(),
            per: None,
            by: By::default(),
            form: FairForm::default(),
            of: ValueOf::default(),
            at_ppm: None,
            terms: Vec::new(),
            change_budget: None,
            tolerance_ppm: 0,
        }
    }

    /// Cover restricted to one kind of need.
    pub fn cover_kind(kind: super::NeedKind) -> Self {
        let mut goal = Goal::new(What::Cover);
        goal.filter.kind = Some(OneOrMany::from(kind.as_str()));
        goal
    }

    /// The default order: cover hot spots, cover general needs, keep, fit, near, spend.
    pub fn default_order() -> Vec<Goal> {
        vec![
            Goal::cover_kind(super::NeedKind::HotSpot),
            Goal::cover_kind(super::NeedKind::General),
            Goal::new(What::Keep),
            Goal::new(What::Fit),
            Goal::new(What::Near),
            Goal::new(What::Spend),
        ]
    }

    /// Name of the level: the goal, and the kinds it is restricted to (`cover:hot_spot`).
    pub fn label(&self) -> String {
        match &self.filter.kind {
            Some(kinds) => format!("{}:{}", self.what.as_str(), kinds.words().join("+")),
            None => self.what.as_str().to_owned(),
        }
    }
}
