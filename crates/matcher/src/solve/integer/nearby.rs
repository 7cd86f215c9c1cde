//! A plan improved a neighbourhood at a time: some needs open, all others as they stand.
//!
//! In: a part with a plan, what is optimised, where to begin. Out: better points, taken.
//! Must not know bounds, nor which level comes next. Large neighbourhood search (P. Shaw,
//! Using constraint programming and local search methods to solve vehicle routing problems,
//! 1998): a few dozen needs that share offers are a small program, which a back end closes
//! in a blink, while on all needs together it looks long for anything better than its
//! start. The order is drawn from a fixed seed. Rejected: exchanges of our own (each kind
//! of limit would need its own), and only the binaries fixed (what is left still branches
//! on every quantity).

use std::time::Duration;

use crate::network::{Meaning, Program, Worth};

use super::model::{Aim, Model};
use super::search::Question;
use super::{Context, Part};

/// Service columns that are open at a time, at first and at most.
const OPEN: (usize, usize) = (150, 300);
/// Neighbourhoods in a row without anything better, after which they grow.
const PATIENCE: usize = 6;

/// Needs of a part with their columns, and who shares an offer.
struct Near {
    /// Service columns of each need, needs in ascending order.
    columns: Vec<Vec<u32>>,
    /// Needs of each offer.
    sharing: Vec<Vec<u32>>,
    /// Offers of each need.
    offers: Vec<Vec<u32>>,
    /// Need of each service column.
    need_of: Vec<u32>,
    dice: Dice,
}

/// Numbers drawn from a fixed seed: xorshift (G. Marsaglia, Xorshift RNGs, 2003).
pub(super) struct Dice(u64);

impl Default for Dice {
    fn default() -> Self {
        Dice(0x9e37_79b9_7f4a_7c15)
    }
}

impl Dice {
    /// A number below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % count.max(1) as u64) as usize
    }

    /// `size` of `count` things; `size` at most `count`.
    pub(super) fn choose(&mut self, size: usize, count: usize) -> Vec<bool> {
        let mut chosen = vec![false; count];
        let mut left = size.min(count);
        while left > 0 {
            left -= usize::from(!std::mem::replace(&mut chosen[self.below(count)], true));
        }
        chosen
    }
}

impl Near {
    fn new(part: &Part<'_>) -> Self {
        let arcs = &part.network.arcs;
        let positions = |of: &dyn Fn(usize) -> u32| {
            let mut ids: Vec<u32> = part.program.arcs.iter().map(|&a| of(a as usize)).collect();
            let own = ids.clone();
            ids.sort_unstable();
            ids.dedup();
            let at = |id: u32| ids.partition_point(|&other| other < id) as u32;
            (own.into_iter().map(at).collect::<Vec<u32>>(), ids.len())
        };
        let (need_of, needs) = positions(&|a| arcs.need[a]);
        let (offer_of, count) = positions(&|a| arcs.offer[a]);
        let mut near = Near {
            columns: vec![Vec::new(); needs],
            sharing: vec![Vec::new(); count],
            offers: vec![Vec::new(); needs],
            need_of,
            dice: Dice::default(),
        };
        for (c, &offer) in offer_of.iter().enumerate() {
            let need = near.need_of[c];
            near.columns[need as usize].push(c as u32);
            near.sharing[offer as usize].push(need);
            near.offers[need as usize].push(offer);
        }
        near
    }

    /// Which service columns are open: needs from `seeds` on, each followed by some that
    /// share an offer with it, until `most` columns are open.
    fn open(&mut self, seeds: &[u32], most: usize) -> Vec<bool> {
        let mut open = vec![false; self.need_of.len()];
        let mut taken = vec![false; self.columns.len()];
        let mut queue: Vec<u32> = seeds.to_vec();
        let (mut next, mut count) = (0, 0);
        while count < most && !self.columns.is_empty() {
            let need = match queue.get(next) {
                Some(&need) => need,
                None => self.dice.below(self.columns.len()) as u32,
            };
            next = (next + 1).min(queue.len());
            if std::mem::replace(&mut taken[need as usize], true) {
                if taken.iter().all(|&t| t) {
                    break;
                }
                continue;
            }
            for &c in &self.columns[need as usize] {
                open[c as usize] = true;
                count += 1;
            }
            // Some of those that compete with it; all would leave no room for the next.
            for _ in 0..4 {
                let which = self.dice.below(self.offers[need as usize].len());
                let offer = self.offers[need as usize][which] as usize;
                let other = self.dice.below(self.sharing[offer].len());
                queue.push(self.sharing[offer][other]);
            }
        }
        open
    }
}

impl Part<'_> {
    /// Improves the plan at level `l` for about `time`, or until neighbourhoods of every
    /// size have nothing more. With `worst`, groups of a fairness level, each one contains
    /// what the worst group needs.
    pub(super) fn improve(&mut self, context: Context<'_>, aim: Aim<'_>, l: usize, time: Duration) {
        let Some(backend) = context.backend else { return };
        // A small program is one neighbourhood, and is asked as a whole anyway.
        if self.program.arcs.len() <= OPEN.1 {
            return;
        }
        let near = &mut Near::new(self);
        let held = self.whole_held();
        let whole = Model::new(&self.program, &held, aim);
        let until = self.spent + time;
        let gap = self.gap * 0.1;
        let (mut size, mut failed, mut round) = (OPEN.0, 0, 0);
        while self.spent < until && context.watch.exceeded(0).is_none() {
            let Some(before) = self.best.as_ref().map(|best| best.worths[l].clone()) else {
                return;
            };
            let seeds = self.seeds(l, near, aim);
            let open = near.open(&seeds, size);
            let all = open.iter().all(|&open| open);
            let turn = (time / 4).min(until.saturating_sub(self.spent));
            round += 1;
            // Fairness may need quantities to move everywhere: every other time they may,
            // and only decisions near the worst group are open.
            let wide = matches!(aim, Aim::Worst(_)) && round % 2 == 0;
            let Some(best) = &self.best else { return };
            let model = match wide {
                true => whole.with_decisions(&self.program, &best.values, &open),
                false => whole.with_open(&self.program, &best.values, &open),
            };
            let start = self.start(&held, aim);
            let first = Question { start, ..question(&model, gap, (!wide).then_some(l), turn) };
            let Some(answer) = self.put(backend, context.watch, first) else { return };
            if wide && let Some(point) = &answer.values {
                let rounded = whole.around(&self.program, point);
                self.put(backend, context.watch, question(&rounded, gap, Some(l), turn));
            }
            let better = self
                .best
                .as_ref()
                .is_some_and(|best| self.program.compare(l, &best.worths[l], &before).is_lt());
            failed = if better { 0 } else { failed + 1 };
            if failed >= PATIENCE {
                if all || size >= OPEN.1 {
                    return;
                }
                (size, failed) = (size * 2, 0);
            }
        }
    }

    /// Where a neighbourhood begins: at the needs of the worst group, or anywhere.
    fn seeds(&self, l: usize, near: &mut Near, aim: Aim<'_>) -> Vec<u32> {
        let (Aim::Worst(groups), Some(best)) = (aim, &self.best) else {
            return vec![near.dice.below(near.columns.len()) as u32];
        };
        let Worth::Shares(shares) = &best.worths[l] else { return Vec::new() };
        let Some(&worst) = shares.first() else { return Vec::new() };
        let is_worst = |group: &&crate::network::Group| {
            let sum = |&(c, k): &(u32, i64)| i128::from(k) * i128::from(best.values[c as usize]);
            let total: i128 = group.terms.iter().map(sum).sum();
            total * worst.1 <= worst.0 * group.whole
        };
        let service = |&(c, _): &(u32, i64)| near.need_of.get(c as usize).copied();
        let mut seeds: Vec<u32> = groups
            .iter()
            .filter(is_worst)
            .flat_map(|g| g.terms.iter().filter_map(service))
            .collect();
        seeds.sort_unstable();
        seeds.dedup();
        seeds
    }
}

fn question(model: &Model, gap: f64, taking: Option<usize>, time: Duration) -> Question<'_> {
    Question { model, start: None, relative_gap: gap, absolute_gap: 1e-9, time, taking }
}

impl Model {
    /// The same with every service column that is not open where `values` has it, and the
    /// binaries that speak of such columns alone.
    fn with_open(&self, program: &Program, values: &[i64], open: &[bool]) -> Model {
        let shut = |c: &u32| open.get(*c as usize).is_some_and(|&open| !open);
        self.with_fixed(program, values, |k, meaning| match meaning {
            Meaning::Service(_) => !open[k],
            Meaning::Used(columns) | Meaning::Part(columns, _) => columns.iter().all(shut),
            Meaning::Served(needs) => needs.iter().all(|(columns, _)| columns.iter().all(shut)),
            Meaning::Kept(c, _) | Meaning::Held(c, _) => shut(c),
            Meaning::Miss { .. } | Meaning::Peak(_) => false,
        })
    }

    /// The same with quantities free and not whole, and every binary that speaks of no open
    /// column where `values` has it.
    pub(super) fn with_decisions(&self, program: &Program, values: &[i64], open: &[bool]) -> Model {
        let shut = |c: &u32| open.get(*c as usize).is_some_and(|&open| !open);
        let loose = self.with_loose_quantities(program);
        loose.with_fixed(program, values, |_, meaning| match meaning {
            Meaning::Used(columns) => columns.iter().all(shut),
            Meaning::Served(needs) => needs.iter().all(|(columns, _)| columns.iter().all(shut)),
            Meaning::Held(c, _) => shut(c),
            _ => false,
        })
    }

    fn with_fixed(
        &self,
        program: &Program,
        values: &[i64],
        fixed: impl Fn(usize, &Meaning) -> bool,
    ) -> Model {
        let mut near = self.clone();
        let columns = near.problem.columns.iter_mut().zip(&program.columns).zip(values);
        for (k, ((column, own), &value)) in columns.enumerate() {
            let at = value as f64;
            if fixed(k, &own.meaning) && column.lower <= at && at <= column.upper {
                (column.lower, column.upper) = (at, at);
            }
        }
        near
    }
}
