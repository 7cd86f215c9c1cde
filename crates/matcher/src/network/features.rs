//! What of a ledger no network can hold: found, named, and located.
//!
//! In: the ledger, its arcs and rows. Out: [`Feature`]s with the nodes they tie
//! together. Must not know how they might be solved. A feature that cannot bind (a
//! provider cap above the number of possible providers, a useful minimum of one) is
//! none: what is vacuous must not cost purity.

use crate::error::IntegerFeature;
use crate::ledger::{By, Counts, What};
use crate::quantity::PPM;
use crate::validate::{NONE, PairRow, ValidLedger};

use super::arcs::Arcs;
use super::levels::{Level, LevelKind};
use super::rows::Row;
use super::select::Selector;

/// A named feature and the needs it ties together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// What is reported.
    pub feature: IntegerFeature,
    /// Arcs it speaks of, ascending; empty for goals, which tie nothing.
    pub arcs: Vec<u32>,
}

fn feature(
    list: &'static str,
    id: impl Into<String>,
    needs: impl Into<String>,
    arcs: Vec<u32>,
) -> Feature {
    Feature { feature: IntegerFeature { list, id: id.into(), needs: needs.into() }, arcs }
}

/// Features of needs, bundles, pairs, offers and units.
pub fn of_records(
    valid: &ValidLedger,
    selector: &Selector<'_>,
    arcs: &Arcs,
    levels: &[Level],
) -> Vec<Feature> {
    let mut found = Vec::new();
    needs(valid, arcs, &mut found);
    bundles(valid, arcs, &mut found);
    pairs(valid, selector, arcs, &mut found);
    let spends = levels.iter().any(|level| match level.kind {
        LevelKind::Spend => true,
        LevelKind::Weighted { spend, .. } => spend != 0,
        _ => false,
    });
    if spends {
        fixed_costs(valid, selector, arcs, &mut found);
    }
    consumption(valid, arcs, &mut found);
    found
}

/// Distinct units that could serve `need`.
fn providers(valid: &ValidLedger, arcs: &Arcs, need: u32) -> usize {
    let mut units: Vec<u32> = arcs
        .of_need(need)
        .iter()
        .map(|&a| valid.offers()[arcs.offer[a as usize] as usize].unit)
        .collect();
    units.sort_unstable();
    units.dedup();
    units.len()
}

fn needs(valid: &ValidLedger, arcs: &Arcs, found: &mut Vec<Feature>) {
    for (n, need) in valid.ledger().needs.iter().enumerate() {
        let of_need = arcs.of_need(n as u32);
        if of_need.is_empty() {
            continue;
        }
        if need.min_useful > 1 && valid.needs()[n].bundle == NONE {
            let what = format!("a binary: covered is 0 or at least {}", need.min_useful);
            found.push(feature("needs", &need.id, what, of_need.to_vec()));
        }
        if let Some(most) = need.max_providers {
            let possible = providers(valid, arcs, n as u32) as i64;
            if most < possible.min(need.quantity) {
                let what = format!("{possible} binaries: at most {most} of {possible} units");
                found.push(feature("needs", &need.id, what, of_need.to_vec()));
            }
        }
    }
}

fn bundles(valid: &ValidLedger, arcs: &Arcs, found: &mut Vec<Feature>) {
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); valid.ledger().bundles.len()];
    for (n, row) in valid.needs().iter().enumerate() {
        if row.bundle != NONE {
            members[row.bundle as usize].push(n as u32);
        }
    }
    for (bundle, needs) in valid.ledger().bundles.iter().zip(&members) {
        let alone = matches!(needs[..], [n] if valid.ledger().needs[n as usize].min_useful <= 1);
        let mut of_bundle: Vec<u32> =
            needs.iter().flat_map(|&n| arcs.of_need(n).iter().copied()).collect();
        of_bundle.sort_unstable();
        if !alone && !of_bundle.is_empty() {
            let what = format!("a binary: all {} needs are served or none", needs.len());
            found.push(feature("bundles", &bundle.id, what, of_bundle));
        }
    }
}

/// Arcs between the offers of `unit` and the needs at or below `place`.
fn between(
    valid: &ValidLedger,
    selector: &Selector<'_>,
    arcs: &Arcs,
    unit: u32,
    place: u32,
) -> Vec<u32> {
    let node = valid.places()[place as usize];
    let below = |a: &usize| {
        let need = valid.needs()[arcs.need[*a] as usize].place;
        node.covers(&valid.places()[need as usize])
    };
    let offers = selector.offers_of(unit).iter();
    offers.flat_map(|&o| arcs.range(o)).filter(below).map(|a| a as u32).collect()
}

/// Label of a pair row and the arcs it speaks of.
fn pair_scope(
    valid: &ValidLedger,
    selector: &Selector<'_>,
    arcs: &Arcs,
    row: PairRow,
) -> (String, Vec<u32>) {
    let ledger = valid.ledger();
    match row {
        PairRow::Arc(o, n) => (
            format!("{}/{}", ledger.offers[o as usize].id, ledger.needs[n as usize].id),
            arcs.find(o, n).into_iter().collect(),
        ),
        PairRow::Between(u, p) => (
            format!("{}/{}", ledger.units[u as usize].id, ledger.places[p as usize].id),
            between(valid, selector, arcs, u, p),
        ),
    }
}

fn pairs(valid: &ValidLedger, selector: &Selector<'_>, arcs: &Arcs, found: &mut Vec<Feature>) {
    for (pair, &row) in valid.ledger().pairs.iter().zip(valid.pairs()) {
        let lot = pair.min_lot.unwrap_or(0);
        if lot > 1 {
            let (id, scope) = pair_scope(valid, selector, arcs, row);
            if !scope.is_empty() {
                found.push(feature(
                    "pairs",
                    id,
                    format!("a binary: the total is 0 or at least {lot}"),
                    scope,
                ));
            }
        }
    }
}

fn fixed_costs(
    valid: &ValidLedger,
    selector: &Selector<'_>,
    arcs: &Arcs,
    found: &mut Vec<Feature>,
) {
    let ledger = valid.ledger();
    let opens = |cost: i64| format!("a binary: {cost} is spent as soon as it is used");
    for (pair, &row) in ledger.pairs.iter().zip(valid.pairs()) {
        if let Some(cost) = pair.fixed_cost.filter(|&c| c != 0) {
            let (id, scope) = pair_scope(valid, selector, arcs, row);
            if !scope.is_empty() {
                found.push(feature("pairs", id, opens(cost), scope));
            }
        }
    }
    for (o, offer) in ledger.offers.iter().enumerate() {
        let scope: Vec<u32> = arcs.range(o as u32).map(|a| a as u32).collect();
        if offer.fixed_cost != 0 && !scope.is_empty() {
            found.push(feature("offers", &offer.id, opens(offer.fixed_cost), scope));
        }
    }
    for (u, unit) in ledger.units.iter().enumerate() {
        if unit.fixed_cost == 0 {
            continue;
        }
        let offers = selector.offers_of(u as u32).iter();
        let scope: Vec<u32> = offers.flat_map(|&o| arcs.range(o)).map(|a| a as u32).collect();
        if !scope.is_empty() {
            found.push(feature("units", &unit.id, opens(unit.fixed_cost), scope));
        }
    }
}

/// What one unit of service draws from `offer`, if all its arcs agree; 1 without arcs.
pub fn uniform_consumption(arcs: &Arcs, offer: u32) -> Option<i64> {
    let mut range = arcs.range(offer).map(|a| arcs.consumption_of(a as u32));
    let first = range.next().unwrap_or(1);
    range.all(|c| c == first).then_some(first)
}

fn consumption(valid: &ValidLedger, arcs: &Arcs, found: &mut Vec<Feature>) {
    if arcs.consumption.is_empty() {
        return;
    }
    for (o, offer) in valid.ledger().offers.iter().enumerate() {
        if uniform_consumption(arcs, o as u32).is_none() {
            let scope = arcs.range(o as u32).map(|a| a as u32).collect();
            let what = "integer rows: its pairs draw differently on it";
            found.push(feature("offers", &offer.id, what, scope));
        }
    }
}

/// Feature of a row that is not a plain amount and can bind, if it is one.
pub fn of_row(valid: &ValidLedger, arcs: &Arcs, row: &Row, scope: &[u32]) -> Option<Feature> {
    let lower = row.lower.unwrap_or(0);
    let upper = row.upper.unwrap_or(i64::MAX);
    let what = match row.counts {
        Counts::Amount | Counts::Yuan => return None,
        Counts::Pairs => {
            let most = distinct_pairs(valid, arcs, row, scope);
            if lower <= 0 && upper >= most {
                return None;
            }
            format!("{most} binaries: one for each (unit, {}) it counts", row.pair_level.as_str())
        }
        Counts::Served => {
            let most = distinct_needs(arcs, scope);
            if lower <= 0 && upper >= most {
                return None;
            }
            format!("{most} binaries: one for each need it counts")
        }
        Counts::SharePpm => {
            if lower <= 0 && upper >= PPM {
                return None;
            }
            "a side row of weighted shares (linear, but no network)".to_owned()
        }
    };
    Some(feature(row.source.list, row.source.label(), what, scope.to_vec()))
}

fn distinct_needs(arcs: &Arcs, scope: &[u32]) -> i64 {
    let mut needs: Vec<u32> = scope.iter().map(|&a| arcs.need[a as usize]).collect();
    needs.sort_unstable();
    needs.dedup();
    needs.len() as i64
}

fn distinct_pairs(valid: &ValidLedger, arcs: &Arcs, row: &Row, scope: &[u32]) -> i64 {
    let mut pairs: Vec<(u32, u32)> = scope
        .iter()
        .map(|&a| {
            let unit = valid.offers()[arcs.offer[a as usize] as usize].unit;
            let place = valid.needs()[arcs.need[a as usize] as usize].place;
            (unit, valid.ancestor_at(place, row.pair_level).unwrap_or(place))
        })
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.len() as i64
}

/// A row that is linear but crosses the others.
pub fn crossing(row: &Row, scope: Vec<u32>) -> Feature {
    let what = match row.counts {
        Counts::Yuan => "a side row: its arcs have differing prices, or it crosses other limits",
        _ => "a side row: it crosses other limits (linear, but no network)",
    };
    feature(row.source.list, row.source.label(), what, scope)
}

/// Features of goals.
pub fn of_goals(valid: &ValidLedger, levels: &[Level]) -> Vec<Feature> {
    let mut found = Vec::new();
    for (position, goal) in valid.ledger().goals.iter().enumerate() {
        let id = format!("{}:{}", position, goal.label());
        let mut needs = |what: &str| found.push(feature("goals", &id, what, Vec::new()));
        if goal.tolerance_ppm > 0 {
            needs("a row that holds the level within its tolerance");
        }
        if goal.change_budget.is_some() {
            needs("a binary for each standing pair: kept or changed");
        }
        match goal.what {
            What::Partners => needs("a binary for each (unit, community)"),
            What::Balance => needs("a row for each unit's used share"),
            _ => {}
        }
    }
    for level in levels {
        let id = || format!("{}:{}", level.goal.unwrap_or(0), level.label);
        match &level.kind {
            LevelKind::Weighted { partners, .. } if *partners != 0 => {
                found.push(feature(
                    "goals",
                    id(),
                    "a binary for each (unit, community)",
                    Vec::new(),
                ));
            }
            LevelKind::Fair(fair)
                if fair.by == By::Share || fair.of == crate::ledger::ValueOf::Value =>
            {
                found.push(feature(
                    "goals",
                    id(),
                    "rows of weighted shares for its groups (by: amount is a network)",
                    Vec::new(),
                ));
            }
            _ => {}
        }
    }
    found
}

/// A fairness level whose groups do not nest with the limits.
pub fn fair_crossing(level: &Level, why: &str) -> Feature {
    feature("goals", format!("{}:{}", level.goal.unwrap_or(0), level.label), why, Vec::new())
}
