//! Why a need is short or an offer idle, as a statement that can be checked.
//!
//! In: nothing. Out: [`Reason`], written by `explain`, re-proved by this module.
//! Must not know how a reason was found. Ids, never positions: a reader has only the
//! ledger.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::delta::Change;

/// Codes of docs/model.md, section 8, and two for idle offers.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// No offer in this measure.
    NoMeasure,
    /// ... of a comparable category.
    NoCategory,
    /// ... whose area includes the place.
    OutOfArea,
    /// ... in the window.
    OutOfWindow,
    /// ... for the audience and shift.
    AudienceOrShift,
    /// ... proficient enough.
    BelowProficiency,
    /// ... of another unit than the one that asks.
    OwnNeed,
    /// ... near enough.
    Radius,
    /// ... that is not forbidden (or, with explicit arcs, listed).
    Forbidden,
    /// Several needs together ask for more than all their offers can give; of an idle
    /// offer: less is left than one unit of service draws.
    Capacity,
    /// The capacity went where a level counts it for more.
    Outranked,
    /// A cap on partners.
    PartnerCap,
    /// A cap on providers.
    MaxProviders,
    /// A cap on money.
    Budget,
    /// A limit is used up.
    Limit,
    /// Less than the useful minimum was left; of an idle offer: of any need it could serve.
    BelowMinimum,
    /// A sibling in its bundle cannot be served.
    Bundle,
    /// Who could act sits at a higher level and cannot serve this need as it stands.
    BeyondLevel,
    /// No single reason could be proved: cut off, or left open by a tolerance or a minimum.
    NotProved,
    /// Idle offers only: every need it could serve is met, or can take no more of it.
    NeedsMet,
    /// Idle offers only: no need can use it; the funnel says why.
    NoNeed,
}

/// Units moved by which a level would get worse, or nothing would get better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The move, in units of service.
    pub changes: Vec<Change>,
    /// The first level the move changes, for the worse; null: the two are tied.
    pub level: Option<String>,
}

/// One reason with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Which reason.
    pub code: ReasonCode,
    /// Funnel: `[test, thrown out]` in the order of the tests; together all offers (or
    /// needs, for an idle offer).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub funnel: Vec<(String, u64)>,
    /// Needs of a closed set, all served only by `offers` through `limits`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// Offers of a closed set; for `beyond_level` those who could act.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<String>,
    /// Limits that bind, with their groups: `hours[u05]`; for `below_minimum` pair rows whose
    /// lot is more than can be given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
    /// What `needs` ask for together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<i64>,
    /// The most that any plan can give them; of a rule found by trying, without `asked`: what
    /// it leaves, which is less than the smallest step would take. Absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<i64>,
    /// The evidence is written out at the outcome of this need (same code, same set).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
    /// For `beyond_level`: the next level up that has the power.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// For `outranked`: moves that would help this need, and what they would cost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchange>,
}

impl Reason {
    /// A reason without evidence yet.
    pub fn new(code: ReasonCode) -> Self {
        Reason {
            code,
            funnel: Vec::new(),
            needs: Vec::new(),
            offers: Vec::new(),
            limits: Vec::new(),
            asked: None,
            available: None,
            same_as: None,
            level: None,
            exchanges: Vec::new(),
        }
    }
}

impl Reason {
    /// Whether only the evidence that belongs to the code is given: what nobody checks
    /// must not stand in a reason.
    pub(super) fn only_its_own(&self) -> Result<(), String> {
        use ReasonCode::{
            BelowMinimum, BeyondLevel, Budget, Bundle, Capacity, Limit, MaxProviders, NoNeed,
            Outranked, PartnerCap,
        };
        let rule = matches!(self.code, Bundle | Budget | MaxProviders | PartnerCap);
        let set = matches!(self.code, Capacity | Limit | BelowMinimum) || rule;
        let sums = self.asked.is_some() || self.available.is_some();
        let sets = !self.needs.is_empty() || !self.offers.is_empty() || !self.limits.is_empty();
        let foreign = [
            ("funnel", !self.funnel.is_empty() && !self.code.is_funnel() && self.code != NoNeed),
            ("needs", !self.needs.is_empty() && !set),
            ("offers", !self.offers.is_empty() && !set && self.code != BeyondLevel),
            (
                "limits",
                !self.limits.is_empty() && !matches!(self.code, Limit | BelowMinimum) && !rule,
            ),
            ("asked or available", sums && !set),
            ("same_as", self.same_as.is_some() && (!set || sums || sets)),
            ("level", self.level.is_some() && self.code != BeyondLevel),
            ("exchanges", !self.exchanges.is_empty() && self.code != Outranked),
        ];
        match foreign.iter().find(|field| field.1) {
            Some((field, _)) => Err(format!("{field} do not belong to it")),
            None => Ok(()),
        }
    }
}

impl ReasonCode {
    /// The funnel's codes in the order of its tests.
    pub const FUNNEL: [ReasonCode; 9] = [
        ReasonCode::NoMeasure,
        ReasonCode::NoCategory,
        ReasonCode::OutOfArea,
        ReasonCode::OutOfWindow,
        ReasonCode::AudienceOrShift,
        ReasonCode::BelowProficiency,
        ReasonCode::OwnNeed,
        ReasonCode::Radius,
        ReasonCode::Forbidden,
    ];

    /// The funnel code of the given word, if it is one.
    pub fn from_funnel(word: &str) -> Option<Self> {
        let words = crate::network::Funnel::CODES;
        words.iter().position(|w| *w == word).map(|k| Self::FUNNEL[k])
    }

    /// Whether it belongs to the funnel.
    pub fn is_funnel(self) -> bool {
        Self::FUNNEL.contains(&self)
    }
}
