//! Puts a [`Network`] together.
//!
//! In: a valid ledger and the bound on arcs. Out: the network, or a numeric
//! violation. Must not know solvers.

use crate::error::{Code, Error, Issue};
use crate::ledger::{By, Counts, FairForm, ValueOf};
use crate::quantity::share_coefficient;
use crate::validate::ValidLedger;

use super::arcs::{self, Arcs};
use super::edges::{Edge, EdgeKind, ROOT, SoftPart};
use super::features::{self, Feature, uniform_consumption};
use super::forest::{self, ArcSet, Side};
use super::levels::{self, LevelKind, breakpoints};
use super::rows::{self, Row};
use super::select::{Selection, Selector};
use super::{InnerOf, Network};

/// Lowers a ledger. Features that do not fit are listed, not refused, so that
/// `classify` and the checker can use the same network.
///
/// # Errors
/// `TOO_MANY_ITEMS` beyond `max_arcs`; `NUMERIC_OVERFLOW` for a coefficient beyond
/// [`MAX_COEFFICIENT`](crate::quantity::MAX_COEFFICIENT).
///
/// Complexity: O(candidate pairs + sizes of the limits' selections).
pub fn build(valid: &ValidLedger, max_arcs: u64) -> Result<Network<'_>, Error> {
    let arcs = arcs::build(valid, max_arcs)?;
    let selector = Selector::new(valid);
    let all_rows = rows::rows(valid, &selector);
    let levels = levels::levels(valid, &selector, &arcs);
    check_coefficients(valid, &arcs, &levels)?;
    let mut features = features::of_records(valid, &selector, &arcs, &levels);
    features.extend(features::of_goals(valid, &levels));

    let mut sets = Vec::new();
    let mut set_of: Vec<(InnerOf, i64)> = Vec::new();
    for (k, row) in all_rows.iter().enumerate() {
        row_set(valid, &arcs, row, k as u32, &mut sets, &mut set_of, &mut features);
    }
    for (l, level) in levels.iter().enumerate() {
        if let LevelKind::Fair(fair) = &level.kind
            && fair.by == By::Amount
            && fair.of == ValueOf::Coverage
        {
            for (g, group) in fair.groups.iter().enumerate() {
                sets.push(ArcSet::Between(Selection::All, Selection::Some(group.needs.clone())));
                set_of.push((InnerOf::Group(l as u32, g as u32), 1));
            }
        }
    }
    let mut fair_beside: Vec<u32> = Vec::new();
    for (l, level) in levels.iter().enumerate() {
        if let LevelKind::Fair(fair) = &level.kind
            && (fair.by != By::Amount || fair.of != ValueOf::Coverage)
        {
            fair_beside.push(l as u32);
        }
    }
    let forests = forest::build(&arcs, valid.offers().len(), valid.needs().len(), &sets);
    for &set in &forests.crossing {
        match set_of[set].0 {
            InnerOf::Row(k) => {
                let row = &all_rows[k as usize];
                features.push(features::crossing(row, scope(&arcs, row)));
            }
            InnerOf::Group(l, _) => {
                fair_beside.push(l);
                features.push(features::fair_crossing(
                    &levels[l as usize],
                    "side rows: its groups overlap or cross limits on needs",
                ));
            }
        }
    }
    features.dedup();
    let inner_of: Vec<InnerOf> = forests.inner.iter().map(|inner| set_of[inner.set].0).collect();
    let units: Vec<i64> = forests.inner.iter().map(|inner| set_of[inner.set].1).collect();
    let keeps = levels.iter().any(|level| level.kind == LevelKind::Keep);
    let splits = if keeps {
        let partial =
            |&&(arc, b): &&(u32, i64)| b < arcs.upper[arc as usize].max(arcs.lock_of(arc));
        arcs.baseline.iter().filter(partial).map(|&(arc, _)| arc).collect()
    } else {
        Vec::new()
    };
    let mut network = Network {
        valid,
        offers: valid.offers().len(),
        needs: valid.needs().len(),
        arcs,
        rows: all_rows,
        levels,
        features,
        forests,
        inner_of,
        soft_constants: Vec::new(),
        fair_beside,
        keeps,
        splits,
        extra: Vec::new(),
    };
    network.leximin_needs_free_groups();
    network.add_extra(valid, &units);
    network.add_empty(&set_of);
    network.add_unreachable();
    network.fair_beside.sort_unstable();
    network.fair_beside.dedup();
    Ok(network)
}

/// Arcs a row speaks of, ascending.
pub(super) fn scope(arcs: &Arcs, row: &Row) -> Vec<u32> {
    let mut list: Vec<u32> = match (&row.supply, &row.demand) {
        (Selection::All, Selection::All) => (0..arcs.len() as u32).collect(),
        (Selection::All, Selection::Some(needs)) => {
            needs.iter().flat_map(|&n| arcs.of_need(n).iter().copied()).collect()
        }
        (Selection::Some(offers), demand) => offers
            .iter()
            .flat_map(|&o| arcs.range(o).map(|a| a as u32))
            .filter(|&a| demand.has(arcs.need[a as usize]))
            .collect(),
    };
    list.sort_unstable();
    list
}

/// Adds the set of a row that a network might hold; others become features.
fn row_set(
    valid: &ValidLedger,
    arcs: &Arcs,
    row: &Row,
    k: u32,
    sets: &mut Vec<ArcSet>,
    set_of: &mut Vec<(InnerOf, i64)>,
    features: &mut Vec<Feature>,
) {
    match row.counts {
        Counts::Amount => {
            sets.push(ArcSet::Between(row.supply.clone(), row.demand.clone()));
            set_of.push((InnerOf::Row(k), 1));
        }
        Counts::Yuan => {
            let mut priced = scope(arcs, row);
            let price = |a: u32| {
                let offer = &valid.ledger().offers[arcs.offer[a as usize] as usize];
                offer.unit_cost + arcs.cost_of(a)
            };
            priced.retain(|&a| price(a) != 0);
            let each = priced.first().map_or(1, |&a| price(a));
            let whole = |bound: Option<i64>| bound.is_none_or(|b| b % each == 0);
            let exact = row.hard || (whole(row.lower) && whole(row.upper) && each <= 1_000_000);
            if priced.iter().all(|&a| price(a) == each) && each > 0 && exact {
                sets.push(ArcSet::Listed(priced));
                set_of.push((InnerOf::Row(k), each));
            } else {
                features.push(features::crossing(row, priced));
            }
        }
        Counts::Pairs | Counts::Served | Counts::SharePpm => {
            features.extend(features::of_row(valid, arcs, row, &scope(arcs, row)));
        }
    }
}

fn check_coefficients(
    valid: &ValidLedger,
    arcs: &Arcs,
    levels: &[levels::Level],
) -> Result<(), Error> {
    for level in levels {
        let by_arc = matches!(
            level.kind,
            LevelKind::Near | LevelKind::Spend | LevelKind::Value | LevelKind::Weighted { .. }
        );
        if !by_arc {
            continue;
        }
        for arc in 0..arcs.len() as u32 {
            if level.arc_coefficient(valid, arcs, arc).is_none() {
                let (o, n) = (arcs.offer[arc as usize] as usize, arcs.need[arc as usize] as usize);
                return Err(Error::Invalid(vec![Issue::new(
                    Code::NumericOverflow,
                    format!("goals[{}]", level.goal.unwrap_or(0)),
                    format!(
                        "the coefficient of offer {} and need {} leaves the range of +-2^61",
                        valid.ledger().offers[o].id,
                        valid.ledger().needs[n].id
                    ),
                )]));
            }
        }
    }
    Ok(())
}

impl Network<'_> {
    /// Leximin by augmentation is exact only where nothing above the groups binds
    /// several of them together; other cases are left to the integer side.
    fn leximin_needs_free_groups(&mut self) {
        let mut blocked: Vec<u32> = Vec::new();
        for (position, inner) in self.forests.inner.iter().enumerate() {
            let InnerOf::Group(l, _) = self.inner_of[position] else { continue };
            let LevelKind::Fair(fair) = &self.levels[l as usize].kind else { continue };
            let mut above = inner.parent;
            while let Some(k) = above {
                let outer = &self.forests.inner[k as usize];
                if fair.form == FairForm::Leximin && outer.members != inner.members {
                    blocked.push(l);
                }
                above = outer.parent;
            }
        }
        blocked.dedup();
        for l in blocked {
            self.fair_beside.push(l);
            self.features.push(features::fair_crossing(
                &self.levels[l as usize],
                "side rows: a limit or another fairness level binds several of its groups together",
            ));
        }
    }

    fn add_extra(&mut self, valid: &ValidLedger, units: &[i64]) {
        let mut extra = Vec::with_capacity(self.offers + self.needs + self.forests.inner.len());
        for o in 0..self.offers as u32 {
            let tail = self.forests.over_offer.innermost(o).map_or(ROOT, |k| self.inner_node(k));
            extra.push((
                Edge {
                    tail,
                    head: self.offer_node(o),
                    lower: 0,
                    upper: self.offer_capacity(valid, o),
                },
                EdgeKind::Offer(o),
            ));
        }
        for n in 0..self.needs as u32 {
            let head = self.forests.over_need.innermost(n).map_or(ROOT, |k| self.inner_node(k));
            let quantity = valid.ledger().needs[n as usize].quantity;
            let mut points = breakpoints(&self.levels, valid, n);
            points.push(quantity);
            let mut from = 0;
            for to in points {
                let upper = if self.arcs.of_need(n).is_empty() { 0 } else { to - from };
                extra.push((
                    Edge { tail: self.need_node(n), head, lower: 0, upper },
                    EdgeKind::Need { need: n, from },
                ));
                from = to;
            }
        }
        for inner in 0..self.forests.inner.len() as u32 {
            let capacity = self.inner_capacity(valid, inner);
            let node = self.inner_node(inner);
            let above = self.above_inner(inner);
            let supply_side = matches!(
                self.forests.inner[inner as usize].side,
                Side::Supply | Side::SubSupply(_)
            );
            let (tail, head) = if supply_side { (above, node) } else { (node, above) };
            let mut push = |lower: i64, upper: i64, part: SoftPart| {
                extra.push((Edge { tail, head, lower, upper }, EdgeKind::Inner { inner, part }));
            };
            let InnerOf::Row(k) = self.inner_of[inner as usize] else {
                push(0, capacity, SoftPart::Within);
                continue;
            };
            let row = &self.rows[k as usize];
            let each = units[inner as usize];
            // A limit of money over arcs of one price is a limit of amounts.
            let lower = row.lower.map_or(0, |l| l.div_euclid(each) + i64::from(l % each != 0));
            let upper = row.upper.map_or(capacity, |u| u.div_euclid(each).min(capacity));
            if row.hard {
                push(lower, upper.max(lower), SoftPart::Within);
                continue;
            }
            let below = lower.min(capacity);
            let within = upper.max(below);
            let miss = |bound: Option<i64>| {
                let bound = bound.unwrap_or(0).abs().max(1);
                // A price of a soft limit in a forest is at most a million.
                share_coefficient(1, bound).unwrap_or(0) * each
            };
            let missed = i128::from(lower) * i128::from(miss(row.lower));
            self.soft_constants.push((Some(node), missed));
            if below > 0 {
                push(0, below, SoftPart::Below(miss(row.lower)));
            }
            push(0, within - below, SoftPart::Within);
            if capacity > within {
                push(0, capacity - within, SoftPart::Above(miss(row.upper)));
            }
        }
        self.extra = extra;
    }

    /// Most units of service an offer can give.
    fn offer_capacity(&self, valid: &ValidLedger, offer: u32) -> i64 {
        let quantity = valid.ledger().offers[offer as usize].quantity;
        if self.arcs.range(offer).is_empty() {
            return 0;
        }
        match uniform_consumption(&self.arcs, offer) {
            Some(0) => self.arcs.range(offer).map(|a| self.arcs.upper[a]).sum(),
            Some(each) => quantity / each,
            // Several consumptions are a feature; this bound is then a relaxation.
            None => {
                let range = || self.arcs.range(offer).map(|a| a as u32);
                let least = range().map(|a| self.arcs.consumption_of(a)).filter(|&c| c > 0).min();
                let free = range().filter(|&a| self.arcs.consumption_of(a) == 0);
                quantity / least.unwrap_or(1)
                    + free.map(|a| self.arcs.upper[a as usize]).sum::<i64>()
            }
        }
    }

    /// Most flow that the members of an inner node can bring.
    fn inner_capacity(&self, valid: &ValidLedger, inner: u32) -> i64 {
        let node = &self.forests.inner[inner as usize];
        let members = node.members.iter();
        match node.side {
            Side::Supply => members.map(|&o| self.offer_capacity(valid, o)).sum(),
            Side::Demand => members.map(|&n| valid.ledger().needs[n as usize].quantity).sum(),
            Side::SubSupply(_) | Side::SubDemand(_) => {
                members.map(|&a| self.arcs.upper[a as usize].max(self.arcs.lock_of(a))).sum()
            }
        }
    }

    /// Rows without any arc: a soft lower bound is missed whole, a hard one makes an
    /// edge from the root to nowhere that no flow can fill.
    fn add_empty(&mut self, set_of: &[(InnerOf, i64)]) {
        for set in self.forests.empty.clone() {
            let InnerOf::Row(k) = set_of[set].0 else { continue };
            let row = &self.rows[k as usize];
            let Some(lower) = row.lower.filter(|&l| l > 0) else { continue };
            if row.hard {
                self.add_impossible(set, k, lower);
            } else {
                let each = share_coefficient(1, lower.abs().max(1)).unwrap_or(0);
                self.soft_constants.push((None, i128::from(lower) * i128::from(each)));
            }
        }
    }

    fn add_impossible(&mut self, set: usize, row: u32, lower: i64) {
        let inner = self.forests.inner.len() as u32;
        self.forests.inner.push(forest::Inner {
            set,
            side: Side::Supply,
            parent: None,
            members: Vec::new(),
        });
        self.inner_of.push(InnerOf::Row(row));
        let edge = Edge { tail: ROOT, head: self.inner_node(inner), lower, upper: lower };
        self.extra.push((edge, EdgeKind::Inner { inner, part: SoftPart::Within }));
    }

    /// The same for counts of pairs, served needs and shares, which no forest holds.
    fn add_unreachable(&mut self) {
        for k in 0..self.rows.len() {
            let row = &self.rows[k];
            let counted = matches!(row.counts, Counts::Pairs | Counts::Served | Counts::SharePpm);
            let Some(lower) = row.lower.filter(|&l| l > 0) else { continue };
            if !counted || !scope(&self.arcs, row).is_empty() {
                continue;
            }
            // A share of no needs is no share, and nothing is missed.
            let of_none = row.counts == Counts::SharePpm
                && row.demand.positions(self.valid.needs().len()).is_empty();
            if of_none {
                continue;
            }
            if row.hard {
                self.add_impossible(usize::MAX, k as u32, lower);
            } else {
                let each = match row.counts {
                    Counts::SharePpm => crate::quantity::SHARE_SCALE / crate::quantity::PPM,
                    _ => share_coefficient(1, lower).unwrap_or(0),
                };
                self.soft_constants.push((None, i128::from(lower) * i128::from(each)));
            }
        }
    }
}
