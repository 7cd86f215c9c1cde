//! What changed from one plan to another.
//!
//! In: two plans. Out: [`PlanDiff`]: assignments added, dropped and changed, service that
//! moved, needs won and lost, pairs opened and closed, levels before and after. Must not
//! know ledgers: the plans may be of different ones (a scenario, the next month), so
//! everything is compared by id. Rejected: a textual diff of the files (a shifted bound
//! would look like a changed plan).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::big::Big;
use super::types::{Assignment, LevelRecord, Plan, SenseName, Status};

/// An assignment whose quantity differs; 0 where a plan does not have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The offer.
    pub offer: String,
    /// Its unit.
    pub unit: Option<String>,
    /// The need.
    pub need: String,
    /// Place of the need.
    pub place: Option<String>,
    /// Quantity in the first plan.
    pub before: i64,
    /// Quantity in the second.
    pub after: i64,
}

/// Service of a need that another offer took over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The need.
    pub need: String,
    /// The offer that serves it less.
    pub from: String,
    /// The offer that serves it more.
    pub to: String,
    /// How much.
    pub quantity: i64,
}

/// A need that is covered differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NeedChange {
    /// The need.
    pub need: String,
    /// What it asks for in the second plan, or in the first if it is not in the second.
    pub asked: Option<i64>,
    /// Covered in the first plan.
    pub before: i64,
    /// Covered in the second.
    pub after: i64,
    /// Whether it is met in full now, and was not.
    pub newly_met: bool,
    /// Whether it was met in full, and is not now.
    pub no_longer_met: bool,
}

/// A unit and a place that begin or cease to work together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PairChange {
    /// The unit.
    pub unit: String,
    /// Place of the needs.
    pub place: String,
}

/// Whether a level got better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// Better.
    Better,
    /// Worse.
    Worse,
    /// The same, or not comparable because only one plan has the level.
    Same,
}

/// A level before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LevelChange {
    /// Its label.
    pub goal: String,
    /// Direction.
    pub sense: SenseName,
    /// How many units of the value make 1.
    pub scale: i64,
    /// Value in the first plan.
    pub before: Option<Big>,
    /// Value in the second.
    pub after: Option<Big>,
    /// `after - before` where both are there.
    pub by: Option<Big>,
    /// Better, worse or the same.
    pub trend: Trend,
}

/// Everything that differs between two plans; all lists ascending by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanDiff {
    /// Assignments only the second plan has.
    pub added: Vec<Changed>,
    /// Assignments only the first plan has.
    pub dropped: Vec<Changed>,
    /// Assignments of both with another quantity.
    pub changed: Vec<Changed>,
    /// Service that went from one offer to another for the same need. It is contained in
    /// the three lists above: what a need loses at one offer and gains at another.
    pub moved: Vec<Moved>,
    /// Needs that are covered more.
    pub won: Vec<NeedChange>,
    /// Needs that are covered less.
    pub lost: Vec<NeedChange>,
    /// (unit, place) pairs only the second plan has.
    pub opened: Vec<PairChange>,
    /// (unit, place) pairs only the first plan has.
    pub closed: Vec<PairChange>,
    /// Assignments that are the same in both.
    pub unchanged: u64,
    /// Levels in the order of the second plan, then those only the first has.
    pub levels: Vec<LevelChange>,
}

impl PlanDiff {
    /// Compares `before` with `after`. O(a log a) in the number of assignments.
    ///
    /// ```
    /// use concentric_matcher::plan::PlanDiff;
    /// # use concentric_matcher::ledger::{Ledger, Need, Offer, Unit};
    /// # use concentric_matcher::{Engine, Options};
    /// # let plan = |offered| Engine::new(Options::default()).match_ledger(
    /// #     Ledger::builder("l").unit(Unit::new("u")).offer(Offer::new("o", "u", offered))
    /// #         .need(Need::new("n", 9)).build());
    /// let diff = PlanDiff::between(&plan(4)?, &plan(6)?);
    /// assert_eq!((diff.changed[0].before, diff.changed[0].after), (4, 6));
    /// assert_eq!(diff.won[0].need, "n");
    /// # Ok::<(), concentric_matcher::Error>(())
    /// ```
    pub fn between(before: &Plan, after: &Plan) -> PlanDiff {
        let mut lines: BTreeMap<(&str, &str), [Option<&Assignment>; 2]> = BTreeMap::new();
        for (side, plan) in [before, after].into_iter().enumerate() {
            for a in &plan.assignments {
                lines.entry((&a.offer, &a.need)).or_default()[side] = Some(a);
            }
        }
        let mut diff = PlanDiff {
            added: Vec::new(),
            dropped: Vec::new(),
            changed: Vec::new(),
            moved: Vec::new(),
            won: Vec::new(),
            lost: Vec::new(),
            opened: Vec::new(),
            closed: Vec::new(),
            unchanged: 0,
            levels: levels(before, after),
        };
        let mut by_need: BTreeMap<&str, Vec<(&str, i64)>> = BTreeMap::new();
        for (&(offer, need), &[first, second]) in &lines {
            let Some(known) = second.or(first) else { continue };
            let [was, is] = [first, second].map(|a| a.map_or(0, |a| a.quantity));
            if was == is {
                diff.unchanged += 1;
                continue;
            }
            by_need.entry(need).or_default().push((offer, is - was));
            let list = match (first, second) {
                (None, _) => &mut diff.added,
                (_, None) => &mut diff.dropped,
                _ => &mut diff.changed,
            };
            list.push(Changed {
                offer: offer.to_owned(),
                unit: known.unit.clone(),
                need: need.to_owned(),
                place: known.place.clone(),
                before: was,
                after: is,
            });
        }
        diff.moved = by_need.into_iter().flat_map(|(need, changes)| moves(need, changes)).collect();
        needs(before, after, &mut diff);
        let (was, is) = (pairs(before), pairs(after));
        diff.opened = is.difference(&was).cloned().collect();
        diff.closed = was.difference(&is).cloned().collect();
        diff
    }

    /// Whether both plans assign the same and are worth the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.dropped.is_empty()
            && self.changed.is_empty()
            && self.levels.iter().all(|level| level.before == level.after)
    }
}

/// What one need loses at some offers and gains at others, matched in the order of ids.
fn moves(need: &str, changes: Vec<(&str, i64)>) -> Vec<Moved> {
    let (gains, losses): (Vec<_>, Vec<_>) = changes.into_iter().partition(|(_, by)| *by > 0);
    let mut gains = gains.into_iter();
    let mut gain = gains.next();
    let mut found = Vec::new();
    for (from, by) in losses {
        let mut left = -by;
        while let Some((to, room)) = gain.filter(|_| left > 0) {
            let quantity = left.min(room);
            let (need, from) = (need.to_owned(), from.to_owned());
            found.push(Moved { need, from, to: to.to_owned(), quantity });
            left -= quantity;
            gain = if room > quantity { Some((to, room - quantity)) } else { gains.next() };
        }
    }
    found
}

fn needs(before: &Plan, after: &Plan, diff: &mut PlanDiff) {
    let mut covered: BTreeMap<&str, [i64; 2]> = BTreeMap::new();
    let mut asked: BTreeMap<&str, [Option<i64>; 2]> = BTreeMap::new();
    for (side, plan) in [before, after].into_iter().enumerate() {
        for a in &plan.assignments {
            covered.entry(&a.need).or_default()[side] += a.quantity;
        }
        for o in &plan.outcomes {
            asked.entry(&o.need).or_default()[side] = Some(o.asked);
        }
    }
    for (need, [was, is]) in covered.into_iter().filter(|(_, [was, is])| was != is) {
        let asks = asked.get(need).copied().unwrap_or_default();
        let met = |asked: Option<i64>, covered| {
            asked.is_some_and(|q| Status::of(q, covered) == Status::Met)
        };
        let (met_before, met_now) = (met(asks[0], was), met(asks[1], is));
        let change = NeedChange {
            need: need.to_owned(),
            asked: asks[1].or(asks[0]),
            before: was,
            after: is,
            newly_met: met_now && !met_before,
            no_longer_met: met_before && !met_now,
        };
        if is > was { diff.won.push(change) } else { diff.lost.push(change) }
    }
}

fn pairs(plan: &Plan) -> BTreeSet<PairChange> {
    let each = plan.assignments.iter();
    each.filter_map(|a| Some(PairChange { unit: a.unit.clone()?, place: a.place.clone()? }))
        .collect()
}

/// Levels matched by label; a label that stands twice is matched in order.
fn levels(before: &Plan, after: &Plan) -> Vec<LevelChange> {
    let mut taken = vec![false; before.levels.len()];
    let mut rows = Vec::new();
    for level in &after.levels {
        let same = |at: &usize| !taken[*at] && before.levels[*at].goal == level.goal;
        let at = (0..taken.len()).find(same);
        if let Some(at) = at {
            taken[at] = true;
        }
        rows.push(level_change(at.map(|at| &before.levels[at]), Some(level)));
    }
    let gone = before.levels.iter().zip(taken).filter(|(_, taken)| !taken);
    rows.extend(gone.map(|(level, _)| level_change(Some(level), None)));
    rows.retain(|row| row.before.is_some() || row.after.is_some());
    rows
}

fn level_change(before: Option<&LevelRecord>, after: Option<&LevelRecord>) -> LevelChange {
    let known = after.or(before);
    let sense = known.map_or(SenseName::Maximize, |l| l.sense);
    let by = match (before, after) {
        // Two scales make two values that cannot be compared.
        (Some(b), Some(a)) if b.scale == a.scale && b.sense == a.sense => {
            Some(Big(a.value.0 - b.value.0))
        }
        _ => None,
    };
    let up = by.map_or(0, |by| match sense {
        SenseName::Maximize => by.0.signum(),
        SenseName::Minimize => -by.0.signum(),
    });
    LevelChange {
        goal: known.map_or_else(String::new, |l| l.goal.clone()),
        sense,
        scale: known.map_or(1, |l| l.scale),
        before: before.map(|l| l.value),
        after: after.map(|l| l.value),
        by,
        trend: match up {
            1 => Trend::Better,
            -1 => Trend::Worse,
            _ => Trend::Same,
        },
    }
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
