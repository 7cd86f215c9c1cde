//! Two levels of coverage in one cost.
//!
//! In: a part on the levels before both, the two levels, a budget. Out: a bound of the sum, as
//! it is claimed; better points of the second level, taken. Must not know how levels are held
//! afterwards. The relaxation comes first, then what is near it, then trades of units, and only
//! then branch and bound over all: each finds what the one before has missed, and most ledgers
//! need only the first two.

use crate::milp::{Answer, MilpBackend};

use super::levels::Budget;
use super::model::{Aim, Held, Model};
use super::search::{Question, met};
use super::{Context, Part};

impl Part<'_> {
    /// Two levels in one cost, where one of this level counts `own`, with only the binaries
    /// whole; then this level with these binaries and all rows. The bound of the former, as
    /// a cost.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn blended(
        &mut self,
        backend: &dyn MilpBackend,
        context: Context<'_>,
        (both, terms): (Aim<'_>, &[(u32, i64)]),
        own: f64,
        held: Held,
        l: usize,
        budget: Budget,
    ) -> Option<f64> {
        let model = Model::new(&self.program, &held, both);
        let loose = model.with_loose_quantities(&self.program);
        let relaxed = self.relaxation(backend, &loose, context)?;
        // The accepted gap is one of this level alone; what the plan at hand has of it says
        // nothing of its size, since only the level before was looked for.
        let point = relaxed.values.as_ref().filter(|v| v.len() == loose.problem.columns.len())?;
        let level: f64 = terms.iter().map(|&(c, k)| k as f64 * point[c as usize]).sum();
        let gap = self.gap * 0.25 * level.abs() * own * model.cost_scale;
        let mut near = self.near_relaxed(backend, context, &loose, relaxed, gap, budget);
        if let Some(near) = near.as_mut().filter(|near| !met(&loose, near, gap)) {
            let time = budget.coarse.mul_f64(1.2);
            self.polish(backend, context, &loose, near, gap, time);
        }
        let answer = match near {
            Some(near) if met(&loose, &near, gap) => near,
            near => {
                // The better of the two to start from.
                let value = |point: &Vec<f64>| loose.problem.value(point);
                let starts = near.and_then(|near| near.values).into_iter();
                let starts = starts.chain(self.start(&held, both));
                let question = Question {
                    model: &loose,
                    start: starts.min_by(|a, b| value(a).total_cmp(&value(b))),
                    relative_gap: 0.0,
                    absolute_gap: gap,
                    time: budget.coarse.mul_f64(0.2),
                    taking: None,
                };
                self.put(backend, context.watch, question)?
            }
        };
        let now = self.whole_held();
        let whole = Model::new(&self.program, &now, Aim::Cost(terms));
        if let Some(point) = &answer.values {
            let question = Question {
                model: &whole.around(&self.program, point),
                start: None,
                relative_gap: self.gap * 0.4,
                absolute_gap: 1e-9,
                time: budget.coarse.mul_f64(0.15),
                taking: Some(l),
            };
            self.put(backend, context.watch, question);
        }
        answer.bound.map(|bound| bound / model.cost_scale)
    }

    /// What the relaxation leaves at nothing stays at nothing, and the rest is searched (T.
    /// Berthold, RENS: the optimal rounding, 2014); the bound is that of the relaxation. A
    /// back end comes to this by itself, after seconds of cuts that a relaxation within the
    /// gap has no need of.
    fn near_relaxed(
        &mut self,
        backend: &dyn MilpBackend,
        context: Context<'_>,
        model: &Model,
        relaxed: Answer,
        gap: f64,
        budget: Budget,
    ) -> Option<Answer> {
        let fewer = model.without_unused(&self.program, relaxed.values.as_ref()?);
        let question = Question {
            model: &fewer,
            start: None,
            relative_gap: 0.0,
            absolute_gap: gap,
            time: budget.coarse.mul_f64(0.15),
            taking: None,
        };
        let answer = self.put(backend, context.watch, question)?;
        Some(Answer { bound: relaxed.bound, ..answer })
    }
}
