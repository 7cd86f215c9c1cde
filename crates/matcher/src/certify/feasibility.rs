//! Every row of the ledger, added up again from the assignments.
//!
//! In: the ledger and the service on each arc. Out: nothing, or the first broken row
//! with the number that fails. Must not know the forests: rows are summed directly,
//! so that a mistake in lowering shows here. Covers integer features too, so that
//! plans of others can be judged.

use std::fmt;

use crate::ledger::{ArcMode, Counts};
use crate::network::{Commitments, Facts, LevelKind, Network, Row};
use crate::quantity::PPM;
use crate::validate::{NONE, PairRow, ValidLedger, first_failed_test};

/// A broken row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which row: `offer o1`, `need n3`, `limit hours[u05]`, `level cover`, ...
    pub row: String,
    /// What is wrong, with the numbers.
    pub detail: String,
}

impl Violation {
    /// A violation of `row`.
    pub fn new(row: impl Into<String>, detail: impl Into<String>) -> Self {
        Violation { row: row.into(), detail: detail.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.row, self.detail)
    }
}

/// Checks every row of the ledger against the service on each arc.
///
/// # Errors
/// The first broken row, in the order: arcs, offers, needs, locks, limits,
/// agreements and pairs, useful minima, bundles, provider caps, lots, budgets of changes.
///
/// Complexity: O(arcs log degree + sizes of the limits' selections).
pub fn feasible(valid: &ValidLedger, network: &Network, service: &[i64]) -> Result<(), Violation> {
    let check = Check { valid, network, service };
    check.arcs()?;
    check.offers()?;
    check.needs()?;
    check.locks()?;
    for row in network.rows.iter().filter(|row| row.hard) {
        check.row(row)?;
    }
    check.minima()?;
    check.lots()?;
    check.change_budget()
}

struct Check<'a> {
    valid: &'a ValidLedger,
    network: &'a Network<'a>,
    service: &'a [i64],
}

impl Check<'_> {
    fn used(&self) -> impl Iterator<Item = (u32, i64)> + '_ {
        self.service.iter().enumerate().filter(|&(_, &x)| x != 0).map(|(a, &x)| (a as u32, x))
    }

    fn ends(&self, arc: u32) -> (u32, u32) {
        (self.network.arcs.offer[arc as usize], self.network.arcs.need[arc as usize])
    }

    fn name(&self, arc: u32) -> String {
        let (o, n) = self.ends(arc);
        let ledger = self.valid.ledger();
        format!("arc {}/{}", ledger.offers[o as usize].id, ledger.needs[n as usize].id)
    }

    fn arcs(&self) -> Result<(), Violation> {
        let facts = Facts::new(self.valid);
        let explicit = self.valid.ledger().arcs == ArcMode::Explicit;
        for (arc, x) in self.used() {
            let (o, n) = self.ends(arc);
            let row = facts.row(o, n);
            let of = facts.of(o, n, row);
            let admitted = if explicit {
                row.is_some()
            } else {
                first_failed_test(self.valid, o, n).is_none()
            };
            if !admitted || of.forbidden {
                return Err(Violation::new(
                    self.name(arc),
                    "is not admissible but carries service",
                ));
            }
            if x < 0 {
                return Err(Violation::new(self.name(arc), format!("negative service {x}")));
            }
            if let Some(capacity) = of.capacity.filter(|&c| x > c) {
                return Err(Violation::new(
                    self.name(arc),
                    format!("service {x} exceeds its capacity {capacity}"),
                ));
            }
        }
        Ok(())
    }

    fn offers(&self) -> Result<(), Violation> {
        let facts = Facts::new(self.valid);
        let plain = facts.is_empty();
        let mut drawn = vec![0i128; self.valid.offers().len()];
        for (arc, x) in self.used() {
            let (o, n) = self.ends(arc);
            let each = if plain { 1 } else { facts.of(o, n, facts.row(o, n)).consumption };
            drawn[o as usize] += i128::from(x) * i128::from(each);
        }
        for (offer, &total) in self.valid.ledger().offers.iter().zip(&drawn) {
            if total > i128::from(offer.quantity) {
                let detail = format!("{total} drawn of {}", offer.quantity);
                return Err(Violation::new(format!("offer {}", offer.id), detail));
            }
        }
        Ok(())
    }

    fn covered(&self) -> Vec<i128> {
        let mut covered = vec![0i128; self.valid.needs().len()];
        for (arc, x) in self.used() {
            covered[self.ends(arc).1 as usize] += i128::from(x);
        }
        covered
    }

    fn needs(&self) -> Result<(), Violation> {
        for (need, &total) in self.valid.ledger().needs.iter().zip(&self.covered()) {
            if total > i128::from(need.quantity) {
                let detail = format!("{total} served of {} asked", need.quantity);
                return Err(Violation::new(format!("need {}", need.id), detail));
            }
        }
        Ok(())
    }

    fn locks(&self) -> Result<(), Violation> {
        for ((o, n), least) in Commitments::new(self.valid).locks {
            let x = self.network.arcs.find(o, n).map_or(0, |arc| self.service[arc as usize]);
            if x < least {
                let ledger = self.valid.ledger();
                let name = format!(
                    "lock {}/{}",
                    ledger.offers[o as usize].id, ledger.needs[n as usize].id
                );
                return Err(Violation::new(name, format!("{x} served, {least} locked")));
            }
        }
        Ok(())
    }

    fn row(&self, row: &Row) -> Result<(), Violation> {
        let total = row_total(self.valid, self.network, self.service, row);
        let broken = |bound: i64, word: &str| {
            let list = row.source.list.trim_end_matches('s');
            Violation::new(
                format!("{list} {}", row.source.label()),
                format!("counts {total}, {word} {bound}"),
            )
        };
        if row.counts == Counts::SharePpm {
            let (least, most, whole) = share(self.valid, self.network, self.service, row);
            if let Some(lower) =
                row.lower.filter(|&l| most * i128::from(PPM) < i128::from(l) * whole)
            {
                return Err(broken(lower, "at least"));
            }
            if let Some(upper) =
                row.upper.filter(|&u| least * i128::from(PPM) > i128::from(u) * whole)
            {
                return Err(broken(upper, "at most"));
            }
            return Ok(());
        }
        if let Some(lower) = row.lower.filter(|&l| total < i128::from(l)) {
            return Err(broken(lower, "at least"));
        }
        if let Some(upper) = row.upper.filter(|&u| total > i128::from(u)) {
            return Err(broken(upper, "at most"));
        }
        Ok(())
    }

    fn minima(&self) -> Result<(), Violation> {
        let covered = self.covered();
        let needs = &self.valid.ledger().needs;
        let mut bundle_served: Vec<Option<bool>> = vec![None; self.valid.ledger().bundles.len()];
        for (n, need) in needs.iter().enumerate() {
            let bundle = self.valid.needs()[n].bundle;
            let least = if bundle == NONE { need.min_useful } else { need.min_useful.max(1) };
            if covered[n] != 0 && covered[n] < i128::from(least) {
                let detail = format!("{} served, useful only from {least}", covered[n]);
                return Err(Violation::new(format!("need {}", need.id), detail));
            }
            if bundle != NONE {
                let served = covered[n] != 0;
                let known = &mut bundle_served[bundle as usize];
                if known.is_some_and(|k| k != served) {
                    let id = &self.valid.ledger().bundles[bundle as usize].id;
                    return Err(Violation::new(
                        format!("bundle {id}"),
                        "some of its needs are served, others not",
                    ));
                }
                *known = Some(served);
            }
            if let Some(most) = need.max_providers {
                let arcs = &self.network.arcs;
                let mut units: Vec<u32> = arcs
                    .of_need(n as u32)
                    .iter()
                    .filter(|&&a| self.service[a as usize] > 0)
                    .map(|&a| self.valid.offers()[arcs.offer[a as usize] as usize].unit)
                    .collect();
                units.sort_unstable();
                units.dedup();
                if units.len() as i64 > most {
                    let detail = format!("served by {} units, at most {most}", units.len());
                    return Err(Violation::new(format!("need {}", need.id), detail));
                }
            }
        }
        Ok(())
    }

    /// At most so many standing assignments have less than their standing quantity.
    fn change_budget(&self) -> Result<(), Violation> {
        for level in self.network.levels.iter().filter(|level| level.kind == LevelKind::Keep) {
            let goals = &self.valid.ledger().goals;
            let Some(budget) = level.goal.and_then(|g| goals[g].change_budget) else { continue };
            let baseline = self.network.arcs.baseline.iter();
            let changed = baseline
                .filter(|&&(arc, standing)| {
                    level.needs.has(self.ends(arc).1) && self.service[arc as usize] < standing
                })
                .count();
            if changed as i64 > budget {
                let detail = format!("{changed} standing assignments changed, at most {budget}");
                return Err(Violation::new(format!("goal {}", level.label), detail));
            }
        }
        Ok(())
    }

    fn lots(&self) -> Result<(), Violation> {
        for (pair, key) in self.valid.ledger().pairs.iter().zip(self.valid.pairs()) {
            let Some(least) = pair.min_lot.filter(|&l| l > 1) else { continue };
            let total: i128 = match *key {
                PairRow::Arc(o, n) => self
                    .network
                    .arcs
                    .find(o, n)
                    .map_or(0, |arc| i128::from(self.service[arc as usize])),
                PairRow::Between(unit, place) => {
                    let node = self.valid.places()[place as usize];
                    self.used()
                        .filter(|&(arc, _)| {
                            let (o, n) = self.ends(arc);
                            let at = self.valid.needs()[n as usize].place;
                            self.valid.offers()[o as usize].unit == unit
                                && node.covers(&self.valid.places()[at as usize])
                        })
                        .map(|(_, x)| i128::from(x))
                        .sum()
                }
            };
            if total != 0 && total < i128::from(least) {
                let detail = format!("{total} served, 0 or at least {least}");
                return Err(Violation::new(format!("lot {}", pair.label()), detail));
            }
        }
        Ok(())
    }
}

/// Calls `each` with every arc of a row that carries service.
fn arcs_of_row(network: &Network, service: &[i64], row: &Row, mut each: impl FnMut(u32, i64)) {
    use crate::network::Selection;
    let arcs = &network.arcs;
    let mut take = |a: u32| {
        let x = service[a as usize];
        if x != 0 {
            each(a, x);
        }
    };
    match (&row.supply, &row.demand) {
        (Selection::All, Selection::All) => (0..arcs.len() as u32).for_each(take),
        (Selection::All, Selection::Some(needs)) => {
            needs.iter().flat_map(|&n| arcs.of_need(n)).for_each(|&a| take(a));
        }
        (Selection::Some(offers), demand) => offers
            .iter()
            .flat_map(|&o| arcs.range(o))
            .filter(|&a| demand.has(arcs.need[a]))
            .for_each(|a| take(a as u32)),
    }
}

/// What a row adds up to under the given service, in its own unit.
pub fn row_total(valid: &ValidLedger, network: &Network, service: &[i64], row: &Row) -> i128 {
    let arcs = &network.arcs;
    let offer_of = |a: u32| arcs.offer[a as usize] as usize;
    let need_of = |a: u32| arcs.need[a as usize] as usize;
    match row.counts {
        Counts::Amount => {
            let mut total = 0i128;
            arcs_of_row(network, service, row, |_, x| total += i128::from(x));
            total
        }
        Counts::Yuan => {
            let mut total = 0i128;
            arcs_of_row(network, service, row, |a, x| {
                let price = i128::from(valid.ledger().offers[offer_of(a)].unit_cost)
                    + i128::from(arcs.cost_of(a));
                total += price * i128::from(x);
            });
            total
        }
        Counts::Pairs => {
            let mut pairs: Vec<(u32, u32)> = Vec::new();
            arcs_of_row(network, service, row, |a, _| {
                let place = valid.needs()[need_of(a)].place;
                let at = valid.ancestor_at(place, row.pair_level).unwrap_or(place);
                pairs.push((valid.offers()[offer_of(a)].unit, at));
            });
            pairs.sort_unstable();
            pairs.dedup();
            pairs.len() as i128
        }
        Counts::Served => served(valid, network, service, row),
        Counts::SharePpm => {
            let (_, most, whole) = share(valid, network, service, row);
            if whole == 0 { i128::from(PPM) } else { most * i128::from(PPM) / whole }
        }
    }
}

/// Needs of the row covered at least to their useful minimum; a bundle counts once.
fn served(valid: &ValidLedger, network: &Network, service: &[i64], row: &Row) -> i128 {
    let mut covered: Vec<(u32, i64)> = Vec::new();
    arcs_of_row(network, service, row, |a, x| covered.push((network.arcs.need[a as usize], x)));
    covered.sort_unstable();
    let mut marks: Vec<(bool, u32)> = Vec::new();
    let mut at = 0;
    while at < covered.len() {
        let need = covered[at].0;
        let mut total = 0;
        while at < covered.len() && covered[at].0 == need {
            total += covered[at].1;
            at += 1;
        }
        if total >= valid.ledger().needs[need as usize].min_useful.max(1) {
            let bundle = valid.needs()[need as usize].bundle;
            marks.push(if bundle == NONE { (false, need) } else { (true, bundle) });
        }
    }
    marks.sort_unstable();
    marks.dedup();
    marks.len() as i128
}

/// Priority-weighted share of the row's needs as `(least, most, whole)` over one scale:
/// each need counts `priority * 10^12 * covered / asked`, rounded once per unit, down for
/// `least` and up for `most`. An upper bound is held against the first, a lower one
/// against the second: a share that meets its bound exactly is never refused.
pub(super) fn share(
    valid: &ValidLedger,
    network: &Network,
    service: &[i64],
    row: &Row,
) -> (i128, i128, i128) {
    use crate::quantity::{SHARE_SCALE, share_coefficient, share_coefficient_up};
    let needs = &valid.ledger().needs;
    let whole = row
        .demand
        .positions(needs.len())
        .iter()
        .map(|&n| i128::from(needs[n as usize].priority) * i128::from(SHARE_SCALE))
        .sum();
    let (mut least, mut most) = (0i128, 0i128);
    arcs_of_row(network, service, row, |a, x| {
        let need = &needs[network.arcs.need[a as usize] as usize];
        let times = |each: Option<i64>| i128::from(each.unwrap_or(0)) * i128::from(x);
        least += times(share_coefficient(need.priority, need.quantity));
        most += times(share_coefficient_up(need.priority, need.quantity));
    });
    (least, most, whole)
}
