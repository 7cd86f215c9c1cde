//! Levels of a part as costs over its columns.
//!
//! In: the network's levels. Out: one [`Form`] a level. Must not know the order in which
//! they are solved.

use std::collections::BTreeMap;

use crate::ledger::{By, FairForm, ValueOf};
use crate::quantity::{SHARE_SCALE, share_coefficient};

use super::super::{Fair, Level, LevelKind, Network, Sense, breakpoints};
use super::build::{Index, columns_by};
use super::indicators::Indicators;
use super::{Form, Group, Meaning, Program};

pub(super) fn levels(
    network: &Network,
    program: &mut Program,
    indicators: &mut Indicators,
    index: &Index,
) {
    // First of the columns that hold the parts of a need's coverage.
    let mut parts: BTreeMap<u32, u32> = BTreeMap::new();
    for level in &network.levels {
        let form = match &level.kind {
            LevelKind::Soft => Form::Linear(misses(program)),
            LevelKind::Fair(fair) => fairness(network, fair, &index.needs, program),
            LevelKind::Balance => Form::Linear(balance(network, program)),
            LevelKind::TierReach(_) | LevelKind::TierBeyond(_) => {
                Form::Linear(tier(network, level, &index.needs, &mut parts, program))
            }
            LevelKind::Keep => Form::Linear(keep(network, level, program)),
            _ => Form::Linear(by_arc(network, level, indicators, index, program)),
        };
        program.levels.push(form);
        program.noise.push(noise(network, level, &index.needs));
        let goal = level.goal.map(|g| &network.valid.ledger().goals[g]);
        program.tolerance.push(goal.map_or(0, |goal| goal.tolerance_ppm));
    }
}

fn noise(network: &Network, level: &Level, needs: &BTreeMap<u32, Vec<u32>>) -> i128 {
    let of_value = matches!(&level.kind, LevelKind::Fair(fair) if fair.of == ValueOf::Value);
    if level.by != By::Share || level.scale == 1 || of_value {
        return 0;
    }
    let records = &network.valid.ledger().needs;
    let rough = needs.keys().filter(|&&need| level.needs.has(need)).map(|&need| {
        let asked = records[need as usize].quantity;
        if SHARE_SCALE % asked == 0 { 0 } else { i128::from(asked) }
    });
    rough.sum()
}

fn signed(level: &Level, worth: i64) -> i64 {
    match level.sense {
        Sense::Maximize => -worth,
        Sense::Minimize => worth,
    }
}

/// Costs of service, and of what it opens.
fn by_arc(
    network: &Network,
    level: &Level,
    indicators: &mut Indicators,
    index: &Index,
    program: &mut Program,
) -> Vec<(u32, i64)> {
    let mut terms: Vec<(u32, i64)> = Vec::new();
    for (c, &arc) in program.arcs.iter().enumerate() {
        let need = network.arcs.need[arc as usize];
        let worth = match level.kind {
            LevelKind::Cover => level.cover_coefficient(network.valid, need, 0),
            // `build` has checked every coefficient against its range.
            _ => level.arc_coefficient(network.valid, &network.arcs, arc).unwrap_or(0),
        };
        if worth != 0 {
            terms.push((c as u32, signed(level, worth)));
        }
    }
    let (spend, partners) = match level.kind {
        LevelKind::Spend => (1, 0),
        LevelKind::Partners => (0, 1),
        LevelKind::Weighted { spend, partners, .. } => (spend, partners),
        _ => (0, 0),
    };
    if spend != 0 && network.has_fixed_costs() {
        for (columns, cost) in openings(network, index, program) {
            let z = indicators.used(network, program, &columns);
            terms.push((z, signed(level, spend * cost)));
        }
    }
    if partners != 0 {
        for columns in partner_sets(network, level, program) {
            let z = indicators.used(network, program, &columns);
            terms.push((z, signed(level, partners)));
        }
    }
    merged(terms)
}

fn merged(mut terms: Vec<(u32, i64)>) -> Vec<(u32, i64)> {
    terms.sort_unstable_by_key(|&(c, _)| c);
    terms.dedup_by(|next, first| {
        let same = next.0 == first.0;
        if same {
            first.1 += next.1;
        }
        same
    });
    terms
}

/// Sets of service columns that cost something to open, with the cost.
fn openings(network: &Network, index: &Index, program: &Program) -> Vec<(Vec<u32>, i64)> {
    let ledger = network.valid.ledger();
    let mut found = Vec::new();
    for (pair, &row) in ledger.pairs.iter().zip(network.valid.pairs()) {
        if let Some(cost) = pair.fixed_cost.filter(|&c| c != 0) {
            found.push((index.pair(network, program, row), cost));
        }
    }
    let offer = |arc: u32| network.arcs.offer[arc as usize];
    for (o, columns) in columns_by(program, offer) {
        found.push((columns, ledger.offers[o as usize].fixed_cost));
    }
    for (&u, columns) in &index.units {
        found.push((columns.clone(), ledger.units[u as usize].fixed_cost));
    }
    found.retain(|(columns, cost)| *cost != 0 && !columns.is_empty());
    found
}

/// Service columns of each (unit, community) that the level counts.
fn partner_sets(network: &Network, level: &Level, program: &Program) -> Vec<Vec<u32>> {
    let key = |arc: u32| (level.needs.has(network.arcs.need[arc as usize]), network.partners(arc));
    columns_by(program, key)
        .into_iter()
        .filter(|((counts, _), _)| *counts)
        .map(|(_, c)| c)
        .collect()
}

/// Costs of the columns that say how far soft limits are missed.
fn misses(program: &Program) -> Vec<(u32, i64)> {
    let cost = |(c, column): (usize, &super::Column)| match &column.meaning {
        Meaning::Miss { bound, share, .. } => {
            let each = if !share {
                let bound = i64::try_from(bound.unsigned_abs()).unwrap_or(i64::MAX).max(1);
                share_coefficient(1, bound).unwrap_or(0)
            } else {
                1
            };
            Some((c as u32, each))
        }
        _ => None,
    };
    program.columns.iter().enumerate().filter_map(cost).collect()
}

/// Parts of each need's coverage between the breakpoints of all tiers.
fn tier(
    network: &Network,
    level: &Level,
    needs: &BTreeMap<u32, Vec<u32>>,
    parts: &mut BTreeMap<u32, u32>,
    program: &mut Program,
) -> Vec<(u32, i64)> {
    let mut terms = Vec::new();
    for (&need, columns) in needs {
        if !level.needs.has(need) {
            continue;
        }
        let known = parts.get(&need).copied();
        let mut points = breakpoints(&network.levels, network.valid, need);
        points.push(network.valid.ledger().needs[need as usize].quantity);
        let mut from = 0;
        let mut sum: Vec<(u32, i64)> = columns.iter().map(|&c| (c, -1)).collect();
        for (k, &to) in points.iter().enumerate() {
            let part = match known {
                // The parts of a need stand side by side.
                Some(first) => first + k as u32,
                None => program.push(0, to - from, Meaning::Part(columns.clone(), from)),
            };
            sum.push((part, 1));
            let worth = level.cover_coefficient(network.valid, need, from);
            if worth != 0 {
                terms.push((part, signed(level, worth)));
            }
            from = to;
        }
        if known.is_none() {
            parts.insert(need, sum[columns.len()].0);
            program.row(sum, Some(0), Some(0));
        }
    }
    merged(terms)
}

fn keep(network: &Network, level: &Level, program: &mut Program) -> Vec<(u32, i64)> {
    let mut terms = Vec::new();
    for &(arc, standing) in &network.arcs.baseline {
        let Some(service) = program.column_of(arc) else { continue };
        let worth = level.keep_coefficient(network.valid, network.arcs.need[arc as usize]);
        if worth == 0 {
            continue;
        }
        let upper = program.columns[service as usize].upper;
        let column = if standing >= upper {
            service
        } else {
            let kept = program.push(0, standing, Meaning::Kept(service, standing));
            program.row(vec![(service, -1), (kept, 1)], None, Some(0));
            kept
        };
        terms.push((column, signed(level, worth)));
    }
    merged(terms)
}

fn fairness(
    network: &Network,
    fair: &Fair,
    needs: &BTreeMap<u32, Vec<u32>>,
    program: &Program,
) -> Form {
    let records = &network.valid.ledger().needs;
    let group = |of: &[u32]| {
        let mut terms: Vec<(u32, i64)> = Vec::new();
        let mut whole = 0i128;
        for &need in of {
            let record = &records[need as usize];
            whole += match fair.by {
                By::Share => i128::from(record.priority) * i128::from(SHARE_SCALE),
                By::Amount => i128::from(record.quantity),
            };
            for &c in needs.get(&need).into_iter().flatten() {
                let worth = match (fair.of, fair.by) {
                    (ValueOf::Value, _) => network.arcs.value_of(program.arcs[c as usize]),
                    (ValueOf::Coverage, By::Amount) => 1,
                    (ValueOf::Coverage, By::Share) => {
                        share_coefficient(record.priority, record.quantity).unwrap_or(0)
                    }
                };
                terms.push((c, worth));
            }
        }
        terms.sort_unstable();
        let whole = if fair.of == ValueOf::Value { 1 } else { whole };
        Group { terms, whole }
    };
    Form::Fair {
        groups: fair.groups.iter().map(|g| group(&g.needs)).collect(),
        leximin: fair.form == FairForm::Leximin,
    }
}

fn balance(network: &Network, program: &mut Program) -> Vec<(u32, i64)> {
    let ledger = network.valid.ledger();
    let mut totals = vec![0i64; ledger.units.len()];
    for (offer, row) in ledger.offers.iter().zip(network.valid.offers()) {
        totals[row.unit as usize] = totals[row.unit as usize].saturating_add(offer.quantity);
    }
    let unit = |arc: u32| network.valid.offers()[network.arcs.offer[arc as usize] as usize].unit;
    let loads: Vec<(Vec<(u32, i64)>, i64)> = columns_by(program, unit)
        .into_iter()
        .filter(|(u, _)| totals[*u as usize] > 0)
        .map(|(u, columns)| {
            let each = |c: u32| (c, network.arcs.consumption_of(program.arcs[c as usize]));
            (columns.into_iter().map(each).collect(), totals[u as usize])
        })
        .collect();
    let peak = program.push(0, SHARE_SCALE, Meaning::Peak(loads.clone()));
    for (terms, total) in loads {
        // used * 10^12 <= total * peak; both sides stay within 64 bits for a single
        // term because a consumption is at most 10^6.
        let mut row: Vec<(u32, i64)> =
            terms.into_iter().map(|(c, each)| (c, each.saturating_mul(SHARE_SCALE))).collect();
        row.push((peak, -total));
        program.row(row, None, Some(0));
    }
    vec![(peak, 1)]
}
