//! Soft limits that a plan misses, and by how much.
//!
//! In: ledger and plan. Out: one row for each missed limit or group of one. Must not judge
//! hard limits (a plan that breaks one is no plan) and must not weigh: what a miss costs is
//! the level's matter. Rejected: the network's own totals (a list would have to build the
//! network again for one sum).

use serde::Serialize;

use super::{Given, given};
use crate::ledger::Counts;
use crate::network::{Facts, Row, Selection, Selector, rows};
use crate::plan::{Big, Plan};
use crate::quantity::{PPM, SHARE_SCALE, share_coefficient, share_coefficient_up};
use crate::validate::{NONE, ValidLedger};

/// A soft limit whose bound the plan misses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissedLimit {
    /// The limit.
    pub limit: String,
    /// Its group, if it has any.
    pub group: Option<String>,
    /// What it counts.
    pub counts: Counts,
    /// The bound that is missed.
    pub bound: i64,
    /// Whether the plan stays below a lower bound, or goes beyond an upper one.
    pub below: bool,
    /// What the plan comes to. A share is in parts per million, rounded away from the bound.
    pub reached: Big,
    /// How far that is from the bound.
    pub by: Big,
}

/// The soft limits that `plan` misses, in the order of the limits and of their groups.
///
/// O(records of the selections + assignments * limits), nothing without soft limits.
pub fn missed_limits(valid: &ValidLedger, plan: &Plan) -> Vec<MissedLimit> {
    let soft = valid.ledger().limits.iter().any(|limit| !limit.hard);
    // Without outcomes there is no plan that could miss anything.
    if !soft || (plan.outcomes.is_empty() && plan.assignments.is_empty()) {
        return Vec::new();
    }
    let selector = Selector::new(valid);
    let totals = Totals::new(valid, given(valid, plan));
    let rows = rows(valid, &selector);
    rows.iter().filter(|row| !row.hard).filter_map(|row| missed(row, &totals)).collect()
}

fn missed(row: &Row, totals: &Totals<'_>) -> Option<MissedLimit> {
    let (low, high) = totals.of(row)?;
    let told = |bound: i64, below: bool, reached: i128| MissedLimit {
        limit: row.source.id.clone(),
        group: row.source.group.clone(),
        counts: row.counts,
        bound,
        below,
        reached: Big(reached),
        by: Big((reached - i128::from(bound)).abs()),
    };
    if let Some(lower) = row.lower.filter(|&lower| low < i128::from(lower)) {
        return Some(told(lower, true, low));
    }
    row.upper.filter(|&upper| high > i128::from(upper)).map(|upper| told(upper, false, high))
}

/// The plan's service, to be added up row by row.
struct Totals<'a> {
    valid: &'a ValidLedger,
    facts: Facts<'a>,
    /// Ascending by offer and need.
    given: Vec<Given<'a>>,
    /// Positions in `given`, ascending by need.
    by_need: Vec<u32>,
}

impl<'a> Totals<'a> {
    fn new(valid: &'a ValidLedger, given: Vec<Given<'a>>) -> Self {
        let mut by_need: Vec<u32> = (0..given.len() as u32).collect();
        by_need.sort_by_key(|&k| given[k as usize].n);
        Totals { valid, facts: Facts::new(valid), given, by_need }
    }

    /// What the row comes to, as a lower and as an upper bound take it (shares are rounded
    /// to parts per million on either side); `None` for a share of no needs.
    fn of(&self, row: &Row) -> Option<(i128, i128)> {
        let picked = self.picked(row);
        let total: i128 = match row.counts {
            Counts::Amount => picked.iter().map(|g| i128::from(g.quantity)).sum(),
            Counts::Yuan => picked.iter().map(|g| self.price(g) * i128::from(g.quantity)).sum(),
            Counts::Pairs => {
                let pair = |g: &&Given<'_>| {
                    let own = self.valid.needs()[g.n as usize].place;
                    (g.unit, self.valid.ancestor_at(own, row.pair_level).unwrap_or(own))
                };
                distinct(picked.iter().map(pair))
            }
            Counts::Served => self.served(&picked),
            Counts::SharePpm => return self.share(row, &picked),
        };
        Some((total, total))
    }

    fn picked(&self, row: &Row) -> Vec<&Given<'a>> {
        match (&row.supply, &row.demand) {
            (supply, Selection::Some(needs)) => {
                let of = |&n: &u32| {
                    let of = |&k: &u32| self.given[k as usize].n;
                    let first = self.by_need.partition_point(|k| of(k) < n);
                    let last = self.by_need.partition_point(|k| of(k) <= n);
                    self.by_need[first..last].iter().map(|&k| &self.given[k as usize])
                };
                needs.iter().flat_map(of).filter(|g| supply.has(g.o)).collect()
            }
            (Selection::Some(offers), Selection::All) => {
                let of = |&o: &u32| {
                    let first = self.given.partition_point(|g| g.o < o);
                    let last = self.given.partition_point(|g| g.o <= o);
                    self.given[first..last].iter()
                };
                offers.iter().flat_map(of).collect()
            }
            (Selection::All, Selection::All) => self.given.iter().collect(),
        }
    }

    fn price(&self, g: &Given<'_>) -> i128 {
        let pair = self.facts.of(g.o, g.n, self.facts.row(g.o, g.n)).cost;
        i128::from(g.offer.unit_cost) + i128::from(pair)
    }

    /// Needs served at least to their useful minimum; a bundle counts once.
    fn served(&self, picked: &[&Given<'_>]) -> i128 {
        let mut by_need: Vec<(u32, i64)> = picked.iter().map(|g| (g.n, g.quantity)).collect();
        by_need.sort_unstable();
        let served =
            by_need.chunk_by(|a, b| a.0 == b.0).filter_map(|same| {
                let need = same[0].0 as usize;
                let least = self.valid.ledger().needs[need].min_useful.max(1);
                let bundle = self.valid.needs()[need].bundle;
                (same.iter().map(|part| part.1).sum::<i64>() >= least)
                    .then_some(if bundle == NONE { (false, need as u32) } else { (true, bundle) })
            });
        distinct(served)
    }

    /// As the certificate counts it: rounded in favour of the plan on either side, so that
    /// a share which meets its bound exactly is never called missed.
    fn share(&self, row: &Row, picked: &[&Given<'_>]) -> Option<(i128, i128)> {
        let needs = &self.valid.ledger().needs;
        let weights = row.demand.positions(needs.len());
        let weight: i128 = weights.iter().map(|&n| i128::from(needs[n as usize].priority)).sum();
        let whole = weight * i128::from(SHARE_SCALE);
        let sum = |each: fn(i64, i64) -> Option<i64>| -> i128 {
            let part = |g: &&Given<'_>| {
                i128::from(each(g.need.priority, g.need.quantity).unwrap_or(0))
                    * i128::from(g.quantity)
            };
            picked.iter().map(part).sum::<i128>() * i128::from(PPM)
        };
        let (least, most) = (sum(share_coefficient), sum(share_coefficient_up));
        (whole > 0).then(|| (most / whole, (least + whole - 1) / whole))
    }
}

fn distinct(items: impl Iterator<Item = (impl Ord, u32)>) -> i128 {
    let mut items: Vec<_> = items.collect();
    items.sort_unstable();
    items.dedup();
    items.len() as i128
}
