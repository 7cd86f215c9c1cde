//! The ledger: everything the engine is told (format `concentric.ledger/v1`).
//!
//! In: records as a caller writes them, with their defaults. Out: plain typed
//! data, unchecked. Must not know validation, arcs or solvers. The field docs here
//! are also the published JSON Schema. Rejected: separate wire structs beside these
//! (every field would stand twice); a personal record of any kind (units are
//! organisations, teams, pools and funds, never natural persons).

mod builder;
mod goals;
mod policy;
mod records;
mod scenario_types;
mod words;
mod workflow;

pub use builder::LedgerBuilder;
pub use goals::{By, FairForm, Goal, Term, TermWhat, ValueOf, What};
pub use policy::{Counts, DemandSelector, Limit, OneOrMany, Per, SupplySelector};
pub use records::{
    Bundle, Category, Measure, Need, NeedKind, Offer, Pair, Period, Place, PlaceLevel, Unit,
};
pub use scenario_types::{Delta, DeltaOp, Scenario};
pub use workflow::{
    Agreement, AgreementStatus, Claim, ClaimState, Direction, Evaluation, Evaluator, Project,
    ProjectState,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The one format this version reads and writes.
pub const LEDGER_FORMAT: &str = "concentric.ledger/v1";

/// How arcs come to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArcMode {
    /// From the records, by the tests of the funnel.
    #[default]
    Derived,
    /// Exactly the (offer, need) rows of `pairs` that are not forbidden.
    Explicit,
}

/// The whole input: units, offers, places, needs, limits, goals, standing agreements.
///
/// The order of the records in a list never matters, except for `goals` (the
/// lexicographic order) and the deltas of a scenario. Quantities are whole numbers
/// from 0 to 10^9; money is in the smallest unit the caller chose.
///
/// ```
/// use concentric_matcher::ledger::{Ledger, Need, Offer, Unit};
/// let ledger = Ledger::builder("two-by-three")
///     .unit(Unit::new("clinic"))
///     .offer(Offer::new("checks", "clinic", 40))
///     .need(Need::new("east", 25))
///     .need(Need::new("west", 30))
///     .build();
/// assert_eq!(ledger.needs.len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// Always `concentric.ledger/v1`.
    pub format: String,
    /// Id of the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Title in the caller's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Title in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// Where the data come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Currency of every amount of money; default CNY.
    #[serde(default = "words::currency")]
    pub currency: String,
    /// `derived` (default) or `explicit`.
    #[serde(default)]
    pub arcs: ArcMode,
    /// For readers and tests; ignored by the engine.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub facts: serde_json::Value,
    /// Units of measure; absent: one measure `unit`.
    #[serde(default)]
    pub measures: Vec<Measure>,
    /// Ordered, disjoint spans of days; absent: one period `all`.
    #[serde(default)]
    pub periods: Vec<Period>,
    /// Tree of places; absent: one place `all`.
    #[serde(default)]
    pub places: Vec<Place>,
    /// Tree of categories; absent: one category `any`.
    #[serde(default)]
    pub categories: Vec<Category>,
    /// Organisations, teams, pools and funds.
    #[serde(default)]
    pub units: Vec<Unit>,
    /// Strengths of units.
    #[serde(default)]
    pub offers: Vec<Offer>,
    /// What is asked for.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Needs that are served together or not at all.
    #[serde(default)]
    pub bundles: Vec<Bundle>,
    /// Facts about single (offer, need) or (unit, place) pairs.
    #[serde(default)]
    pub pairs: Vec<Pair>,
    /// Bounds on what a selected set of assignments adds up to.
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// Levels of the lexicographic order, first counts most; absent: cover
    /// hot spots, cover general needs, keep, fit, near, spend.
    #[serde(default)]
    pub goals: Vec<Goal>,
    /// Standing pairs of a unit and a place.
    #[serde(default)]
    pub agreements: Vec<Agreement>,
    /// Units' own asks to serve a need.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// Tracked assignments.
    #[serde(default)]
    pub projects: Vec<Project>,
    /// Scores of delivered projects.
    #[serde(default)]
    pub evaluations: Vec<Evaluation>,
    /// What-if cases: ordered deltas on this ledger.
    #[serde(default)]
    pub scenarios: Vec<Scenario>,
    /// For readers and tests; ignored by the engine.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub expected: serde_json::Value,
}

impl Ledger {
    /// An empty ledger of the current format.
    pub fn new() -> Self {
        Ledger {
            format: LEDGER_FORMAT.to_owned(),
            id: None,
            title: None,
            title_en: None,
            source: None,
            note: None,
            currency: words::currency(),
            arcs: ArcMode::Derived,
            facts: serde_json::Value::Null,
            measures: Vec::new(),
            periods: Vec::new(),
            places: Vec::new(),
            categories: Vec::new(),
            units: Vec::new(),
            offers: Vec::new(),
            needs: Vec::new(),
            bundles: Vec::new(),
            pairs: Vec::new(),
            limits: Vec::new(),
            goals: Vec::new(),
            agreements: Vec::new(),
            claims: Vec::new(),
            projects: Vec::new(),
            evaluations: Vec::new(),
            scenarios: Vec::new(),
            expected: serde_json::Value::Null,
        }
    }

    /// Starts a ledger with the given id.
    pub fn builder(id: impl Into<String>) -> LedgerBuilder {
        LedgerBuilder::new(id)
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Ledger::new()
    }
}
