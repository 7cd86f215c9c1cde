//! Level values, recomputed from assignments.
//!
//! In: the ledger and the service on each arc. Out: one exact value a level. Must not
//! know potentials or proofs.

use crate::ledger::{By, Counts, PlaceLevel, ValueOf};
use crate::network::{Level, LevelKind, Network, Row};
use crate::quantity::{PPM, SHARE_SCALE, share_coefficient};
use crate::validate::ValidLedger;

use super::feasibility::{row_total, share};

/// One group of a fairness level: its name and its exact value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FairValue {
    /// Name of the group.
    pub group: String,
    /// What it has.
    pub numerator: i128,
    /// Out of what.
    pub denominator: i128,
}

impl FairValue {
    /// Compares two values exactly.
    pub fn cmp_value(&self, other: &FairValue) -> std::cmp::Ordering {
        (self.numerator * other.denominator).cmp(&(other.numerator * self.denominator))
    }
}

/// Value of a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelValue {
    /// In the level's scale.
    pub value: i128,
    /// For fairness: all groups, worst first, ties by name.
    pub vector: Option<Vec<FairValue>>,
}

/// Values of all levels. O(levels * arcs).
pub fn level_values(valid: &ValidLedger, network: &Network, service: &[i64]) -> Vec<LevelValue> {
    network.levels.iter().map(|level| level_value(valid, network, service, level)).collect()
}

/// Value of one level under the given service.
pub fn level_value(
    valid: &ValidLedger,
    network: &Network,
    service: &[i64],
    level: &Level,
) -> LevelValue {
    let arcs = &network.arcs;
    let used = || service.iter().enumerate().filter(|&(_, &x)| x != 0);
    let by_arc = || -> i128 {
        used()
            .map(|(a, &x)| {
                let each = level.arc_coefficient(valid, arcs, a as u32).unwrap_or(0);
                i128::from(each) * i128::from(x)
            })
            .sum()
    };
    let plain = |value| LevelValue { value, vector: None };
    match &level.kind {
        LevelKind::Soft => plain(soft(valid, network, service)),
        LevelKind::Cover => plain(
            used()
                .map(|(a, &x)| {
                    i128::from(level.cover_coefficient(valid, arcs.need[a], 0)) * i128::from(x)
                })
                .sum(),
        ),
        LevelKind::TierReach(_) | LevelKind::TierBeyond(_) => {
            let mut covered = vec![0i64; valid.needs().len()];
            used().for_each(|(a, &x)| covered[arcs.need[a] as usize] += x);
            plain(
                covered
                    .iter()
                    .enumerate()
                    .map(|(n, &units)| tier_value(valid, network, level, n as u32, units))
                    .sum(),
            )
        }
        LevelKind::Keep => plain(
            arcs.baseline
                .iter()
                .map(|&(a, standing)| {
                    let each = level.keep_coefficient(valid, arcs.need[a as usize]);
                    i128::from(each) * i128::from(service[a as usize].min(standing))
                })
                .sum(),
        ),
        LevelKind::Spend => plain(by_arc() + fixed_costs(valid, network, service)),
        LevelKind::Weighted { spend, partners, .. } => {
            let mut value = by_arc();
            if *spend != 0 {
                value += i128::from(*spend) * fixed_costs(valid, network, service);
            }
            if *partners != 0 {
                value += i128::from(*partners) * partner_count(valid, network, service, level);
            }
            plain(value)
        }
        LevelKind::Fit | LevelKind::Near | LevelKind::Escalate | LevelKind::Value => {
            plain(by_arc())
        }
        LevelKind::Partners => plain(partner_count(valid, network, service, level)),
        LevelKind::Balance => plain(balance(valid, network, service)),
        LevelKind::Fair(fair) => {
            let mut vector: Vec<FairValue> = fair
                .groups
                .iter()
                .map(|group| fair_value(valid, network, service, fair.by, fair.of, group))
                .collect();
            vector.sort_by(|a, b| a.cmp_value(b).then_with(|| a.group.cmp(&b.group)));
            let value = match (vector.first(), fair.of) {
                (None, ValueOf::Coverage) => i128::from(SHARE_SCALE),
                (None, ValueOf::Value) => 0,
                (Some(worst), _) => {
                    (worst.numerator * i128::from(SHARE_SCALE)).div_euclid(worst.denominator.max(1))
                }
            };
            LevelValue { value, vector: Some(vector) }
        }
    }
}

/// Worth of `units` of coverage of one need at a tier level, part by part.
pub(super) fn tier_value(
    valid: &ValidLedger,
    network: &Network,
    level: &Level,
    need: u32,
    units: i64,
) -> i128 {
    let mut points = crate::network::breakpoints(&network.levels, valid, need);
    points.push(i64::MAX);
    let mut from = 0;
    let mut value = 0i128;
    for to in points {
        if from >= units {
            break;
        }
        let upto = to.min(units);
        value += i128::from(level.cover_coefficient(valid, need, from)) * i128::from(upto - from);
        from = upto;
    }
    value
}

fn soft(valid: &ValidLedger, network: &Network, service: &[i64]) -> i128 {
    let mut missed = 0i128;
    for row in network.rows.iter().filter(|row| !row.hard) {
        if row.counts == Counts::SharePpm {
            missed += share_missed(valid, network, service, row);
            continue;
        }
        let total = row_total(valid, network, service, row);
        let mut miss = |distance: i128, bound: i64| {
            let each = share_coefficient(1, bound.abs().max(1)).unwrap_or(0);
            missed += distance.max(0) * i128::from(each);
        };
        if let Some(lower) = row.lower {
            miss(i128::from(lower) - total, lower);
        }
        if let Some(upper) = row.upper {
            miss(total - i128::from(upper), upper);
        }
    }
    missed
}

/// How far a soft share is missed, in 10^12 parts, rounded up.
fn share_missed(valid: &ValidLedger, network: &Network, service: &[i64], row: &Row) -> i128 {
    let (least, most, whole) = share(valid, network, service, row);
    if whole == 0 {
        return 0;
    }
    let scale = i128::from(SHARE_SCALE);
    // `whole` is the sum of weights times 10^12, so bounds in parts per million fit.
    let at = |ppm: i64| i128::from(ppm) * (whole / i128::from(PPM));
    let parts = |distance: i128| {
        let weights = whole / scale;
        (distance.max(0) + weights - 1) / weights
    };
    parts(row.lower.map_or(0, |l| at(l) - most)) + parts(row.upper.map_or(0, |u| least - at(u)))
}

/// Fixed costs of everything in use: pairs, offers, units.
fn fixed_costs(valid: &ValidLedger, network: &Network, service: &[i64]) -> i128 {
    use crate::validate::PairRow;
    let ledger = valid.ledger();
    let arcs = &network.arcs;
    let mut offer_used = vec![false; ledger.offers.len()];
    let mut unit_used = vec![false; ledger.units.len()];
    let mut met: Vec<(u32, u32)> = Vec::new();
    for (a, _) in service.iter().enumerate().filter(|&(_, &x)| x > 0) {
        let offer = arcs.offer[a] as usize;
        let unit = valid.offers()[offer].unit;
        offer_used[offer] = true;
        unit_used[unit as usize] = true;
        met.push((unit, valid.places()[valid.needs()[arcs.need[a] as usize].place as usize].enter));
    }
    met.sort_unstable();
    met.dedup();
    let offers: i128 = ledger
        .offers
        .iter()
        .zip(&offer_used)
        .filter(|(_, u)| **u)
        .map(|(o, _)| i128::from(o.fixed_cost))
        .sum();
    let units: i128 = ledger
        .units
        .iter()
        .zip(&unit_used)
        .filter(|(_, u)| **u)
        .map(|(u, _)| i128::from(u.fixed_cost))
        .sum();
    let pairs: i128 = ledger
        .pairs
        .iter()
        .zip(valid.pairs())
        .filter_map(|(pair, key)| pair.fixed_cost.filter(|&c| c != 0).map(|c| (c, key)))
        .filter(|(_, key)| match **key {
            PairRow::Arc(o, n) => arcs.find(o, n).is_some_and(|a| service[a as usize] > 0),
            PairRow::Between(u, p) => {
                let node = valid.places()[p as usize];
                let first = met.partition_point(|&key| key < (u, node.enter));
                met.get(first).is_some_and(|&(unit, enter)| unit == u && enter < node.leave)
            }
        })
        .map(|(cost, _)| i128::from(cost))
        .sum();
    offers + units + pairs
}

/// Distinct (unit, community) pairs in use, over the needs the level speaks of.
fn partner_count(valid: &ValidLedger, network: &Network, service: &[i64], level: &Level) -> i128 {
    let arcs = &network.arcs;
    let mut pairs: Vec<(u32, u32)> = service
        .iter()
        .enumerate()
        .filter(|&(a, &x)| x > 0 && level.needs.has(arcs.need[a]))
        .map(|(a, _)| {
            let place = valid.needs()[arcs.need[a] as usize].place;
            let at = valid.ancestor_at(place, PlaceLevel::Community).unwrap_or(place);
            (valid.offers()[arcs.offer[a] as usize].unit, at)
        })
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.len() as i128
}

/// Largest used share of any unit's total offered, in 10^12 parts, rounded up.
fn balance(valid: &ValidLedger, network: &Network, service: &[i64]) -> i128 {
    let ledger = valid.ledger();
    let arcs = &network.arcs;
    let mut offered = vec![0i128; ledger.units.len()];
    let mut used = vec![0i128; ledger.units.len()];
    for (o, offer) in ledger.offers.iter().enumerate() {
        let unit = valid.offers()[o].unit as usize;
        offered[unit] += i128::from(offer.quantity);
        for a in arcs.range(o as u32) {
            used[unit] += i128::from(service[a]) * i128::from(arcs.consumption_of(a as u32));
        }
    }
    let scale = i128::from(SHARE_SCALE);
    used.iter()
        .zip(&offered)
        .filter(|(_, total)| **total > 0)
        .map(|(part, total)| (part * scale + total - 1) / total)
        .max()
        .unwrap_or(0)
}

fn fair_value(
    valid: &ValidLedger,
    network: &Network,
    service: &[i64],
    by: By,
    of: ValueOf,
    group: &crate::network::FairGroup,
) -> FairValue {
    let arcs = &network.arcs;
    let needs = &valid.ledger().needs;
    let sum = |each: &dyn Fn(u32, u32) -> i128| -> i128 {
        group
            .needs
            .iter()
            .flat_map(|&n| arcs.of_need(n).iter().map(move |&a| (n, a)))
            .map(|(n, a)| each(n, a) * i128::from(service[a as usize]))
            .sum()
    };
    let (numerator, denominator) = match (of, by) {
        (ValueOf::Value, _) => (sum(&|_, a| i128::from(arcs.value_of(a))), 1),
        (ValueOf::Coverage, By::Amount) => (sum(&|_, _| 1), i128::from(group.asked)),
        (ValueOf::Coverage, By::Share) => (
            sum(&|n, _| {
                let need = &needs[n as usize];
                i128::from(share_coefficient(need.priority, need.quantity).unwrap_or(0))
            }),
            group
                .needs
                .iter()
                .map(|&n| i128::from(needs[n as usize].priority) * i128::from(SHARE_SCALE))
                .sum(),
        ),
    };
    FairValue { group: group.name.clone(), numerator, denominator }
}
