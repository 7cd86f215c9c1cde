//! Limits: what a plan must obey, and the selectors that limits and goals share.
//!
//! In: JSON or Rust literals. Out: selectors and limits as written.
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
