//! A point improved some units at a time: their decisions open, all others as they stand.
//!
//! In: a program whose quantities need not be whole, and a point of it. Out: a better
//! point. Must not know levels, nor what becomes of the point. Large neighbourhood search
//! as in `nearby`, by what units decide instead of what needs get: where a unit may serve
//! only so many places, a better plan is one in which several units trade places, and
//! quantities move everywhere. Rejected: neighbourhoods of needs (each lets a bit of every
//! unit move, none a whole trade), and those in which the relaxation differs from the point
//! (it parts every decision a little).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::milp::{Answer, MilpBackend};
use crate::network::Meaning;

use super::model::Model;
use super::nearby::Dice;
use super::search::Question;
use super::{Context, Part};

/// Units whose decisions are open at a time, at first.
const UNITS: usize = 4;
/// Neighbourhoods in a row without anything better, after which one more unit is opened.
const PATIENCE: usize = 12;
/// Longest search of one neighbourhood.
const TURN: Duration = Duration::from_millis(250);

impl Part<'_> {
    /// Improves the point of `answer`, a point of `loose`, for about `time` or until it is
    /// within `gap` of the answer's bound.
    pub(super) fn polish(
        &mut self,
        backend: &dyn MilpBackend,
        context: Context<'_>,
        loose: &Model,
        answer: &mut Answer,
        gap: f64,
        time: Duration,
    ) {
        let Some(mut point) = answer.values.take() else { return };
        let deciding = self.deciding();
        let count = deciding.len();
        let mut dice = Dice::default();
        let until = self.spent + time;
        let (mut size, mut failed) = (UNITS.min(count), 0);
        while size > 0
            && answer.bound.is_none_or(|bound| loose.problem.value(&point) - bound > gap)
            && self.spent < until
            && context.watch.exceeded(0).is_none()
        {
            let mut open = vec![false; self.program.arcs.len()];
            for (columns, _) in deciding.iter().zip(dice.choose(size, count)).filter(|(_, c)| *c) {
                columns.iter().for_each(|&c| open[c as usize] = true);
            }
            // Columns that are not whole are never fixed.
            let values: Vec<i64> = point.iter().map(|x| x.round() as i64).collect();
            let model = loose.with_decisions(&self.program, &values, &open);
            let question = Question {
                model: &model,
                start: Some(point.clone()),
                relative_gap: 0.0,
                absolute_gap: gap * 0.5,
                time: TURN.min(until.saturating_sub(self.spent)),
                taking: None,
            };
            let Some(found) = self.put(backend, context.watch, question) else { break };
            let gain = |found: &Vec<f64>| loose.problem.value(&point) - loose.problem.value(found);
            let found = found.values.map(|found| (gain(&found), found));
            // Less than that is a crumb, and more of them are no reason to stay at a size.
            failed = match &found {
                Some((gain, _)) if *gain > gap * 0.1 => 0,
                _ => failed + 1,
            };
            if let Some((_, better)) = found.filter(|(gain, _)| *gain > 0.0) {
                point = better;
            }
            if failed >= PATIENCE {
                if size == count {
                    break;
                }
                (size, failed) = (size + 1, 0);
            }
        }
        answer.values = Some(point);
    }

    /// Service columns of each unit that has a decision to make.
    fn deciding(&self) -> Vec<Vec<u32>> {
        let arcs = &self.network.arcs;
        let offers = &self.network.valid.ledger().offers;
        let unit = |c: u32| {
            let arc = self.program.arcs[c as usize] as usize;
            offers[arcs.offer[arc] as usize].unit.as_str()
        };
        let mut columns: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for c in 0..self.program.arcs.len() as u32 {
            columns.entry(unit(c)).or_default().push(c);
        }
        let mut deciding = BTreeSet::new();
        for column in self.program.columns.iter().filter(|column| column.lower < column.upper) {
            if let Meaning::Used(columns) = &column.meaning {
                deciding.extend(columns.iter().map(|&c| unit(c)));
            }
        }
        columns.retain(|unit, _| deciding.contains(unit));
        columns.into_values().collect()
    }
}
