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

use std::time::Duration;

use crate::control::{Limit, Watch};
use crate::decompose::{Cluster, Component};
use crate::error::Error;
use crate::milp::{Answer, BackendError, MilpBackend, Request, Status};
use crate::network::{Form, Level, LevelKind, Line, Network, Program, Worth, program};

use super::component::State;
use model::{Aim, Held, Model};

/// Multipliers are handed on as whole numbers of this many parts.
const PARTS: f64 = (1u64 << 40) as f64;

/// Effort on one program until its gap is good enough, where the caller set no limit.
const COARSE: Duration = Duration::from_secs(25);
/// Effort from there on, for the last crumbs.
const FINE: Duration = Duration::from_secs(3);

/// Best point found.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub service: Vec<i64>,
    values: Vec<i64>,
    worths: Vec<Worth>,
}

/// What a back end made of one program.
struct Outcome {
    /// Claimed least cost, in doubles of the problem's objective.
    bound: Option<f64>,
    optimal: bool,
    infeasible: bool,
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
        })
    }

    /// Finds a first plan, or a contradiction.
    pub(super) fn begin(&mut self, context: Context<'_>) {
        self.state.find_feasible(context.watch);
        if self.state.is_infeasible() {
            return;
        }
        if let Some(service) = dive::dive(self.network, &self.program, self.component, context.watch)
        {
            self.offer(&service, 0);
        }
        if self.best.is_none() {
            let outcome = self.ask(context, Aim::Any, 0);
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
        let relaxed = relaxed.filter(|_| !gains_by_opening(level)).map(|edges| {
            let inside = |node: u32| self.component.nodes.binary_search(&node).is_ok();
            edges + self.network.soft_constant_in(level, inside)
        });
        let done = |cost: i128| relaxed == Some(cost);
        if !done(cost) && !terms.is_empty() {
            self.relax(l, Aim::Cost(terms), context);
            if let Some(outcome) = self.ask(context, Aim::Cost(terms), l) {
                cost = self.cost(l).unwrap_or(cost);
                self.claims[l] = self.claim(terms, cost, &outcome);
            }
        }
        let tolerance = self.program.tolerance[l];
        if done(cost) && tolerance == 0 {
            self.state.fix_face();
            self.face = face::lines(self.network, &self.program, &self.state);
        } else if let Some(best) = &self.best {
            self.held.lines.extend(self.program.hold(l, &best.worths[l]));
        }
        self.keep_plain(l);
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
        held.lines.extend(self.face.iter().cloned());
        held
    }

    /// Solves the linear relaxation for multipliers.
    fn relax(&mut self, l: usize, aim: Aim<'_>, context: Context<'_>) -> Option<f64> {
        let backend = context.backend.filter(|b| b.has_duals())?;
        let held = Held { lines: self.plain.clone(), choices: Vec::new() };
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

    /// Asks the back end for a better point, and takes what it finds.
    fn ask(
        &mut self,
        context: Context<'_>,
        aim: Aim<'_>,
        l: usize,
    ) -> Option<Outcome> {
        let backend = context.backend?;
        let held = self.whole_held();
        let model = Model::new(&self.program, &held, aim);
        let step = match aim {
            Aim::Cost(terms) => terms.iter().fold(0, |g, &(_, k)| gcd(g, i128::from(k))).abs(),
            _ => 0,
        };
        let mut outcome: Option<Outcome> = None;
        for fine in [false, true] {
            if let Some(limit) = context.watch.exceeded(0) {
                self.limit = self.limit.max(Some(limit));
                break;
            }
            let time = if fine { FINE } else { COARSE };
            let start = self
                .best
                .as_ref()
                .and_then(|best| Model::start(&self.program, &held, aim, &best.values));
            let request = Request {
                problem: &model.problem,
                start: start.as_deref(),
                relax: false,
                relative_gap: if fine { 0.0 } else { self.gap / 2.0 },
                absolute_gap: (step as f64 * model.cost_scale * 0.5).max(1e-9),
                time_limit: Some(context.watch.time_left().map_or(time, |left| left.min(time))),
                node_limit: None,
            };
            let Some(answer) = self.call(backend, &request, l, context.watch) else { break };
            let optimal = answer.status == Status::Optimal;
            let closed = optimal && (fine || met(&model, &answer, request.absolute_gap));
            let before = outcome.take().and_then(|o| o.bound);
            outcome = Some(Outcome {
                bound: tighter(before, answer.bound, model.problem.maximize),
                optimal: closed,
                infeasible: answer.status == Status::Infeasible,
            });
            if answer.status == Status::Stopped && !fine {
                self.limit = self.limit.max(context.watch.exceeded(0).or(Some(Limit::Time)));
            }
            self.by_clock |= answer.status == Status::Stopped;
            if !optimal || closed || matches!(aim, Aim::Any) {
                break;
            }
        }
        outcome
    }

    /// One call of the back end; every point it tells of is looked at.
    fn call(
        &mut self,
        backend: &dyn MilpBackend,
        request: &Request<'_>,
        l: usize,
        watch: &Watch,
    ) -> Option<Answer> {
        let stop = || watch.exceeded(0).is_some();
        let mut found: Vec<Vec<f64>> = Vec::new();
        let answer = backend.solve(request, &stop, &mut |point| found.push(point.to_vec()));
        for point in found {
            self.take(&point, l);
        }
        match answer {
            Ok(answer) => {
                self.work += answer.nodes;
                if let Some(point) = &answer.values {
                    self.take(point, l);
                }
                Some(answer)
            }
            Err(error) => {
                if error == BackendError::Memory {
                    self.limit = self.limit.max(Some(Limit::Memory));
                }
                self.trouble.get_or_insert(error.to_string());
                None
            }
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

/// Whether opening anything can make the level better, so that the relaxation, which
/// opens nothing, bounds nothing.
fn gains_by_opening(level: &Level) -> bool {
    matches!(level.kind, LevelKind::Weighted { spend, partners, .. } if spend > 0 || partners > 0)
}

/// Whether an answer's value and bound meet within `gap`.
fn met(model: &Model, answer: &Answer, gap: f64) -> bool {
    match (&answer.values, answer.bound) {
        (Some(values), Some(bound)) => {
            let value = model.problem.value(values);
            (value - bound).abs() <= gap.max(1e-9 * value.abs())
        }
        _ => false,
    }
}

/// The better of two bounds.
fn tighter(a: Option<f64>, b: Option<f64>, maximize: bool) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if maximize { a.min(b) } else { a.max(b) }),
        (a, b) => a.or(b),
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.abs()
}
