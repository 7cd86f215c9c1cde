//! What pair rows say about single arcs, field by field.
//!
//! In: the canonical ledger. Out: value, price, capacity, consumption, lock and ban
//! of one (offer, need). Must not know levels or limits. The nearest statement wins:
//! the (offer, need) row, then (unit, place) rows from the need's place upwards.

use std::collections::HashMap;

use crate::ledger::{ClaimState, Pair, ProjectState};
use crate::validate::{NONE, PairRow, ValidLedger};

use super::{EdgeKind, InnerOf};

/// Look-up of pair rows; borrowed from the ledger.
pub struct Facts<'a> {
    valid: &'a ValidLedger,
    /// Positions in `ledger.pairs` of (offer, need) rows: `[0, arc_rows)`, ascending by key.
    arc_rows: usize,
    between: HashMap<(u32, u32), u32>,
}

/// The fields of one arc after the nearest statement has won.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArcFacts {
    /// Worth of one unit of service.
    pub value: i64,
    /// Money for one unit of service on top of the offer's unit cost.
    pub cost: i64,
    /// Most units of service; `None` = no bound of its own.
    pub capacity: Option<i64>,
    /// What one unit of service draws from the offer.
    pub consumption: i64,
    /// Whether the arc is banned.
    pub forbidden: bool,
}

impl<'a> Facts<'a> {
    /// Indexes the pair rows of `valid`. O(pairs).
    pub fn new(valid: &'a ValidLedger) -> Self {
        let rows = valid.pairs();
        let arc_rows = rows.partition_point(|row| matches!(row, PairRow::Arc(..)));
        let mut between = HashMap::new();
        for (k, row) in rows.iter().enumerate().skip(arc_rows) {
            if let PairRow::Between(unit, place) = *row {
                between.insert((unit, place), k as u32);
            }
        }
        Facts { valid, arc_rows, between }
    }

    /// (offer, need) keys of the rows of `offer`, ascending by need, with the row's position.
    pub fn rows_of(&self, offer: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let rows = &self.valid.pairs()[..self.arc_rows];
        let start = rows.partition_point(|row| matches!(*row, PairRow::Arc(o, _) if o < offer));
        rows[start..].iter().enumerate().map_while(move |(k, row)| match *row {
            PairRow::Arc(o, n) if o == offer => Some((n, (start + k) as u32)),
            _ => None,
        })
    }

    /// The (offer, need) row of an arc, if the ledger has one.
    pub fn row(&self, offer: u32, need: u32) -> Option<&'a Pair> {
        let rows = &self.valid.pairs()[..self.arc_rows];
        rows.binary_search_by(|row| match *row {
            PairRow::Arc(o, n) => (o, n).cmp(&(offer, need)),
            PairRow::Between(..) => std::cmp::Ordering::Greater,
        })
        .ok()
        .map(|k| &self.valid.ledger().pairs[k])
    }

    /// Fields of the arc (offer, need), whose own row is `row`.
    pub fn of(&self, offer: u32, need: u32, row: Option<&Pair>) -> ArcFacts {
        let mut value = row.and_then(|r| r.value);
        let mut cost = row.and_then(|r| r.cost);
        let mut consumption = row.and_then(|r| r.consumption);
        let mut forbidden = row.and_then(|r| r.forbidden);
        if !self.between.is_empty() {
            let unit = self.valid.offers()[offer as usize].unit;
            let mut place = self.valid.needs()[need as usize].place;
            while place != NONE {
                if let Some(&k) = self.between.get(&(unit, place)) {
                    let upper = &self.valid.ledger().pairs[k as usize];
                    value = value.or(upper.value);
                    cost = cost.or(upper.cost);
                    consumption = consumption.or(upper.consumption);
                    forbidden = forbidden.or(upper.forbidden);
                }
                place = self.valid.places()[place as usize].parent;
            }
        }
        ArcFacts {
            value: value.unwrap_or(0),
            cost: cost.unwrap_or(0),
            capacity: row.and_then(|r| r.capacity),
            consumption: consumption.unwrap_or(1),
            forbidden: forbidden.unwrap_or(false),
        }
    }

    /// Whether any row can give an arc a value, a price or a ban.
    pub fn is_empty(&self) -> bool {
        self.valid.pairs().is_empty()
    }
}

/// Locks and keep baseline of single arcs, as `((offer, need), quantity)` ascending.
///
/// A lock is the largest of: the row's `locked`, the sum of the projects in
/// progress, the sum of the accepted claims. The baseline is what the ledger was given
/// (an earlier plan), or else the sum of the projects agreed, in progress, delivered or
/// closed.
pub struct Commitments {
    /// Least service of an arc, where above 0.
    pub locks: Vec<((u32, u32), i64)>,
    /// Standing service of an arc, where above 0.
    pub baseline: Vec<((u32, u32), i64)>,
}

impl Commitments {
    /// Adds up the standing records. O(records log records).
    pub fn new(valid: &ValidLedger) -> Self {
        let ledger = valid.ledger();
        let running = ledger
            .projects
            .iter()
            .zip(valid.projects())
            .filter(|(p, _)| p.state == ProjectState::InProgress)
            .map(|(p, &key)| (key, p.quantity));
        let accepted = ledger
            .claims
            .iter()
            .zip(valid.claims())
            .filter(|(c, _)| c.state == ClaimState::Accepted)
            .map(|(c, &key)| (key, c.quantity));
        let pinned = ledger.pairs.iter().zip(valid.pairs()).filter_map(|(pair, row)| match *row {
            PairRow::Arc(o, n) => pair.locked.filter(|&q| q > 0).map(|q| ((o, n), q)),
            PairRow::Between(..) => None,
        });
        let mut locks = summed(running);
        locks.extend(summed(accepted));
        locks.extend(pinned);
        locks.sort_unstable_by_key(|&(key, quantity)| (key, std::cmp::Reverse(quantity)));
        locks.dedup_by_key(|&mut (key, _)| key);
        let standing = || {
            let each = ledger.projects.iter().zip(valid.projects());
            each.filter(|(p, _)| p.state.in_baseline()).map(|(p, &key)| (key, p.quantity))
        };
        let baseline = valid.baseline().map_or_else(|| summed(standing()), <[_]>::to_vec);
        Commitments { locks, baseline }
    }
}

fn summed(items: impl Iterator<Item = ((u32, u32), i64)>) -> Vec<((u32, u32), i64)> {
    let mut sorted: Vec<_> = items.filter(|&(_, quantity)| quantity > 0).collect();
    sorted.sort_unstable();
    let mut sums: Vec<((u32, u32), i64)> = Vec::with_capacity(sorted.len());
    for (key, quantity) in sorted {
        match sums.last_mut() {
            Some((last, sum)) if *last == key => *sum += quantity,
            _ => sums.push((key, quantity)),
        }
    }
    sums
}

impl super::Network<'_> {
    /// Ids of the records that lock an arc: projects in progress and accepted claims,
    /// or else the pair itself as `offer/need`.
    pub fn lock_names(&self, arc: u32) -> Vec<String> {
        let key = (self.arcs.offer[arc as usize], self.arcs.need[arc as usize]);
        let ledger = self.valid.ledger();
        let running = ledger.projects.iter().zip(self.valid.projects());
        let mut names: Vec<String> = running
            .filter(|(p, at)| p.state == ProjectState::InProgress && **at == key)
            .map(|(p, _)| p.id.clone())
            .collect();
        let accepted = ledger.claims.iter().zip(self.valid.claims());
        names.extend(
            accepted
                .filter(|(c, at)| c.state == ClaimState::Accepted && **at == key)
                .map(|(c, _)| c.id.clone()),
        );
        if names.is_empty() {
            let (offer, need) = (&ledger.offers[key.0 as usize], &ledger.needs[key.1 as usize]);
            names.push(format!("{}/{}", offer.id, need.id));
        }
        names
    }

    /// Name of the rule that edge `e` stands for, if a person could give it up: the
    /// records that lock an arc, or a hard limit that is not untouchable.
    pub fn rule(&self, e: usize) -> Option<String> {
        match self.kind(e) {
            // Several records may hold one arc; giving up its lock gives up them all.
            EdgeKind::Service { arc, .. } if self.edge(e).lower > 0 => {
                Some(self.lock_names(arc).join("+"))
            }
            EdgeKind::Inner { inner, .. } => match self.inner_of[inner as usize] {
                InnerOf::Row(r) => {
                    let row = &self.rows[r as usize];
                    (row.hard && !row.untouchable).then(|| row.source.label())
                }
                InnerOf::Group(..) => None,
            },
            _ => None,
        }
    }

    /// Name of the untouchable limit that edge `e` stands for, if it is one.
    pub fn untouchable(&self, e: usize) -> Option<String> {
        let EdgeKind::Inner { inner, .. } = self.kind(e) else { return None };
        let InnerOf::Row(r) = self.inner_of[inner as usize] else { return None };
        let row = &self.rows[r as usize];
        (row.hard && row.untouchable).then(|| row.source.label())
    }

    /// Upper bound of edge `e` once its rule is given up: a lock leaves the capacity of
    /// its arc behind, a limit nothing (`None`). The lower bound is then 0.
    pub fn upper_without_rule(&self, e: usize) -> Option<i64> {
        match self.kind(e) {
            EdgeKind::Inner { .. } => None,
            _ => Some(self.edge(e).upper),
        }
    }
}
