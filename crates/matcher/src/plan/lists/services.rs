//! 品牌服务清单 and 双向服务清单: what each unit does for whom, and what each community
//! and its units give each other.
//!
//! In: ledger and plan. Out: lines grouped by unit, or by community and unit. Must not
//! know money or projects. A need asked by a unit is the unit's, so its service stands
//! twice in a two-way list: as given by the one and as received by the other.

use std::collections::BTreeMap;

use serde::Serialize;

use super::amounts::{Amount, Amounts};
use super::{Given, filled, given};
use crate::ledger::PlaceLevel;
use crate::plan::Plan;
use crate::validate::{NONE, ValidLedger};

/// One assignment with what a reader wants to know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceLine {
    /// The unit that gives.
    pub unit: String,
    /// Its offer.
    pub offer: String,
    /// The need.
    pub need: String,
    /// The unit that asks, if one does.
    pub owner: Option<String>,
    /// Place of the need.
    pub place: String,
    /// Category of the need.
    pub category: String,
    /// Measure of the quantity.
    pub measure: String,
    /// How much.
    pub quantity: i64,
    /// How much of it continues a standing assignment.
    pub kept: i64,
    /// First period.
    pub from: String,
    /// Last period.
    pub to: String,
}

/// What one unit does for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitServices {
    /// The unit.
    pub unit: String,
    /// Its assignments, ascending by offer and need.
    pub lines: Vec<ServiceLine>,
    /// What they add up to.
    pub totals: Vec<Amount>,
}

/// What one unit gives in one community, and what it gets there for its own needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TwoWay {
    /// The community; a need above that level stands under its own place.
    pub place: String,
    /// The unit.
    pub unit: String,
    /// Its assignments to needs there.
    pub gives: Vec<ServiceLine>,
    /// Assignments of others to the needs it asks there.
    pub gets: Vec<ServiceLine>,
    /// What it asks there, served or not.
    pub asks: Vec<Amount>,
}

fn line(valid: &ValidLedger, g: &Given<'_>) -> ServiceLine {
    ServiceLine {
        unit: valid.ledger().units[g.unit as usize].id.clone(),
        offer: g.offer.id.clone(),
        need: g.need.id.clone(),
        owner: g.need.owner.clone(),
        place: filled(&g.need.place),
        category: filled(&g.need.category),
        measure: filled(&g.need.measure),
        quantity: g.quantity,
        kept: g.kept,
        from: g.from.to_owned(),
        to: g.to.to_owned(),
    }
}

/// The service list of every unit that serves, ascending by unit.
///
/// The quantities of all lines are the plan's. O(assignments log records).
pub fn unit_services(valid: &ValidLedger, plan: &Plan) -> Vec<UnitServices> {
    let given = given(valid, plan);
    let mut units: BTreeMap<u32, Vec<&Given<'_>>> = BTreeMap::new();
    for g in &given {
        units.entry(g.unit).or_default().push(g);
    }
    let each = units.into_iter();
    each.map(|(unit, lines)| {
        let mut totals = Amounts::default();
        lines.iter().for_each(|g| totals.add(&g.need.measure, g.quantity));
        UnitServices {
            unit: valid.ledger().units[unit as usize].id.clone(),
            lines: lines.into_iter().map(|g| line(valid, g)).collect(),
            totals: totals.finish(),
        }
    })
    .collect()
}

/// The two-way service lists, ascending by place and unit: one entry for each unit that
/// serves or asks in a place at `level`.
///
/// The quantities of all `gives` are the plan's; those of all `gets` are what needs with
/// an owner are covered with. O((assignments + needs) log records).
pub fn place_services(valid: &ValidLedger, plan: &Plan, level: PlaceLevel) -> Vec<TwoWay> {
    #[derive(Default)]
    struct Both<'a> {
        gives: Vec<ServiceLine>,
        gets: Vec<ServiceLine>,
        asks: Amounts<'a>,
    }
    let ledger = valid.ledger();
    let place_of = |n: u32| {
        let place = valid.needs()[n as usize].place;
        valid.ancestor_at(place, level).unwrap_or(place)
    };
    let mut found: BTreeMap<(u32, u32), Both<'_>> = BTreeMap::new();
    for (n, (need, row)) in ledger.needs.iter().zip(valid.needs()).enumerate() {
        if row.owner != NONE {
            let both = found.entry((place_of(n as u32), row.owner)).or_default();
            both.asks.add(&need.measure, need.quantity);
        }
    }
    for g in &given(valid, plan) {
        let place = place_of(g.n);
        found.entry((place, g.unit)).or_default().gives.push(line(valid, g));
        let owner = valid.needs()[g.n as usize].owner;
        if owner != NONE {
            found.entry((place, owner)).or_default().gets.push(line(valid, g));
        }
    }
    let each = found.into_iter();
    each.map(|((place, unit), both)| TwoWay {
        place: ledger.places[place as usize].id.clone(),
        unit: ledger.units[unit as usize].id.clone(),
        gives: both.gives,
        gets: both.gets,
        asks: both.asks.finish(),
    })
    .collect()
}
