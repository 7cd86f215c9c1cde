//! Questions of fairness to a back end: is there a plan at all, how near is a share.
//!
//! In: a part whose held rows carry floors, or groups and a share. Out: better points
//! taken, or the word that there is none. Must not know which floors are tried next.

use std::time::Duration;

use crate::milp::Status;

use super::model::{Aim, Model};
use super::search::Question;
use super::{Context, Part};

impl Part<'_> {
    /// Looks for any plan that obeys the held rows: first with the binaries of `near`, then
    /// with all of them open. Whether there is none, by the back end's word.
    pub(super) fn find(
        &mut self,
        context: Context<'_>,
        l: usize,
        near: Option<&super::Point>,
        time: Duration,
    ) -> bool {
        let Some(backend) = context.backend else { return false };
        let held = self.whole_held();
        let model = Model::new(&self.program, &held, Aim::Any);
        let mut kinds = vec![model.with_loose_quantities(&self.program)];
        if !self.has_binaries() {
            kinds.clear();
        } else if let Some(near) = near {
            let values: Vec<f64> = near.values.iter().map(|&v| v as f64).collect();
            let fixed = model.with_fixed_program_binaries(&self.program, &values);
            kinds = vec![fixed];
        }
        kinds.push(model);
        let each = time.div_f64(kinds.len() as f64);
        for (k, model) in kinds.iter().enumerate() {
            let whole = k + 1 == kinds.len();
            let question = Question {
                model,
                start: None,
                relative_gap: 1.0,
                absolute_gap: 1.0,
                time: each,
                taking: Some(l),
            };
            let Some(answer) = self.put(backend, context.watch, question) else { return false };
            if self.best.is_some() {
                return false;
            }
            if whole {
                return answer.status == Status::Infeasible;
            }
        }
        false
    }

    /// Looks for a plan with every group at a share, or nearly so; better ones are taken.
    pub(super) fn reach(
        &mut self,
        context: Context<'_>,
        l: usize,
        groups: &[crate::network::Group],
        share: f64,
        time: Duration,
    ) {
        let Some(backend) = context.backend else { return };
        let held = self.whole_held();
        let aim = Aim::Floors(groups, share);
        let model = Model::new(&self.program, &held, aim);
        let question = |part: &mut Self, model: &Model, taking: Option<usize>, time: Duration| {
            let question = Question {
                model,
                start: if taking.is_some() { None } else { part.start(&held, aim) },
                relative_gap: 0.0,
                absolute_gap: 1e3 * short_of(part.gap, share),
                time,
                taking,
            };
            part.put(backend, context.watch, question)
        };
        {
            let loose = model.with_loose_quantities(&self.program);
            if let Some(point) =
                question(self, &loose, None, time / 4).and_then(|answer| answer.values)
            {
                let fixed = model.around(&self.program, &point);
                question(self, &fixed, Some(l), time / 4);
            }
        }
        question(self, &model, Some(l), time / 2);
    }
}

/// What all groups together may be short of a share: a tenth of the accepted gap of one.
fn short_of(gap: f64, share: f64) -> f64 {
    gap * share.abs() * 0.1
}
