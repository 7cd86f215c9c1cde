//! The levels of one part that needs integers.
//!
//! In: a cluster, its relaxed network, a back end if there is one. Out: the best service
//! found, what back ends claim of each level, multipliers for a safe bound. Must not know
//! other parts. The relaxation is solved first: where the plan at hand reaches its
//! optimum, the level is done and its face goes on; else the linear relaxation gives
//! multipliers and the back end looks for better. Whatever comes back is rounded, added
//! up in integers, and taken only if it is better. Rejected: one program for all levels
//! (weights), and freezing binaries after coverage (later levels need them).

mod conflict;
mod dive;
mod face;
mod fair;
mod model;
mod search;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::control::{Limit, Watch};
use crate::decompose::{Cluster, Component};
use crate::error::Error;
use crate::milp::{MilpBackend, Request};
use crate::network::{Form, Level, LevelKind, Line, Network, Program, Worth, program};

use super::component::State;
use model::{Aim, Held, Model};
use search::Outcome;

/// Multipliers are handed on as whole numbers of this many parts.
const PARTS: f64 = (1u64 << 40) as f64;

/// Time until which levels of coverage may go on, where the caller set no limit.
const COVER: Duration = Duration::from_secs(17);
/// The same for a last level with all before it closed.
const LAST: Duration = Duration::from_secs(45);
/// The same for all others together, and the least that each of them gets.
const SHARED: Duration = Duration::from_millis(8_500);
const LEAST: Duration = Duration::from_millis(500);
/// What a level counts against the next when both are in one cost, and what keeping
/// counts there.
const WEIGHT: i64 = 1000;
const HINT: f64 = 1e-4;
/// Part of the time for coverage that one fairness level gets, and each of its questions.
const FAIR: f64 = 0.3;

/// Time for one program.
#[derive(Clone, Copy, Debug)]
struct Budget {
    /// Until its gap is good enough.
    coarse: Duration,
    /// From there on, for the last crumbs.
    fine: Duration,
}

/// What held before a level was solved.
struct Before {
    held: Held,
    face: Vec<Line>,
    level: usize,
}

/// Best point found.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub service: Vec<i64>,
    values: Vec<i64>,
    worths: Vec<Worth>,
}

/// A part being solved.
pub(super) struct Part<'a> {
    network: &'a Network<'a>,
    component: &'a Component,
    pub program: Program,
    /// The relaxed network, on the face of the levels proved there.
    pub state: State,
    pub best: Option<Point>,
    /// For each level solved: the least cost that a back end claims.
    pub claims: Vec<Option<i128>>,
    /// For each level solved: (row, multiplier).
    pub multipliers: Vec<Vec<(u32, i128)>>,
    /// Rules of a contradiction that a back end claims.
    pub conflict: Option<Vec<String>>,
    pub limit: Option<Limit>,
    /// Whether a clock ended any search, so that another run may end elsewhere.
    pub by_clock: bool,
    /// Why a back end gave no answer, the first time.
    pub trouble: Option<String>,
    /// Nodes of branch and bound, and rounds of the dive.
    pub work: u64,
    /// Lines and choices that hold the levels which the face does not.
    held: Held,
    /// Lines of the face.
    face: Vec<Line>,
    /// The same levels as lines only, as the checker holds them.
    plain: Vec<Line>,
    gap: f64,
    /// The rows before the level before, if that spoke of coverage.
    earlier: Vec<Before>,
    /// Time that back ends took so far.
    spent: Duration,
    /// Time for the fairness level in work, and when it ends.
    fair_time: Duration,
    fair_until: Duration,
}

/// What all parts share.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub backend: Option<&'a dyn MilpBackend>,
    pub watch: &'a Watch,
}

impl<'a> Part<'a> {
    pub(super) fn new(
        network: &'a Network<'a>,
        cluster: &'a Cluster,
        gap_ppm: u64,
    ) -> Result<Self, Error> {
        Ok(Part {
            network,
            component: &cluster.component,
            program: program(network, cluster.arcs(network)),
            state: State::new(network, &cluster.component)?,
            best: None,
            claims: Vec::new(),
            multipliers: Vec::new(),
            conflict: None,
            limit: None,
            by_clock: false,
            trouble: None,
            work: 0,
            held: Held::default(),
            face: Vec::new(),
            plain: Vec::new(),
            gap: gap_ppm as f64 / 1e6,
            earlier: Vec::new(),
            spent: Duration::ZERO,
            fair_time: Duration::ZERO,
            fair_until: Duration::ZERO,
        })
    }

    /// Finds a first plan, or a contradiction.
    pub(super) fn begin(&mut self, context: Context<'_>) {
        self.state.find_feasible(context.watch);
        if self.state.is_infeasible() {
            return;
        }
        if let Some(service) =
            dive::dive(self.network, &self.program, self.component, context.watch)
        {
            self.offer(&service, 0);
        }
        if self.best.is_none() {
            let budget = self.budget(0, true);
            let outcome = self.ask(context, Aim::Any, 0, budget);
            if self.best.is_none() && outcome.is_some_and(|o| o.infeasible) {
                self.conflict = Some(conflict::minimal(self, context));
            } else if self.best.is_none() && self.limit.is_none() {
                self.limit = Some(Limit::Work);
            }
        }
    }

    /// Solves one level.
    pub(super) fn level(&mut self, l: usize, level: &Level, context: Context<'_>) {
        self.claims.push(None);
        self.multipliers.push(Vec::new());
        if self.best.is_none() {
            return;
        }
        match self.program.levels[l].clone() {
            Form::Linear(terms) => self.linear(l, level, &terms, context),
            Form::Fair { groups, leximin } => {
                fair::solve(self, l, &groups, leximin, context);
            }
        }
    }

    /// Whether a fairness level has groups in this part.
    pub(super) fn speaks_of(&self, l: usize) -> bool {
        match &self.program.levels[l] {
            Form::Linear(_) => true,
            Form::Fair { groups, .. } => groups.iter().any(|g| !g.terms.is_empty()),
        }
    }

    /// A level that is solved without this part.
    pub(super) fn pass(&mut self) {
        self.claims.push(None);
        self.multipliers.push(Vec::new());
    }

    fn linear(&mut self, l: usize, level: &Level, terms: &[(u32, i64)], context: Context<'_>) {
        self.state.solve_level(self.network, level, context.watch, false);
        let relaxed = self.state.optimum(self.network, level);
        let Some(mut cost) = self.cost(l) else { return };
        let before = Before { held: self.held.clone(), face: self.face.clone(), level: l };
        let relaxed = relaxed.filter(|_| !gains_by_opening(level)).map(|edges| {
            let inside = |node: u32| self.component.nodes.binary_search(&node).is_ok();
            edges + self.network.soft_constant_in(level, inside)
        });
        let done = |cost: i128| relaxed == Some(cost);
        if !done(cost) && !terms.is_empty() {
            self.relax(l, Aim::Cost(terms), context);
            let covers = by_coverage(level);
            if !covers {
                self.polish(l, Aim::Cost(terms), self.budget(l, covers), context);
            } else if !self.earlier.is_empty() {
                self.claims[l] = self.blend(l, terms, self.budget(l, covers), context);
            }
            let known = self.claims[l].is_some_and(|claim| self.is_within(l, claim));
            if !known {
                let budget = self.budget(l, covers);
                if let Some(outcome) = self.ask(context, Aim::Cost(terms), l, budget) {
                    cost = self.cost(l).unwrap_or(cost);
                    self.claims[l] = self.claims[l].max(self.claim(terms, cost, &outcome));
                }
            }
            cost = self.cost(l).unwrap_or(cost);
        }
        self.earlier = if by_coverage(level) { vec![before] } else { Vec::new() };
        let tolerance = self.program.tolerance[l];
        if done(cost) && tolerance == 0 {
            self.state.fix_face();
            self.face = face::lines(self.network, &self.program, &self.state);
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
        self.held.lines.extend(lines.into_iter().map(|line| (line, noise)));
    }

    /// Whether the plan is within the accepted gap of a claim.
    fn is_within(&self, l: usize, claim: i128) -> bool {
        self.cost(l).is_some_and(|cost| (cost - claim) as f64 <= self.gap * cost.abs() as f64)
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
        add(&first, WEIGHT as f64);
        add(terms, 1.0);
        // What stands is kept where it makes no difference: costs of keeping are below 0,
        // so that the bound stays one.
        if let Some(kept) = (l + 1..self.program.levels.len())
            .find(|&k| self.network.levels[k].kind == LevelKind::Keep)
            && let Form::Linear(kept) = &self.program.levels[kept]
        {
            add(kept, HINT);
        }
        let both: Vec<(u32, f64)> = both.into_iter().collect();
        let mut held = before.held;
        held.lines.extend(before.face.into_iter().map(|line| (line, 0)));
        let gap = self.gap * 0.5 * self.cost(l)?.abs() as f64;
        let aims = (Aim::Sum(&both), Aim::Cost(terms));
        let bound = self.blended(backend, context, aims, held, l, gap, budget)?;
        let reached = self.cost(before.level)?;
        let claim = bound.floor() as i128 - i128::from(WEIGHT) * reached;
        Some(claim.min(self.cost(l)?))
    }

    /// Looks for better while every need keeps its coverage: earlier levels that speak of
    /// coverage alone then hold by themselves, and what is left is nearly a network.
    fn polish(&mut self, l: usize, aim: Aim<'_>, budget: Budget, context: Context<'_>) {
        let Some(best) = &self.best else { return };
        let mut lines: BTreeMap<u32, Line> = BTreeMap::new();
        for (c, &arc) in self.program.arcs.iter().enumerate() {
            let line = lines.entry(self.network.arcs.need[arc as usize]).or_insert_with(|| Line {
                terms: Vec::new(),
                lower: Some(0),
                upper: Some(0),
                rule: None,
            });
            line.terms.push((c as u32, 1));
            for side in [&mut line.lower, &mut line.upper] {
                *side = side.map(|total| total + i128::from(best.service[c]));
            }
        }
        let before = self.held.clone();
        self.held.lines.extend(lines.into_values().map(|line| (line, 0)));
        let time = budget.coarse / 3;
        self.ask(context, aim, l, Budget { coarse: time, fine: Duration::ZERO });
        self.held = before;
    }

    /// Time for one level. Coverage gets most of it; a last level that alone is open may go
    /// on for long, others share what is left of a few seconds.
    fn budget(&self, l: usize, covers: bool) -> Budget {
        let levels = self.program.levels.len();
        let open = self
            .claims
            .iter()
            .enumerate()
            .take(l)
            .any(|(k, claim)| claim.is_some_and(|claim| self.cost(k) != Some(claim)));
        let coarse = if covers {
            COVER.saturating_sub(self.spent).mul_f64(0.6)
        } else if l + 1 == levels && !open {
            LAST.saturating_sub(self.spent)
        } else {
            SHARED.saturating_sub(self.spent).div_f64((levels - l) as f64).max(LEAST)
        };
        Budget { coarse, fine: coarse.mul_f64(0.5) }
    }

    /// Remembers the level as the checker will hold it.
    fn keep_plain(&mut self, l: usize) {
        if let Some(best) = &self.best {
            self.plain.extend(self.program.held_as_is(l, &best.worths[l]));
        }
    }

    pub(super) fn cost(&self, l: usize) -> Option<i128> {
        self.best.as_ref().map(|best| best.worths[l].cost())
    }

    /// What a back end claims, as a cost: the plan's own if the two meet within what
    /// doubles can tell.
    fn claim(&self, terms: &[(u32, i64)], cost: i128, outcome: &Outcome) -> Option<i128> {
        let bound = outcome.bound?;
        let scale = Model::new(&self.program, &Held::default(), Aim::Cost(terms)).cost_scale;
        let own = cost as f64 * scale;
        if outcome.optimal && own - bound <= 1e-6 * own.abs().max(1.0) {
            return Some(cost);
        }
        // A claim of less than nothing lost is no better than the plan itself.
        Some(((bound / scale).floor() as i128).min(cost))
    }

    fn whole_held(&self) -> Held {
        let mut held = self.held.clone();
        held.lines.extend(self.face.iter().map(|line| (line.clone(), 0)));
        held
    }

    /// Solves the linear relaxation for multipliers.
    fn relax(&mut self, l: usize, aim: Aim<'_>, context: Context<'_>) -> Option<f64> {
        let backend = context.backend.filter(|b| b.has_duals())?;
        let plain = self.plain.iter().map(|line| (line.clone(), 0));
        let held = Held { lines: plain.collect(), choices: Vec::new() };
        let model = Model::new(&self.program, &held, aim);
        let request = Request {
            problem: &model.problem,
            start: None,
            relax: true,
            relative_gap: 0.0,
            absolute_gap: 0.0,
            time_limit: context.watch.time_left(),
            node_limit: None,
        };
        let stop = || context.watch.exceeded(0).is_some();
        let answer = backend.solve(&request, &stop, &mut |_| {}).ok()?;
        let duals = answer.row_duals.filter(|d| d.len() >= model.row_scale.len())?;
        let lines = self.program.rows.len() + held.lines.len();
        let row = |(i, &dual): (usize, &f64)| {
            let scale = model.row_scale[i];
            let multiplier = match aim {
                Aim::Worst(groups) if i >= lines => {
                    // See the checker: a group's row there is this one times
                    // 10^12 * whole / gcd(10^12, whole), and so is its cost times 10^12.
                    let whole = groups[i - lines].whole;
                    -dual * gcd(whole, 1_000_000_000_000) as f64 / whole as f64
                }
                Aim::Worst(_) => -dual * scale * 1e12,
                _ => dual * scale / model.cost_scale,
            };
            (i as u32, (multiplier * PARTS).round() as i128)
        };
        let rows = duals.iter().enumerate().take(model.row_scale.len()).map(row);
        self.multipliers[l] = rows.filter(|&(_, y)| y != 0).collect();
        answer.bound
    }

    /// The first thing a refused point breaks, for the log.
    fn misfit(&self, values: &[i64], held: &Held) -> String {
        let line = |line: &&Line| !line.holds(values);
        if let Some(row) = self.program.rows.iter().find(line) {
            return format!("program row {:?} {:?} {:?}", row.rule, row.lower, row.upper);
        }
        let missed = held.lines.iter().find(|(line, slack)| !line.nearly_holds(values, *slack));
        match missed {
            Some((line, slack)) => {
                format!("held {:?} {:?} but for {slack}", line.lower, line.upper)
            }
            None => "a bound or a choice".to_owned(),
        }
    }

    /// Takes a back end's point if it is feasible and better from level `l` on.
    fn take(&mut self, point: &[f64], l: usize) {
        if let Some(service) = model::service(&self.program, point) {
            self.offer(&service, l);
        }
    }

    /// Takes service if it obeys everything and is better from level `l` on.
    fn offer(&mut self, service: &[i64], l: usize) -> bool {
        let values = self.program.complete(service);
        let held = self.whole_held();
        let fits = self.program.holds(&values)
            && Model::start(&self.program, &held, Aim::Any, &values).is_some();
        if !fits {
            tracing::debug!(level = l, "a point was refused: {}", self.misfit(&values, &held));
            return false;
        }
        let worths = self.program.worths(&values);
        let better = self.best.as_ref().is_none_or(|best| {
            (l..worths.len())
                .map(|k| self.program.compare(k, &worths[k], &best.worths[k]))
                .find(|order| order.is_ne())
                .is_some_and(std::cmp::Ordering::is_lt)
        });
        if better {
            self.best = Some(Point { service: service.to_vec(), values, worths });
        }
        better
    }
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

fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.abs()
}
