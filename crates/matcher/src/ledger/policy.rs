//! Limits and goals: what a plan must obey and what it is for.
//!
//! In: JSON or Rust literals. Out: selectors, limits and goal levels as written.
//! Must not know which of them a network can hold. Rejected: one type per limit
//! kind; every bound of the domain is the same record with another `counts`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::records::PlaceLevel;
use super::words;

/// One word or several; several mean OR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// A single word.
    One(String),
    /// Any of these words.
    Many(Vec<String>),
}

impl OneOrMany {
    /// The words as a slice.
    pub fn words(&self) -> &[String] {
        match self {
            OneOrMany::One(word) => std::slice::from_ref(word),
            OneOrMany::Many(words) => words,
        }
    }

    /// Whether `word` is one of them.
    pub fn has(&self, word: &str) -> bool {
        self.words().iter().any(|w| w == word)
    }
}

impl From<&str> for OneOrMany {
    fn from(word: &str) -> Self {
        OneOrMany::One(word.to_owned())
    }
}

/// Which offers a limit speaks of; keys are ANDed, no key selects all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplySelector {
    /// Ids of units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<OneOrMany>,
    /// Kinds of units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_kind: Option<OneOrMany>,
    /// Groups of units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_group: Option<OneOrMany>,
    /// Tags of units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_tag: Option<OneOrMany>,
    /// Ids of offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<OneOrMany>,
}

/// Which needs a limit or goal speaks of; keys are ANDed, no key selects all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DemandSelector {
    /// Ids of needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<OneOrMany>,
    /// `general`, `hot_spot`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<OneOrMany>,
    /// Categories with their subtrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<OneOrMany>,
    /// Places with their subtrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<OneOrMany>,
    /// Tags of the need's place or of any ancestor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_tag: Option<OneOrMany>,
    /// Measures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<OneOrMany>,
    /// Audiences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<OneOrMany>,
    /// Periods that the need's window includes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<OneOrMany>,
}

/// What a limit adds up.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// Units of service.
    Amount,
    /// Money: (unit cost + pair cost) times units of service.
    Yuan,
    /// Distinct (unit, place) with any service.
    Pairs,
    /// Needs covered at least to their useful minimum.
    Served,
    /// Priority-weighted share of coverage, in parts per million.
    SharePpm,
}

/// One row for each group; written `unit`, `unit_kind`, `place:LEVEL`, `category`,
/// `period`, `audience` or `need`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// Each unit.
    Unit,
    /// Each kind of unit.
    UnitKind,
    /// Each place of a level; what has no ancestor there is in no group.
    Place(PlaceLevel),
    /// Each category of a need.
    Category,
    /// Each period of a need's window.
    Period,
    /// Each audience of a need.
    Audience,
    /// Each need.
    Need,
}

impl Per {
    /// Word used in files.
    pub fn to_word(self) -> String {
        match self {
            Per::Unit => "unit".to_owned(),
            Per::UnitKind => "unit_kind".to_owned(),
            Per::Place(level) => format!("place:{}", level.as_str()),
            Per::Category => "category".to_owned(),
            Per::Period => "period".to_owned(),
            Per::Audience => "audience".to_owned(),
            Per::Need => "need".to_owned(),
        }
    }

    /// Reads the word used in files.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "unit" => Per::Unit,
            "unit_kind" => Per::UnitKind,
            "category" => Per::Category,
            "period" => Per::Period,
            "audience" => Per::Audience,
            "need" => Per::Need,
            other => {
                let level = other.strip_prefix("place:")?;
                Per::Place(PlaceLevel::ALL.into_iter().find(|l| l.as_str() == level)?)
            }
        })
    }
}

impl Serialize for Per {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_word())
    }
}

impl<'de> Deserialize<'de> for Per {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Per::from_word(&word)
            .ok_or_else(|| serde::de::Error::custom(format!("unknown grouping `{word}`")))
    }
}

impl JsonSchema for Per {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Per".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut words: Vec<String> =
            ["unit", "unit_kind", "category", "period", "audience", "need"]
                .into_iter()
                .map(str::to_owned)
                .collect();
        words.extend(PlaceLevel::ALL.map(|l| Per::Place(l).to_word()));
        schemars::json_schema!({
            "description": "One row for each group.",
            "type": "string",
            "enum": words
        })
    }
}

/// A bound on what a selected set of assignments adds up to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Unique id.
    pub id: String,
    /// Display name.
    #[serde(default)]
    pub name: Option<String>,
    /// What is added up.
    pub counts: Counts,
    /// Offers it speaks of.
    #[serde(default)]
    pub supply: SupplySelector,
    /// Needs it speaks of.
    #[serde(default)]
    pub demand: DemandSelector,
    /// One row for each group; null = one row.
    #[serde(default)]
    pub per: Option<Per>,
    /// For `pairs`: level of the places that are counted.
    #[serde(default)]
    pub pair_level: Option<PlaceLevel>,
    /// Least total; null = none.
    #[serde(default)]
    pub lower: Option<i64>,
    /// Largest total; null = none.
    #[serde(default)]
    pub upper: Option<i64>,
    /// `false`: may be missed; misses are minimised before all goals.
    #[serde(default = "words::yes")]
    pub hard: bool,
    /// Never named as the culprit of a contradiction.
    #[serde(default)]
    pub untouchable: bool,
}

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
