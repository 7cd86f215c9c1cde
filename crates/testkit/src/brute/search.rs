//! Enumeration of all whole-number plans of a small ledger.
//!
//! In: a [`Model`]. Out: the lexicographic optimum and a plan that reaches it. Must
//! not know what a level counts. Upper bounds cut branches early; everything else is
//! checked on whole plans.

use std::cmp::Ordering;

use concentric_matcher::ledger::{Counts, Ledger};

use super::arcs::{Arc, Between, arcs};
use super::levels::{Budget, Level, budgets, levels};
use super::rows::{Row, rows};
use super::value::LevelValue;
use super::world::World;
use super::{Bound, Oracle};

/// A small ledger, ready for enumeration.
pub(super) struct Model<'a> {
    world: World<'a>,
    arcs: Vec<Arc>,
    between: Vec<Between>,
    rows: Vec<Row>,
    levels: Vec<Level>,
    budgets: Vec<Budget>,
}

impl<'a> Model<'a> {
    pub(super) fn new(ledger: &'a Ledger) -> Result<Self, String> {
        let world = World::new(ledger)?;
        let (arcs, between) = arcs(&world)?;
        let rows = rows(&world, &arcs)?;
        let levels = levels(&world, &arcs);
        let budgets = budgets(&world, &arcs);
        Ok(Model { world, arcs, between, rows, levels, budgets })
    }

    /// What is bound already in each hard amount limit, the largest row counting.
    pub(super) fn bound_by_limit(&self) -> Vec<Option<Bound>> {
        let mut most: Vec<Option<Bound>> = vec![None; self.world.ledger.limits.len()];
        for row in &self.rows {
            if let Some(limit) = row.limit
                && row.hard
                && row.counts == Counts::Amount
            {
                let bound = most[limit].get_or_insert_default();
                let sum = |of: fn(&Arc) -> i64| row.arcs.iter().map(|&a| of(&self.arcs[a])).sum();
                bound.progress = bound.progress.max(sum(|a| a.progress));
                bound.locked = bound.locked.max(sum(|a| a.locked));
            }
        }
        most
    }

    #[cfg(test)]
    pub(super) fn row_sets(&self) -> Vec<(usize, Vec<usize>, Vec<usize>)> {
        let distinct = |mut ids: Vec<usize>| {
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        self.rows
            .iter()
            .filter_map(|row| {
                let offers = row.arcs.iter().map(|&a| self.arcs[a].offer).collect();
                let needs = row.arcs.iter().map(|&a| self.arcs[a].need).collect();
                Some((row.limit?, distinct(offers), distinct(needs)))
            })
            .collect()
    }

    fn value(&self, level: &Level, x: &[i64]) -> LevelValue {
        level.value(&self.world, &self.arcs, &self.between, &self.rows, x)
    }

    /// The first hard rule that plan `x` breaks, by name.
    fn violation(&self, x: &[i64]) -> Option<String> {
        let ledger = self.world.ledger;
        let sum = |keep: &dyn Fn(&Arc) -> bool, weight: &dyn Fn(&Arc) -> i64| -> i64 {
            let term = |(a, &x): (&Arc, &i64)| if keep(a) { x * weight(a) } else { 0 };
            self.arcs.iter().zip(x).map(term).sum()
        };
        for (o, offer) in ledger.offers.iter().enumerate() {
            if sum(&|a| a.offer == o, &|a| a.consumption) > offer.quantity {
                return Some(format!("offer {}", offer.id));
            }
        }
        for (a, arc) in self.arcs.iter().enumerate() {
            let bad = x[a] < arc.locked
                || arc.capacity.is_some_and(|c| x[a] > c)
                || (x[a] > 0 && x[a] < arc.min_lot);
            if bad {
                let (o, n) = (&ledger.offers[arc.offer].id, &ledger.needs[arc.need].id);
                return Some(format!("pair {o}/{n}"));
            }
        }
        for row in &self.between {
            let total: i64 = row.arcs.iter().map(|&a| x[a]).sum();
            let bad = total < row.locked
                || row.capacity.is_some_and(|c| total > c)
                || (total > 0 && total < row.min_lot);
            if bad {
                return Some(format!("pair {}", row.name));
            }
        }
        let covered = |n: usize| sum(&|a| a.need == n, &|_| 1);
        for (n, need) in ledger.needs.iter().enumerate() {
            let got = covered(n);
            if got > need.quantity || (got > 0 && got < need.min_useful) {
                return Some(format!("need {}", need.id));
            }
            if let Some(most) = need.max_providers {
                let mut units: Vec<usize> = (0..x.len())
                    .filter(|&a| x[a] > 0 && self.arcs[a].need == n)
                    .map(|a| self.world.offers[self.arcs[a].offer].unit)
                    .collect();
                units.sort_unstable();
                units.dedup();
                if units.len() as i64 > most {
                    return Some(format!("providers of need {}", need.id));
                }
            }
            // Served is at least max(1, min_useful), so within a bundle any service
            // of one member asks for service of all.
            if let Some(bundle) = &need.bundle
                && got == 0
                && (0..ledger.needs.len())
                    .any(|m| ledger.needs[m].bundle.as_ref() == Some(bundle) && covered(m) > 0)
            {
                return Some(format!("bundle {bundle}"));
            }
        }
        if let Some(budget) = self.budgets.iter().find(|b| !b.holds(&self.arcs, x)) {
            return Some(format!("changes of goal {}", budget.name));
        }
        self.rows
            .iter()
            .find(|r| r.hard && !r.holds(r.total(&self.world, &self.arcs, x)))
            .map(|r| format!("limit {}", r.name))
    }

    fn named(&self, x: &[i64]) -> Vec<(String, String, i64)> {
        let ledger = self.world.ledger;
        let mut plan: Vec<(String, String, i64)> = (0..x.len())
            .filter(|&a| x[a] > 0)
            .map(|a| {
                let arc = &self.arcs[a];
                let (o, n) = (&ledger.offers[arc.offer].id, &ledger.needs[arc.need].id);
                (o.clone(), n.clone(), x[a])
            })
            .collect();
        plan.sort();
        plan
    }
}

/// Lexicographic optimum: one pass when every tolerance is 0, else one for each level.
pub(super) fn solve(model: &Model) -> Result<Oracle, String> {
    let exact = model.levels.iter().all(|l| l.tolerance_ppm == 0);
    let names = model.levels.iter().map(|l| l.name.clone()).collect();
    let mut kept: Vec<LevelValue> = Vec::new();
    let mut best: Option<(Vec<i64>, Vec<LevelValue>)> = None;
    let mut plans = 0;
    let passes = if exact { 1 } else { model.levels.len().max(1) };
    for pass in 0..passes {
        let fixed = pass;
        let open = if exact { model.levels.len() } else { fixed + 1 };
        best = None;
        let mut seen = 0;
        each_plan(model, &mut |x| {
            seen += 1;
            let holds =
                |k: usize| model.levels[k].keeps(&model.value(&model.levels[k], x), &kept[k]);
            if !exact && !(0..fixed).all(holds) {
                return;
            }
            let from = if exact { 0 } else { fixed };
            better(model, x, from, open.min(model.levels.len()), &mut best);
        });
        if pass == 0 {
            plans = seen;
        }
        match &best {
            Some((_, values)) if exact => kept.clone_from(values),
            Some((_, values)) => kept.extend(values.first().cloned()),
            None => break,
        }
    }
    Ok(Oracle {
        feasible: best.is_some(),
        names,
        levels: if best.is_some() { kept } else { Vec::new() },
        plan: best.map_or_else(Vec::new, |(x, _)| model.named(&x)),
        plans,
    })
}

/// Replaces `best` when plan `x` is lexicographically better in levels `from..to`.
fn better(
    model: &Model,
    x: &[i64],
    from: usize,
    to: usize,
    best: &mut Option<(Vec<i64>, Vec<LevelValue>)>,
) {
    let mut values = Vec::new();
    for level in &model.levels[from..to] {
        let value = model.value(level, x);
        let undecided = values.len();
        // Levels up to here were equal, unless `x` already won an earlier one.
        if let Some((_, old)) = best
            && values.iter().zip(old.iter()).all(|(a, b)| a == b)
        {
            match level.prefer(&value, &old[undecided]) {
                Ordering::Greater => return,
                Ordering::Less | Ordering::Equal => {}
            }
        }
        values.push(value);
    }
    if best.as_ref().is_none_or(|(_, old)| *old != values) {
        *best = Some((x.to_vec(), values));
    }
}

/// Calls `visit` with every feasible plan.
fn each_plan(model: &Model, visit: &mut dyn FnMut(&[i64])) {
    let ledger = model.world.ledger;
    let mut state = State {
        model,
        x: vec![0; model.arcs.len()],
        offer_left: ledger.offers.iter().map(|o| o.quantity).collect(),
        need_left: ledger.needs.iter().map(|n| n.quantity).collect(),
        row_left: model
            .rows
            .iter()
            .map(|r| match (r.hard, r.counts, r.upper) {
                (true, Counts::Amount, Some(upper)) => upper,
                _ => i64::MAX,
            })
            .collect(),
        rows_of: (0..model.arcs.len())
            .map(|a| {
                let bounds = |r: &Row| r.hard && r.counts == Counts::Amount && r.upper.is_some();
                (0..model.rows.len())
                    .filter(|&r| bounds(&model.rows[r]) && model.rows[r].arcs.contains(&a))
                    .collect()
            })
            .collect(),
        order: by_need(&model.arcs),
    };
    state.descend(0, visit);
}

/// Arcs need by need, so that a need is settled before the next one begins.
fn by_need(arcs: &[Arc]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..arcs.len()).collect();
    order.sort_by_key(|&a| arcs[a].need);
    order
}

struct State<'m, 'a> {
    model: &'m Model<'a>,
    x: Vec<i64>,
    offer_left: Vec<i64>,
    need_left: Vec<i64>,
    row_left: Vec<i64>,
    rows_of: Vec<Vec<usize>>,
    order: Vec<usize>,
}

impl State<'_, '_> {
    fn descend(&mut self, depth: usize, visit: &mut dyn FnMut(&[i64])) {
        let Some(&a) = self.order.get(depth) else {
            if self.model.violation(&self.x).is_none() {
                visit(&self.x);
            }
            return;
        };
        let arc = &self.model.arcs[a];
        let draw = arc.consumption.max(0);
        let mut high = self.need_left[arc.need].min(arc.capacity.unwrap_or(i64::MAX));
        if draw > 0 {
            high = high.min(self.offer_left[arc.offer] / draw);
        }
        for &r in &self.rows_of[a] {
            high = high.min(self.row_left[r]);
        }
        for amount in arc.locked..=high {
            self.take(a, amount);
            self.descend(depth + 1, visit);
            self.take(a, -amount);
        }
    }

    fn take(&mut self, a: usize, amount: i64) {
        let arc = &self.model.arcs[a];
        self.x[a] += amount;
        self.offer_left[arc.offer] -= amount * arc.consumption;
        self.need_left[arc.need] -= amount;
        for &r in &self.rows_of[a] {
            self.row_left[r] -= amount;
        }
    }
}

/// Largest total coverage of some needs over all feasible plans.
pub(super) fn most(model: &Model, needs: &[&str]) -> Option<i64> {
    let wanted = |arc: &Arc| needs.contains(&model.world.ledger.needs[arc.need].id.as_str());
    let chosen: Vec<usize> = (0..model.arcs.len()).filter(|&a| wanted(&model.arcs[a])).collect();
    let mut most: Option<i64> = None;
    each_plan(model, &mut |x| {
        let total = chosen.iter().map(|&a| x[a]).sum();
        most = Some(most.map_or(total, |old| old.max(total)));
    });
    most
}

/// Levels of a given plan.
pub(super) fn evaluate(
    model: &Model,
    plan: &[(String, String, i64)],
) -> Result<Vec<LevelValue>, String> {
    let ledger = model.world.ledger;
    let mut x = vec![0; model.arcs.len()];
    for (offer, need, quantity) in plan {
        let arc = model
            .arcs
            .iter()
            .position(|a| ledger.offers[a.offer].id == *offer && ledger.needs[a.need].id == *need);
        match arc {
            Some(a) if *quantity >= 0 => x[a] += quantity,
            Some(_) => return Err(format!("negative service on {offer}/{need}")),
            None => return Err(format!("no arc {offer}/{need}")),
        }
    }
    match model.violation(&x) {
        Some(rule) => Err(rule),
        None => Ok(model.levels.iter().map(|l| model.value(l, &x)).collect()),
    }
}
