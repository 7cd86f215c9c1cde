//! One level that adds up, in one part: relaxed, blended, improved, searched, held.
//!
//! In: a part on the levels before. Out: its best point improved, a claim, and rows that
//! hold the level for later ones. Must not know fairness, nor other parts. Time is shared
//! out here: coverage gets most of it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::control::Limit;
use crate::network::{Form, Level, LevelKind, Worth};

use super::digits::TRUST;
use super::model::{Aim, Held, Model};
use super::search::Outcome;
use super::{Before, Context, Part, face, gcd};

/// Time of the processor until which levels may go on; longer where the caller gives more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// Levels of coverage.
    pub cover: Duration,
    /// Levels of fairness.
    pub fair: Duration,
    /// All others together.
    pub shared: Duration,
    /// A last level with all before it closed.
    pub last: Duration,
}

impl Times {
    /// Shares of the time of all searches; `None`, or less than that: 30 s.
    pub(super) fn new(all: Option<Duration>) -> Self {
        let last = all.unwrap_or_default().max(Duration::from_secs(30));
        Times { cover: last * 2 / 3, fair: last / 5, shared: last / 5, last }
    }
}

/// The least that each level gets.
pub(super) const LEAST: Duration = Duration::from_millis(500);
/// What a level counts against the next when both are in one cost, and what keeping
/// counts there.
const WEIGHT: f64 = 1000.0;
const HINT: f64 = 1e-4;
/// The part of what is left for fairness that one of its levels gets.
pub(super) const FAIR_PART: f64 = 0.4;

/// Time for one program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// Until its gap is good enough.
    pub coarse: Duration,
    /// From there on, for the last crumbs.
    pub fine: Duration,
}

impl Part<'_> {
    pub(super) fn linear(
        &mut self,
        l: usize,
        level: &Level,
        terms: &[(u32, i64)],
        context: Context<'_>,
    ) {
        self.state.solve_level(self.network, level, context.watch, false);
        let relaxed = self.state.optimum(self.network, level);
        let Some(mut cost) = self.cost(l) else { return };
        let before = Before { held: self.held.clone(), face: self.face.clone(), level: l };
        let relaxed = relaxed.filter(|_| !gains_by_opening(level)).map(|edges| {
            let inside = |node: u32| self.component.nodes.binary_search(&node).is_ok();
            edges + self.network.soft_constant_in(level, inside)
        });
        let done = |cost: i128| relaxed == Some(cost);
        self.tell_bound(relaxed);
        if !done(cost) && !terms.is_empty() {
            self.relax(l, Aim::Cost(terms), context);
            let covers = by_coverage(level);
            if !covers {
                let last = l + 1 == self.program.levels.len();
                let least = if last { LEAST * 5 } else { LEAST };
                let time = self.budget(l, covers).coarse.max(least);
                self.improve(context, Aim::Cost(terms), l, time);
            } else if !self.earlier.is_empty() {
                self.claims[l] = self.blend(l, terms, self.budget(l, covers), context);
                self.tell_bound(self.claims[l]);
                // Rounding loses a little everywhere, and later levels are bound by it.
                if self.claims[l].is_some_and(|claim| !self.is_within(l, claim, 0.3)) {
                    self.improve(context, Aim::Cost(terms), l, LEAST / 2);
                }
            }
            // A level that has no more than its least time is better off with that alone.
            let late = !covers && self.spent >= self.times.shared && !self.is_last_open(l);
            let known = self.claims[l].is_some_and(|claim| match self.is_small() {
                true => self.cost(l) == Some(claim),
                false => self.is_within(l, claim, 1.0),
            });
            if !known && late {
                self.limit = self.limit.max(context.watch.exceeded(0).or(Some(Limit::Time)));
            } else if !known {
                let budget = self.budget(l, covers);
                if let Some(outcome) = self.ask(context, Aim::Cost(terms), l, budget) {
                    cost = self.cost(l).unwrap_or(cost);
                    self.claims[l] = self.claims[l].max(self.claim(terms, cost, &outcome));
                    self.tell_bound(self.claims[l]);
                }
            }
            if self.is_fine(terms) {
                self.crumbs(l, terms, context);
            }
            cost = self.cost(l).unwrap_or(cost);
        }
        self.closed = done(cost);
        // What may be given up later is no firm ground for a sum.
        let firm = by_coverage(level) && self.program.tolerance[l] == 0;
        self.earlier = if firm { vec![before] } else { Vec::new() };
        let tolerance = self.program.tolerance[l];
        if done(cost) && tolerance == 0 {
            self.state.fix_face();
            self.face = face::lines(self.network, &self.program, &self.state);
            // The network knows nothing of what is opened, of crossing limits or loads.
            if terms.iter().any(|&(c, _)| !self.is_flow(c)) {
                self.keep(l);
            }
        } else {
            self.keep(l);
        }
        self.keep_plain(l);
    }

    /// Holds a level for later ones: at what was reached where that is the optimum, else
    /// within the accepted gap of the bound. The last crumbs of a level that nobody closed
    /// would bind the quantities of every later level for nothing that can be proved.
    fn keep(&mut self, l: usize) {
        let Some(best) = &self.best else { return };
        let noise = self.program.noise[l];
        let mut reached = best.worths[l].clone();
        if let (Worth::Cost(cost), Some(claim)) = (&mut reached, self.claims[l]) {
            *cost = (*cost).max(claim + (claim.abs() as f64 * self.gap * 0.9) as i128);
            if claim == best.worths[l].cost() {
                *cost = claim;
            }
        }
        let lines = self.program.hold(l, &reached);
        if let Form::Linear(terms) = &self.program.levels[l]
            && self.is_fine(terms)
            && self.program.tolerance[l] == 0
        {
            self.held.exact.extend(lines.iter().cloned());
        }
        self.held.lines.extend(lines.into_iter().map(|line| (line, noise)));
    }

    /// Whether a column is service or the standing part of it, which the face fixes. (Of
    /// parts of a need's coverage it fixes only the sum.)
    fn is_flow(&self, column: u32) -> bool {
        use crate::network::Meaning::{Kept, Service};
        matches!(self.program.columns[column as usize].meaning, Service(_) | Kept(..))
    }

    /// Whether the plan is within a part of the accepted gap of a claim.
    fn is_within(&self, l: usize, claim: i128, part: f64) -> bool {
        let near = |cost: i128| (cost - claim) as f64 <= self.gap * part * cost.abs() as f64;
        self.cost(l).is_some_and(near)
    }

    /// The level before and this one in one cost, without the rows that hold the former:
    /// back ends find good plans far sooner than with those rows. What the sum is bounded
    /// by bounds this level, once the former is where it is.
    fn blend(
        &mut self,
        l: usize,
        terms: &[(u32, i64)],
        budget: Budget,
        context: Context<'_>,
    ) -> Option<i128> {
        let backend = context.backend?;
        let before = self.earlier.pop()?;
        let Form::Linear(first) = self.program.levels[before.level].clone() else { return None };
        let mut both: BTreeMap<u32, f64> = BTreeMap::new();
        let mut add = |terms: &[(u32, i64)], weight: f64| {
            for &(c, k) in terms {
                *both.entry(c).or_insert(0.0) += k as f64 * weight;
            }
        };
        // Shares count in 10^12 parts, amounts by themselves.
        let scale = |level: usize| self.network.levels[level].scale as f64;
        let (own, earlier) = (1.0 / scale(l), WEIGHT / scale(before.level));
        add(&first, earlier);
        add(terms, own);
        // What stands is kept where it makes no difference: costs of keeping are below 0,
        // so that the bound stays one.
        if let Some(kept) = (l + 1..self.program.levels.len())
            .find(|&k| self.network.levels[k].kind == LevelKind::Keep)
            && let Form::Linear(kept) = &self.program.levels[kept]
        {
            add(kept, HINT * own);
        }
        let both: Vec<(u32, f64)> = both.into_iter().collect();
        let mut held = before.held;
        held.lines.extend(before.face.into_iter().map(|line| (line, 0)));
        let aims = (Aim::Sum(&both), terms);
        let bound = self.blended(backend, context, aims, own, held, l, budget)?;
        let reached = self.cost(before.level)?;
        let claim = (bound - earlier * reached as f64) / own;
        Some(stepped(terms, claim).min(self.cost(l)?))
    }

    /// Time for one level. Coverage gets most of it; a last level that alone is open may go
    /// on for long, others share what is left of a few seconds.
    pub(super) fn budget(&self, l: usize, covers: bool) -> Budget {
        let levels = self.program.levels.len();
        let coarse = if covers {
            self.times.cover.saturating_sub(self.spent).mul_f64(0.6)
        } else if self.is_last_open(l) {
            self.times.last.saturating_sub(self.spent)
        } else {
            let left = self.times.shared.saturating_sub(self.spent);
            left.div_f64((levels - l) as f64).max(LEAST)
        };
        Budget { coarse, fine: coarse.mul_f64(0.5) }
    }

    /// Whether this is the last level, and all before it are closed.
    fn is_last_open(&self, l: usize) -> bool {
        let open = |(k, claim): (usize, &Option<i128>)| {
            claim.is_some_and(|claim| self.cost(k) != Some(claim))
        };
        l + 1 == self.program.levels.len() && !self.claims.iter().enumerate().take(l).any(open)
    }

    /// Remembers the level as the checker will hold it.
    pub(super) fn keep_plain(&mut self, l: usize) {
        if let Some(best) = &self.best {
            self.plain.extend(self.program.held_as_is(l, &best.worths[l]));
        }
    }

    /// What a back end claims, as a cost: the plan's own if the two meet within what
    /// doubles can tell.
    fn claim(&self, terms: &[(u32, i64)], cost: i128, outcome: &Outcome) -> Option<i128> {
        let bound = outcome.bound?;
        let scale = Model::new(&self.program, &Held::default(), Aim::Cost(terms)).cost_scale;
        let own = cost as f64 * scale;
        if outcome.optimal && own - bound <= TRUST * own.abs().max(1.0) {
            return Some(cost);
        }
        // A claim of less than nothing lost is no better than the plan itself.
        Some(stepped(terms, bound / scale).min(cost))
    }
}

/// The least cost not below a bound. Columns are whole, so that costs come in steps; a
/// bound between two of them is as good as the upper one, where doubles can tell steps
/// apart.
fn stepped(terms: &[(u32, i64)], bound: f64) -> i128 {
    let step = terms.iter().fold(0, |g, &(_, k)| gcd(g, i128::from(k))).max(1);
    let below = bound - TRUST * bound.abs().max(step as f64);
    let up = (below / step as f64).ceil() as i128 * step;
    (bound.floor() as i128).max(up)
}

/// Whether a level speaks of nothing but how much each need is covered.
fn by_coverage(level: &Level) -> bool {
    matches!(
        level.kind,
        LevelKind::Cover | LevelKind::TierReach(_) | LevelKind::TierBeyond(_) | LevelKind::Soft
    )
}

/// Whether opening anything can make the level better, so that the relaxation, which
/// opens nothing, bounds nothing.
fn gains_by_opening(level: &Level) -> bool {
    matches!(level.kind, LevelKind::Weighted { spend, partners, .. } if spend > 0 || partners > 0)
}

#[cfg(test)]
mod tests {
    use super::{Duration, Times};

    #[test]
    fn more_time_is_shared_out_and_less_changes_nothing() {
        let seconds = |times: Times| {
            [times.cover, times.fair, times.shared, times.last].map(|time| time.as_secs())
        };
        assert_eq!(seconds(Times::new(None)), [20, 6, 6, 30]);
        assert_eq!(seconds(Times::new(Some(Duration::from_secs(5)))), [20, 6, 6, 30]);
        assert_eq!(seconds(Times::new(Some(Duration::from_secs(60)))), [40, 12, 12, 60]);
    }
}
