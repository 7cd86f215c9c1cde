//! The nouns of a ledger: measures, periods, places, categories, units, offers,
//! needs, bundles and pair facts.
//!
//! In: JSON or Rust literals. Out: records with their unconditional defaults; what
//! defaults to something of another record (the root place, the only measure) stays
//! `None` here and is filled by validation. Must not know the rules that connect records.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words;

/// A unit of measure; lines match only within one measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Unique id.
    pub id: String,
    /// Display name.
    #[serde(default)]
    pub name: Option<String>,
    /// Display name in English.
    #[serde(default)]
    pub name_en: Option<String>,
}

/// A span of days, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// Unique id.
    pub id: String,
    /// Display name.
    #[serde(default)]
    pub name: Option<String>,
    /// First day, ISO 8601 (`2026-01-31`).
    pub start: String,
    /// Last day, ISO 8601.
    pub end: String,
}

/// Levels of the place tree from the top; a parent's level is above its child's.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PlaceLevel {
    /// 区
    District,
    /// 街道
    Street,
    /// 社区
    Community,
    /// 小区
    Compound,
    /// 重点场所
    KeySite,
    /// 服务点
    ServicePoint,
    /// 网格
    Grid,
    /// 微网格
    MicroGrid,
}

impl PlaceLevel {
    /// All levels from the top.
    pub const ALL: [PlaceLevel; 8] = [
        PlaceLevel::District,
        PlaceLevel::Street,
        PlaceLevel::Community,
        PlaceLevel::Compound,
        PlaceLevel::KeySite,
        PlaceLevel::ServicePoint,
        PlaceLevel::Grid,
        PlaceLevel::MicroGrid,
    ];

    /// Word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            PlaceLevel::District => "district",
            PlaceLevel::Street => "street",
            PlaceLevel::Community => "community",
            PlaceLevel::Compound => "compound",
            PlaceLevel::KeySite => "key_site",
            PlaceLevel::ServicePoint => "service_point",
            PlaceLevel::Grid => "grid",
            PlaceLevel::MicroGrid => "micro_grid",
        }
    }

    /// Rank in the goal `escalate`: 0 solved on the spot, 3 at the district.
    pub fn escalation_rank(self) -> i64 {
        match self {
            PlaceLevel::District => 3,
            PlaceLevel::Street => 2,
            PlaceLevel::Community | PlaceLevel::KeySite => 1,
            PlaceLevel::Compound
            | PlaceLevel::ServicePoint
            | PlaceLevel::Grid
            | PlaceLevel::MicroGrid => 0,
        }
    }
}

/// A node of the place tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Unique id.
    pub id: String,
    /// Display name.
    #[serde(default)]
    pub name: Option<String>,
    /// Level in the tree.
    pub level: PlaceLevel,
    /// Id of the parent; null for a root.
    #[serde(default)]
    pub parent: Option<String>,
    /// Metres east of the ledger's own origin.
    #[serde(default)]
    pub x_m: i64,
    /// Metres north of the ledger's own origin.
    #[serde(default)]
    pub y_m: i64,
    /// Registered inhabitants (a count).
    #[serde(default)]
    pub population: Option<i64>,
    /// Floating inhabitants (a count).
    #[serde(default)]
    pub floating_population: Option<i64>,
    /// Free labels.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// A node of the category tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Unique id.
    pub id: String,
    /// Display name.
    #[serde(default)]
    pub name: Option<String>,
    /// Display name in English.
    #[serde(default)]
    pub name_en: Option<String>,
    /// Id of the parent; null for a root.
    #[serde(default)]
    pub parent: Option<String>,
    /// Free labels.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// Any organisation, team, pool or fund that gives, and may also ask. Never a natural person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Unique id.
    pub id: String,
    /// Display name.
    #[serde(default)]
    pub name: Option<String>,
    /// Kind, free word; default `unit`.
    #[serde(default = "words::unit_kind")]
    pub kind: String,
    /// Sub-type, free word.
    #[serde(default)]
    pub group: Option<String>,
    /// Place where it is at home; default the root.
    #[serde(default)]
    pub home: Option<String>,
    /// Head count of a pool.
    #[serde(default)]
    pub members: Option<i64>,
    /// Free labels.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Money spent once if the unit is used at all.
    #[serde(default)]
    pub fixed_cost: i64,
}

/// One strength of one unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Unique id.
    pub id: String,
    /// The unit that offers.
    pub unit: String,
    /// Category; may be left out when the ledger has exactly one.
    #[serde(default)]
    pub category: Option<String>,
    /// Measure; may be left out when the ledger has exactly one.
    #[serde(default)]
    pub measure: Option<String>,
    /// How much in all, in the measure; 0 allowed.
    pub quantity: i64,
    /// Place whose whole subtree it may serve; default the root.
    #[serde(default)]
    pub area: Option<String>,
    /// Level of the provider for `escalate`; default the level of the area.
    #[serde(default)]
    pub level: Option<PlaceLevel>,
    /// 0..100: a threshold and a preference, never a multiplier.
    #[serde(default = "words::full")]
    pub proficiency: i64,
    /// Money for one unit of the measure.
    #[serde(default)]
    pub unit_cost: i64,
    /// Money spent once if the offer is used at all.
    #[serde(default)]
    pub fixed_cost: i64,
    /// Audiences it serves; empty = any.
    #[serde(default)]
    pub audiences: Vec<String>,
    /// Shifts it serves; empty = any.
    #[serde(default)]
    pub shifts: Vec<String>,
    /// First period; default the first of the ledger.
    #[serde(default)]
    pub from: Option<String>,
    /// Last period; default the last of the ledger.
    #[serde(default)]
    pub to: Option<String>,
    /// Farthest distance from the unit's home, in metres; null = any.
    #[serde(default)]
    pub radius_m: Option<i64>,
    /// Free labels.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// Kind of a need.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NeedKind {
    /// 普适性: each community's share of a general service.
    #[default]
    General,
    /// 热点性: a burning local matter.
    HotSpot,
}

impl NeedKind {
    /// Word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            NeedKind::General => "general",
            NeedKind::HotSpot => "hot_spot",
        }
    }
}

/// What a place, or a unit, asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Unique id.
    pub id: String,
    /// Where; default the root.
    #[serde(default)]
    pub place: Option<String>,
    /// Unit that asks; null = the inhabitants of the place. A unit never serves itself.
    #[serde(default)]
    pub owner: Option<String>,
    /// Category; may be left out when the ledger has exactly one.
    #[serde(default)]
    pub category: Option<String>,
    /// Measure; may be left out when the ledger has exactly one.
    #[serde(default)]
    pub measure: Option<String>,
    /// How much, at least 1.
    pub quantity: i64,
    /// `general` (default) or `hot_spot`.
    #[serde(default)]
    pub kind: NeedKind,
    /// Weight 1..5 inside a level.
    #[serde(default = "words::one")]
    pub priority: i64,
    /// Covered is 0 or at least this.
    #[serde(default)]
    pub min_useful: i64,
    /// Most distinct units that may serve it; null = any.
    #[serde(default)]
    pub max_providers: Option<i64>,
    /// Least proficiency admitted.
    #[serde(default)]
    pub min_proficiency: i64,
    /// Audience; `all` is served only by offers with none or with `all`.
    #[serde(default = "words::resident")]
    pub audience: String,
    /// Shift; null = any.
    #[serde(default)]
    pub shift: Option<String>,
    /// First period; default the first of the ledger.
    #[serde(default)]
    pub from: Option<String>,
    /// Last period; default the last of the ledger.
    #[serde(default)]
    pub to: Option<String>,
    /// Bundle it belongs to.
    #[serde(default)]
    pub bundle: Option<String>,
    /// Free labels.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// Needs that are served together or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Unique id.
    pub id: String,
    /// Display name.
    #[serde(default)]
    pub name: Option<String>,
    /// Where.
    #[serde(default)]
    pub place: Option<String>,
}

/// Facts about one (offer, need) or one (unit, place); exactly one of the two forms.
///
/// A field left out says nothing: an (offer, need) row overrides, field by field,
/// what a (unit, place) row above it says about its own arc.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Offer of an (offer, need) row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    /// Need of an (offer, need) row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<String>,
    /// Unit of a (unit, place) row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Place of a (unit, place) row; speaks of its whole subtree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Worth of one unit of service in the goal `value` (0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
    /// Money for one unit of service, on top of the offer's unit cost (0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<i64>,
    /// Most units of service (no bound).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<i64>,
    /// What one unit of service draws from the offer (1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumption: Option<i64>,
    /// Money spent once if the pair is used at all (0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_cost: Option<i64>,
    /// The total is 0 or at least this (0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_lot: Option<i64>,
    /// Least units of service (0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<i64>,
    /// No service at all (false).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forbidden: Option<bool>,
}
