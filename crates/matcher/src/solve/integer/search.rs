//! One level of one part put to a back end, in the order that pays.
//!
//! In: a part with its held rows, an aim, a budget of time. Out: what is claimed; better
//! points are taken on the way. Must not know which level comes next. First only the
//! binaries are whole: that program is far easier, and its bound holds for the other.
//! Then its binaries are fixed, and what is left is nearly a network. Only then the whole
//! program is asked for the last crumbs. Rejected: the whole program at once (branching on
//! thousands of quantities hides the few decisions that matter).

use std::time::{Duration, Instant};

use crate::control::{Limit, Watch};
use crate::milp::{Answer, MilpBackend, Request, Status};

use super::levels::Budget;
use super::model::{Aim, Held, Model, is_binary};
use super::{Context, Part, gcd};

/// How many times its budget a question may take by the clock.
const PATIENCE: u32 = 4;

/// What a back end made of one program.
pub(super) struct Outcome {
    /// Claimed bound, in doubles of the problem's objective.
    pub bound: Option<f64>,
    /// Whether the plan's own value meets it.
    pub optimal: bool,
    /// Whether there is no point at all.
    pub infeasible: bool,
}

/// One program with how far it is to be solved.
pub(super) struct Question<'m> {
    pub model: &'m Model,
    /// Where to start.
    pub start: Option<Vec<f64>>,
    pub relative_gap: f64,
    pub absolute_gap: f64,
    pub time: Duration,
    /// From which level on a point found must be better; `None`: it is no plan.
    pub taking: Option<usize>,
}

impl Part<'_> {
    /// Asks the back end for a better point, and takes what it finds. One that stumbles over
    /// the lines that hold the last digit is asked without them: its claims are as good, and
    /// points are judged by all lines anyway.
    pub(super) fn ask(
        &mut self,
        context: Context<'_>,
        aim: Aim<'_>,
        l: usize,
        budget: Budget,
    ) -> Option<Outcome> {
        let backend = context.backend?;
        let mut held = self.whole_held();
        let known = self.trouble.take();
        let outcome = self.ask_held(backend, context, aim, l, budget, &held);
        let stumbled = self.trouble.is_some() && !held.exact.is_empty();
        self.trouble = known.or(self.trouble.take());
        if !stumbled {
            return Some(outcome);
        }
        held.exact.clear();
        Some(self.ask_held(backend, context, aim, l, budget, &held))
    }

    fn ask_held(
        &mut self,
        backend: &dyn MilpBackend,
        context: Context<'_>,
        aim: Aim<'_>,
        l: usize,
        budget: Budget,
        held: &Held,
    ) -> Outcome {
        let model = Model::new(&self.program, held, aim);
        let step = match aim {
            Aim::Cost(terms) => terms.iter().fold(0, |g, &(_, k)| gcd(g, i128::from(k))),
            _ => 0,
        };
        let absolute_gap = (step as f64 * model.cost_scale * 0.5).max(1e-9);
        let mut outcome = Outcome { bound: None, optimal: false, infeasible: false };
        if !matches!(aim, Aim::Any) || self.has_binaries() {
            self.structure(
                backend,
                context,
                &model,
                held,
                aim,
                l,
                budget,
                absolute_gap,
                &mut outcome,
            );
            if outcome.infeasible || self.meets(&model, aim, &outcome, absolute_gap) {
                outcome.optimal = !outcome.infeasible;
                return outcome;
            }
        }
        for fine in [false, true] {
            let near = self.is_near(&model, aim, &outcome);
            if !fine && near {
                continue;
            }
            let time = if fine { budget.fine } else { budget.coarse };
            let question = Question {
                model: &model,
                start: self.start(held, aim),
                relative_gap: if fine { 0.0 } else { self.gap / 2.0 },
                absolute_gap,
                time,
                taking: Some(l),
            };
            let Some(answer) = self.put(backend, context.watch, question) else { break };
            let optimal = answer.status == Status::Optimal;
            outcome.bound = tighter(outcome.bound, answer.bound, model.problem.maximize);
            outcome.infeasible = answer.status == Status::Infeasible;
            outcome.optimal = optimal && (fine || met(&model, &answer, absolute_gap))
                || self.meets(&model, aim, &outcome, absolute_gap);
            if outcome.optimal || outcome.infeasible || matches!(aim, Aim::Any) {
                break;
            }
            if !optimal && !fine && !self.is_near(&model, aim, &outcome) {
                self.limit = self.limit.max(context.watch.exceeded(0).or(Some(Limit::Time)));
                break;
            }
        }
        outcome
    }

    /// The program with only its binaries whole, and then with these fixed.
    #[allow(clippy::too_many_arguments)]
    fn structure(
        &mut self,
        backend: &dyn MilpBackend,
        context: Context<'_>,
        model: &Model,
        held: &Held,
        aim: Aim<'_>,
        l: usize,
        budget: Budget,
        absolute_gap: f64,
        outcome: &mut Outcome,
    ) {
        let loose = model.with_loose_quantities(&self.program);
        let mut point: Option<Vec<f64>> = None;
        for fine in [false, true] {
            let question = Question {
                model: &loose,
                start: point.take().or_else(|| self.start(held, aim)),
                relative_gap: if fine { 0.0 } else { self.gap / 4.0 },
                absolute_gap,
                time: if fine { budget.fine.mul_f64(0.3) } else { budget.coarse.mul_f64(0.6) },
                taking: None,
            };
            let Some(answer) = self.put(backend, context.watch, question) else { return };
            outcome.bound = tighter(outcome.bound, answer.bound, model.problem.maximize);
            outcome.infeasible = answer.status == Status::Infeasible;
            let closed = met(&loose, &answer, absolute_gap);
            point = answer.values;
            if answer.status != Status::Optimal || closed || matches!(aim, Aim::Any) {
                break;
            }
        }
        let Some(point) = point else { return };
        let fixed = model.around(&self.program, &point);
        let question = Question {
            model: &fixed,
            start: None,
            relative_gap: self.gap / 8.0,
            absolute_gap,
            time: budget.coarse.mul_f64(0.25),
            taking: Some(l),
        };
        self.put(backend, context.watch, question);
    }

    pub(super) fn has_binaries(&self) -> bool {
        self.program.columns.iter().any(|c| is_binary(&c.meaning) && c.lower < c.upper)
    }

    pub(super) fn start(&self, held: &Held, aim: Aim<'_>) -> Option<Vec<f64>> {
        let best = self.best.as_ref()?;
        Model::start(&self.program, held, aim, &best.values)
    }

    /// The plan's own value in the doubles of a problem.
    fn own(&self, model: &Model, aim: Aim<'_>) -> Option<f64> {
        let Aim::Cost(terms) = aim else { return None };
        let best = self.best.as_ref()?;
        let cost = |&(c, k): &(u32, i64)| i128::from(k) * i128::from(best.values[c as usize]);
        Some(terms.iter().map(cost).sum::<i128>() as f64 * model.cost_scale)
    }

    /// Whether the plan at hand reaches the bound; for a plain search, whether there is one.
    fn meets(&self, model: &Model, aim: Aim<'_>, outcome: &Outcome, gap: f64) -> bool {
        match (self.own(model, aim), outcome.bound) {
            (Some(own), Some(bound)) => own - bound <= gap.max(1e-9 * own.abs()),
            _ => matches!(aim, Aim::Any) && self.best.is_some(),
        }
    }

    fn is_near(&self, model: &Model, aim: Aim<'_>, outcome: &Outcome) -> bool {
        match (self.own(model, aim), outcome.bound) {
            (Some(own), Some(bound)) => own - bound <= self.gap * own.abs(),
            _ => false,
        }
    }

    /// One question, asked again without its start where the answer calls itself optimal
    /// although its own value and bound are apart: HiGHS 1.15 does so when presolve alone
    /// solves what it was given a start for, and then hands back the start.
    pub(super) fn put(
        &mut self,
        backend: &dyn MilpBackend,
        watch: &Watch,
        mut question: Question<'_>,
    ) -> Option<Answer> {
        let answer = self.put_once(backend, watch, &question)?;
        let value = answer.values.as_ref().map(|v| question.model.problem.value(v));
        let apart = match (value, answer.bound) {
            (Some(value), Some(bound)) => {
                let allowed = question.relative_gap.max(1e-6) * value.abs();
                (value - bound).abs() > question.absolute_gap.max(allowed)
            }
            _ => false,
        };
        if answer.status != Status::Optimal || !apart || question.start.is_none() {
            return Some(answer);
        }
        question.start = None;
        self.put_once(backend, watch, &question)
    }

    /// One call of the back end within the time left; points that are plans are looked at.
    fn put_once(
        &mut self,
        backend: &dyn MilpBackend,
        watch: &Watch,
        question: &Question<'_>,
    ) -> Option<Answer> {
        if let Some(limit) = watch.exceeded(0) {
            self.limit = self.limit.max(Some(limit));
            return None;
        }
        // The processor's time ends a search, so that as much is found on a busy machine;
        // the clock only where others take nearly all of it.
        let cap = question.time.saturating_mul(PATIENCE);
        let time = watch.time_left().map_or(cap, |left| left.min(cap));
        if time.is_zero() {
            return None;
        }
        let request = Request {
            problem: &question.model.problem,
            start: question.start.as_deref(),
            relax: false,
            relative_gap: question.relative_gap,
            absolute_gap: question.absolute_gap,
            time_limit: Some(time),
            cpu_limit: Some(question.time),
        };
        let stop = || watch.exceeded(0).is_some();
        let started = Instant::now();
        // Taken as they come, so that a caller hears of them while the search goes on.
        let answer = backend.solve(&request, &stop, &mut |point| {
            if let Some(l) = question.taking {
                self.take(point, l);
            }
        });
        let took = started.elapsed();
        self.spent += match &answer {
            // A back end that does not tell is taken at the clock's word.
            Ok(answer) if !answer.cpu.is_zero() => answer.cpu.min(took),
            _ => took,
        };
        if let Ok(answer) = &answer {
            let value = answer.values.as_ref().map(|v| request.problem.value(v));
            tracing::debug!(
                status = ?answer.status, ?value, bound = ?answer.bound, gap = request.relative_gap,
                absolute = request.absolute_gap, time = ?question.time, cpu = ?answer.cpu, ?took, started = request.start.is_some(),
                taking = question.taking, "asked {}", backend.name()
            );
        }
        if let Some(l) = question.taking {
            let last = answer.as_ref().ok().and_then(|a| a.values.as_deref());
            if let Some(point) = last {
                self.take(point, l);
            }
        }
        match answer {
            Ok(answer) => {
                self.work += answer.nodes;
                self.by_clock |= answer.status == Status::Stopped;
                Some(answer)
            }
            Err(error) => {
                self.troubled(&error);
                None
            }
        }
    }
}

/// Whether an answer's value and bound meet within `gap`.
pub(super) fn met(model: &Model, answer: &Answer, gap: f64) -> bool {
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
