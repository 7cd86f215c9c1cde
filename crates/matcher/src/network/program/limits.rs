//! Limits of a part as rows, hard or with a miss, and the budget of changes.
//!
//! In: the network's rows. Out: lines of the program. Must not know levels. A soft row
//! becomes one column for each bound it has: how far it is missed.

use std::collections::BTreeMap;

use crate::ledger::Counts;
use crate::quantity::{PPM, SHARE_SCALE, share_coefficient, share_coefficient_up};
use crate::validate::NONE;

use super::super::build::scope;
use super::super::{LevelKind, Network, Row};
use super::build::ServedOf;
use super::indicators::Indicators;
use super::{Line, Meaning, Program};

/// The sum a row counts, and what one unit of its bounds weighs in it.
struct Sum {
    /// As an upper bound counts it.
    terms: Vec<(u32, i64)>,
    /// As a lower bound counts it, where that differs: shares are rounded in favour of the
    /// plan on either side.
    lower: Option<Vec<(u32, i64)>>,
    unit: i128,
}

/// Adds the rows that touch the part.
pub(super) fn limits(
    network: &Network,
    program: &mut Program,
    indicators: &mut Indicators,
    needs: &BTreeMap<u32, Vec<u32>>,
    served: &ServedOf,
) {
    for row in &network.rows {
        let scope = columns(network, program, row);
        if scope.is_empty() {
            continue;
        }
        let sum = sum(network, program, indicators, needs, served, row, &scope);
        // Money where everything is free: the network tells what that misses.
        if sum.terms.is_empty() {
            continue;
        }
        if row.hard {
            let bound = |b: Option<i64>| b.map(|b| i128::from(b) * sum.unit);
            let rule = (!row.untouchable).then(|| row.source.label());
            let (lower, upper) = (bound(row.lower), bound(row.upper));
            let first = program.rows.len();
            match sum.lower {
                Some(rounded) if lower.is_some() => {
                    let low = Line { terms: rounded, lower, upper: None, rule: rule.clone() };
                    program.rows.push(low);
                    if upper.is_some() {
                        program.rows.push(Line { terms: sum.terms, lower: None, upper, rule });
                    }
                }
                _ => program.rows.push(Line { terms: sum.terms, lower, upper, rule }),
            }
            if row.untouchable {
                let added = (first..program.rows.len()).map(|at| (at, row.source.label()));
                program.untouchable.extend(added);
            }
        } else {
            let lower = sum.lower.as_ref().unwrap_or(&sum.terms);
            miss(program, lower, sum.unit, row.lower, true);
            miss(program, &sum.terms, sum.unit, row.upper, false);
        }
    }
}

/// Service columns a row speaks of.
fn columns(network: &Network, program: &Program, row: &Row) -> Vec<u32> {
    scope(&network.arcs, row).into_iter().filter_map(|arc| program.column_of(arc)).collect()
}

fn sum(
    network: &Network,
    program: &mut Program,
    indicators: &mut Indicators,
    needs: &BTreeMap<u32, Vec<u32>>,
    served: &ServedOf,
    row: &Row,
    scope: &[u32],
) -> Sum {
    let ledger = network.valid.ledger();
    let arc_of = |program: &Program, c: u32| program.arcs[c as usize];
    let plain = |terms: Vec<(u32, i64)>| Sum { terms, lower: None, unit: 1 };
    match row.counts {
        Counts::Amount => plain(scope.iter().map(|&c| (c, 1)).collect()),
        Counts::Yuan => plain(
            scope
                .iter()
                .map(|&c| {
                    let arc = arc_of(program, c);
                    let offer = network.arcs.offer[arc as usize] as usize;
                    (c, ledger.offers[offer].unit_cost + network.arcs.cost_of(arc))
                })
                .filter(|&(_, price)| price != 0)
                .collect(),
        ),
        Counts::Pairs => {
            let mut pairs: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
            for &c in scope {
                let arc = arc_of(program, c) as usize;
                let place = network.valid.needs()[network.arcs.need[arc] as usize].place;
                let at = network.valid.ancestor_at(place, row.pair_level).unwrap_or(place);
                let unit = network.valid.offers()[network.arcs.offer[arc] as usize].unit;
                pairs.entry((unit, at)).or_default().push(c);
            }
            let mut terms: Vec<(u32, i64)> =
                pairs.values().map(|set| (indicators.used(network, program, set), 1)).collect();
            terms.sort_unstable();
            plain(terms)
        }
        Counts::Served => {
            let mut by_need: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for &c in scope {
                let need = network.arcs.need[arc_of(program, c) as usize];
                by_need.entry(need).or_default().push(c);
            }
            // Of each need, or of each bundle, which counts once.
            let mut whole: BTreeMap<(bool, u32), u32> = BTreeMap::new();
            let mut partly: BTreeMap<(bool, u32), Vec<Member>> = BTreeMap::new();
            for (need, columns) in by_need {
                let bundle = network.valid.needs()[need as usize].bundle;
                let key = if bundle == NONE { (false, need) } else { (true, bundle) };
                let record = &ledger.needs[need as usize];
                match served.get(&key) {
                    Some(&mark) if needs.get(&need).is_some_and(|n| n.len() == columns.len()) => {
                        whole.insert(key, mark);
                    }
                    // Only the service of the selected offers counts here.
                    _ => partly.entry(key).or_default().push((
                        columns,
                        record.quantity,
                        record.min_useful.max(1),
                    )),
                }
            }
            // Whoever reaches the least of one need of a bundle serves the bundle, so that
            // the mark of a need that is selected whole stands for all of them.
            partly.retain(|key, _| !whole.contains_key(key));
            let mut marks: Vec<u32> = whole.into_values().collect();
            marks.extend(partly.into_values().map(|members| any(program, indicators, members)));
            marks.sort_unstable();
            plain(marks.into_iter().map(|mark| (mark, 1)).collect())
        }
        Counts::SharePpm => {
            let terms = |of: fn(i64, i64) -> Option<i64>| -> Vec<(u32, i64)> {
                let term = |&c: &u32| {
                    let need = network.arcs.need[arc_of(program, c) as usize] as usize;
                    let record = &ledger.needs[need];
                    // In range: priorities are at most 5 and quantities at least 1.
                    (c, of(record.priority, record.quantity).unwrap_or(0))
                };
                scope.iter().map(term).collect()
            };
            let (down, up) = (terms(share_coefficient), terms(share_coefficient_up));
            let lower = (up != down).then_some(up);
            let weight: i128 = row
                .demand
                .positions(ledger.needs.len())
                .iter()
                .map(|&n| i128::from(ledger.needs[n as usize].priority))
                .sum();
            // A share of one part per million is 10^6 of the 10^12 parts, times weights.
            Sum { terms: down, lower, unit: weight * i128::from(SHARE_SCALE / PPM) }
        }
    }
}

/// Service columns of a need, its quantity and its least.
type Member = (Vec<u32>, i64, i64);

/// The binary of any of these needs reaching its least.
fn any(program: &mut Program, indicators: &mut Indicators, members: Vec<Member>) -> u32 {
    let needs: Vec<(Vec<u32>, i64)> = members.iter().map(|m| (m.0.clone(), m.2)).collect();
    let marks: Vec<u32> =
        members.into_iter().map(|member| reaches(program, indicators, member)).collect();
    if let [mark] = marks[..] {
        return mark;
    }
    let some = program.push(0, 1, Meaning::Served(needs));
    let mut all: Vec<(u32, i64)> = Vec::new();
    for mark in marks {
        program.row(vec![(mark, 1), (some, -1)], None, Some(0));
        all.push((mark, 1));
    }
    all.push((some, -1));
    program.row(all, Some(0), None);
    some
}

/// The binary of a need reaching its least by some of its columns alone, which does not
/// bind the others to anything.
fn reaches(
    program: &mut Program,
    indicators: &mut Indicators,
    (columns, quantity, least): Member,
) -> u32 {
    if least <= 1 {
        return indicators.served(program, &[(columns, quantity, least)]);
    }
    let y = program.push(0, 1, Meaning::Served(vec![(columns.clone(), least)]));
    let mut sum: Vec<(u32, i64)> = columns.iter().map(|&c| (c, 1)).collect();
    // 0 as long as the least is not reached, 1 as soon as it is.
    sum.push((y, -least));
    program.row(sum.clone(), Some(0), None);
    if let Some(last) = sum.last_mut() {
        last.1 = -(quantity - least + 1);
    }
    program.row(sum, None, Some(i128::from(least) - 1));
    y
}

/// A column for how far a soft bound is missed.
fn miss(program: &mut Program, sum: &[(u32, i64)], unit: i128, bound: Option<i64>, below: bool) {
    let Some(bound) = bound else { return };
    let total = i128::from(bound) * unit;
    // A share is missed in 10^12 parts, all else in its own unit.
    let step = unit / if unit == 1 { 1 } else { i128::from(SHARE_SCALE / PPM) };
    let reach = |c: u32, coefficient: i64| {
        let column = &program.columns[c as usize];
        let bound = if (coefficient > 0) == below { column.lower } else { column.upper };
        i128::from(coefficient) * i128::from(bound)
    };
    let worst: i128 = sum.iter().map(|&(c, k)| reach(c, k)).sum();
    let distance = if below { total - worst } else { worst - total };
    let most = (distance.max(0) + step - 1) / step;
    let upper = i64::try_from(most).unwrap_or(i64::MAX);
    let share = unit != 1;
    let meaning = Meaning::Miss { terms: sum.to_vec(), bound: total, step, below, share };
    let e = program.push(0, upper, meaning);
    let mut terms = sum.to_vec();
    let each = i64::try_from(step).unwrap_or(i64::MAX);
    terms.push((e, if below { each } else { -each }));
    if below {
        program.row(terms, Some(total), None);
    } else {
        program.row(terms, None, Some(total));
    }
}

/// At most so many standing assignments may be changed: the others keep their quantity.
pub(super) fn change_budget(network: &Network, program: &mut Program) {
    let goals = &network.valid.ledger().goals;
    for level in network.levels.iter().filter(|level| level.kind == LevelKind::Keep) {
        let budget = level.goal.and_then(|g| goals[g].change_budget);
        let Some(budget) = budget else { continue };
        let mut terms: Vec<(u32, i64)> = Vec::new();
        for &(arc, standing) in &network.arcs.baseline {
            let Some(column) = program.column_of(arc) else { continue };
            if !level.needs.has(network.arcs.need[arc as usize]) {
                continue;
            }
            let possible = program.columns[column as usize].upper >= standing;
            let h = program.push(0, i64::from(possible), Meaning::Held(column, standing));
            program.row(vec![(column, 1), (h, -standing)], Some(0), None);
            terms.push((h, 1));
        }
        let least = terms.len() as i128 - i128::from(budget);
        if least > 0 {
            let rule = Some(level.label.clone());
            program.rows.push(Line { terms, lower: Some(least), upper: None, rule });
        }
    }
}
