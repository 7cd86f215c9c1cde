//! The levels of one part that needs integers.
//!
//! In: a cluster, its relaxed network, a back end if there is one. Out: the best service
//! found, what back ends claim of each level, multipliers for a safe bound. Must not know
//! other parts. The relaxation is solved first: where the plan at hand reaches its
//! optimum, the level is done and its face goes on; else the linear relaxation gives
//! multipliers and the back end looks for better. Whatever comes back is rounded, added
//! up in integers, and taken only if it is better. Rejected: one program for all levels
//! (weights), and freezing binaries after coverage (later levels need them).

mod blend;
mod conflict;
mod digits;
mod dive;
mod face;
mod fair;
mod levels;
mod model;
mod nearby;
mod polish;
mod probe;
mod search;

use std::time::Duration;

use crate::control::{Limit, Options, Watch};
use crate::decompose::{Cluster, Component};
use crate::error::Error;
use crate::milp::{Answer, BackendError, MilpBackend, Request};
use crate::network::{Form, Level, Line, Network, Program, Worth, program};

use super::Contradiction;
use super::component::State;
use super::told::Told;
use levels::Times;
use model::{Aim, Held, Model};

/// Multipliers are handed on as whole numbers of this many parts.
const PARTS: f64 = (1u64 << 40) as f64;

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
    pub conflict: Option<Contradiction>,
    pub limit: Option<Limit>,
    /// Whether a clock ended any search, so that another run may end elsewhere.
    pub by_clock: bool,
    /// Why a back end gave no answer, the first time.
    pub trouble: Option<String>,
    /// Nodes of branch and bound, and rounds of the dive.
    pub work: u64,
    /// Whether the relaxation proves the level in work.
    closed: bool,
    /// Who hears of better plans, and which part this is.
    told: Option<(&'a Told<'a>, usize)>,
    /// Lines and choices that hold the levels which the face does not.
    held: Held,
    /// Lines of the face.
    face: Vec<Line>,
    /// The same levels as lines only, as the checker holds them.
    plain: Vec<Line>,
    gap: f64,
    times: Times,
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
        options: &Options,
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
            closed: false,
            told: None,
            held: Held::default(),
            face: Vec::new(),
            plain: Vec::new(),
            gap: options.gap_ppm as f64 / 1e6,
            times: Times::new(options.search_time),
            earlier: Vec::new(),
            spent: Duration::ZERO,
            fair_time: Duration::ZERO,
            fair_until: Duration::ZERO,
        })
    }

    /// The same, telling of better plans as part `k`.
    pub(super) fn telling(mut self, told: &'a Told<'a>, k: usize) -> Self {
        self.told = Some((told, k));
        self
    }

    fn tell_bound(&self, bound: Option<i128>) {
        if let Some((told, k)) = self.told {
            told.bound(k, bound);
        }
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
            } else if self.best.is_none() && self.limit.is_none() && self.trouble.is_none() {
                self.limit = Some(Limit::Work);
            }
        }
    }

    /// Solves one level.
    pub(super) fn level(&mut self, l: usize, level: &Level, context: Context<'_>) {
        self.claims.push(None);
        self.multipliers.push(Vec::new());
        self.closed = false;
        if self.best.is_none() {
            return;
        }
        match self.program.levels[l].clone() {
            Form::Linear(terms) => self.linear(l, level, &terms, context),
            Form::Fair { groups, leximin } => {
                self.earlier.clear();
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

    pub(super) fn cost(&self, l: usize) -> Option<i128> {
        self.best.as_ref().map(|best| best.worths[l].cost())
    }

    /// Least cost of the level just solved, as the relaxation proves or a back end claims.
    pub(super) fn bound(&self, l: usize) -> Option<i128> {
        if self.closed || !self.speaks_of(l) { self.cost(l) } else { self.claims[l] }
    }

    fn whole_held(&self) -> Held {
        let mut held = self.held.clone();
        held.lines.extend(self.face.iter().map(|line| (line.clone(), 0)));
        held
    }

    /// Solves the linear relaxation for multipliers.
    fn relax(&mut self, l: usize, aim: Aim<'_>, context: Context<'_>) -> Option<f64> {
        let backend = context.backend.filter(|b| b.has_duals())?;
        // Held exactly, levels leave a sliver that doubles take for nothing at all. The
        // multipliers of a little more room bound what has less.
        let room = |bound: i128| bound.abs() / 10_000_000;
        let plain = self.plain.iter().cloned().map(|mut line| {
            line.lower = line.lower.map(|lower| lower - room(lower));
            line.upper = line.upper.map(|upper| upper + room(upper));
            (line, 0)
        });
        let held = Held { lines: plain.collect(), ..Held::default() };
        let model = Model::new(&self.program, &held, aim);
        let answer = self.relaxation(backend, &model, context)?;
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

    /// The linear relaxation of a model.
    fn relaxation(
        &mut self,
        backend: &dyn MilpBackend,
        model: &Model,
        context: Context<'_>,
    ) -> Option<Answer> {
        let request = Request {
            problem: &model.problem,
            start: None,
            relax: true,
            relative_gap: 0.0,
            absolute_gap: 0.0,
            time_limit: context.watch.time_left(),
            cpu_limit: None,
        };
        let stop = || context.watch.exceeded(0).is_some();
        let answer = backend.solve(&request, &stop, &mut |_| {});
        answer.map_err(|error| self.troubled(&error)).ok()
    }

    /// Remembers why a back end gave no answer.
    fn troubled(&mut self, error: &BackendError) {
        tracing::debug!(%error, "no answer");
        if *error == BackendError::Memory {
            self.limit = self.limit.max(Some(Limit::Memory));
        }
        self.trouble.get_or_insert(error.to_string());
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
        tracing::debug!(level = l, better, costs = ?worths.iter().map(Worth::cost).collect::<Vec<_>>(), "a point fits");
        if better {
            if let Some((told, k)) = self.told {
                told.better(k, |l| worths[l].cost());
            }
            self.best = Some(Point { service: service.to_vec(), values, worths });
        }
        better
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.abs()
}
