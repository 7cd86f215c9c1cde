//! The funding list: who pays what for which need, and what priced services cost.
//!
//! In: ledger and plan. Out: money given (needs in a measure of money), money spent (unit
//! and pair costs of services), and fixed costs incurred. Must not add money given to
//! money spent: the first is what a need gets, the second what a service takes. A measure
//! is money when its id is `yuan` or the ledger's currency.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Given, covered, filled, given};
use crate::network::Facts;
use crate::plan::{Big, Plan};
use crate::validate::{PairRow, ValidLedger};

/// How far a need for money is funded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FundingState {
    /// All it asks for.
    Full,
    /// At least its useful minimum.
    Part,
    /// Nothing.
    None,
}

/// One payment or one cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FundingLine {
    /// The unit that gives.
    pub unit: String,
    /// Its offer.
    pub offer: String,
    /// Money given; 0 for a priced service.
    pub given: i64,
    /// What the line costs by unit cost and pair cost.
    pub cost: Big,
}

/// A need that takes money, or whose service costs money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FundingRow {
    /// Bundle (项目) of the need.
    pub bundle: Option<String>,
    /// The need.
    pub need: String,
    /// Its place.
    pub place: String,
    /// Its category.
    pub category: String,
    /// Money it asks for; 0 for a need that is not in money.
    pub asked: i64,
    /// Money it gets.
    pub given: i64,
    /// How far it is funded; none for a need that is not in money.
    pub state: Option<FundingState>,
    /// What its services cost.
    pub cost: Big,
    /// Payments and costs, ascending by offer.
    pub lines: Vec<FundingLine>,
}

/// A cost that is incurred once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FixedCost {
    /// `units`, `offers` or `pairs`.
    pub list: &'static str,
    /// Id of the record; `offer/need` or `unit/place` for a pair.
    pub id: String,
    /// The cost.
    pub cost: i64,
}

/// The whole list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Funding {
    /// Needs with money, ascending by bundle and id; those without a bundle come last.
    pub rows: Vec<FundingRow>,
    /// Fixed costs incurred.
    pub fixed: Vec<FixedCost>,
    /// Money given in all.
    pub given: i64,
    /// Costs in all, the fixed ones included: the value of the goal `spend`.
    pub spent: Big,
}

/// Reads the funding list off a plan.
///
/// Needs in money stand in it whether they get any or not; others only if they cost
/// something. O(needs + assignments (log records + depth of the places)).
pub fn funding(valid: &ValidLedger, plan: &Plan) -> Funding {
    let ledger = valid.ledger();
    let all = given(valid, plan);
    let facts = Facts::new(valid);
    let money = |measure: &Option<String>| {
        measure.as_deref().is_some_and(|m| m == "yuan" || m.eq_ignore_ascii_case(&ledger.currency))
    };
    let mut by_need: BTreeMap<u32, Vec<(&Given<'_>, i128)>> = BTreeMap::new();
    for (n, need) in ledger.needs.iter().enumerate() {
        if money(&need.measure) {
            by_need.entry(n as u32).or_default();
        }
    }
    for g in &all {
        let pair = facts.of(g.o, g.n, facts.row(g.o, g.n)).cost;
        let cost = (i128::from(g.offer.unit_cost) + i128::from(pair)) * i128::from(g.quantity);
        if cost != 0 || money(&g.need.measure) {
            by_need.entry(g.n).or_default().push((g, cost));
        }
    }
    let covered = covered(valid, &all);
    let mut rows: Vec<FundingRow> = by_need
        .into_iter()
        .map(|(n, lines)| {
            let need = &ledger.needs[n as usize];
            let in_money = money(&need.measure);
            let got = if in_money { covered[n as usize] } else { 0 };
            FundingRow {
                bundle: need.bundle.clone(),
                need: need.id.clone(),
                place: filled(&need.place),
                category: filled(&need.category),
                asked: if in_money { need.quantity } else { 0 },
                given: got,
                state: in_money.then_some(match got {
                    0 => FundingState::None,
                    got if got >= need.quantity => FundingState::Full,
                    _ => FundingState::Part,
                }),
                cost: Big(lines.iter().map(|(_, cost)| cost).sum()),
                lines: lines
                    .into_iter()
                    .map(|(g, cost)| FundingLine {
                        unit: g.offer.unit.clone(),
                        offer: g.offer.id.clone(),
                        given: if in_money { g.quantity } else { 0 },
                        cost: Big(cost),
                    })
                    .collect(),
            }
        })
        .collect();
    rows.sort_by(|a, b| {
        (a.bundle.is_none(), &a.bundle, &a.need).cmp(&(b.bundle.is_none(), &b.bundle, &b.need))
    });
    let fixed = fixed_costs(valid, &all);
    let given = rows.iter().map(|row| row.given).sum();
    let spent = rows.iter().map(|row| row.cost.0).sum::<i128>()
        + fixed.iter().map(|f| i128::from(f.cost)).sum::<i128>();
    Funding { rows, fixed, given, spent: Big(spent) }
}

/// Fixed costs of every unit, offer and pair that is used.
fn fixed_costs(valid: &ValidLedger, all: &[Given<'_>]) -> Vec<FixedCost> {
    let ledger = valid.ledger();
    let units: BTreeSet<u32> = all.iter().map(|g| g.unit).collect();
    let offers: BTreeSet<u32> = all.iter().map(|g| g.o).collect();
    let arcs: BTreeSet<(u32, u32)> = all.iter().map(|g| (g.o, g.n)).collect();
    let mut needs_of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for g in all {
        needs_of.entry(g.unit).or_default().push(g.n);
    }
    let mut found = Vec::new();
    for unit in units.iter().map(|&u| &ledger.units[u as usize]) {
        found.push(FixedCost { list: "units", id: unit.id.clone(), cost: unit.fixed_cost });
    }
    for offer in offers.iter().map(|&o| &ledger.offers[o as usize]) {
        found.push(FixedCost { list: "offers", id: offer.id.clone(), cost: offer.fixed_cost });
    }
    for (pair, row) in ledger.pairs.iter().zip(valid.pairs()) {
        let Some(cost) = pair.fixed_cost.filter(|&cost| cost != 0) else { continue };
        let (used, id) = match *row {
            PairRow::Arc(o, n) => (
                arcs.contains(&(o, n)),
                format!("{}/{}", ledger.offers[o as usize].id, ledger.needs[n as usize].id),
            ),
            PairRow::Between(unit, place) => {
                let place_node = valid.places()[place as usize];
                let below = |n: &u32| {
                    let at = valid.needs()[*n as usize].place;
                    place_node.covers(&valid.places()[at as usize])
                };
                (
                    needs_of.get(&unit).is_some_and(|needs| needs.iter().any(below)),
                    format!(
                        "{}/{}",
                        ledger.units[unit as usize].id, ledger.places[place as usize].id
                    ),
                )
            }
        };
        if used {
            found.push(FixedCost { list: "pairs", id, cost });
        }
    }
    found.retain(|f| f.cost != 0);
    found
}
