//! Levels of a small ledger: goals turned into coefficients and groups.
//!
//! In: a [`World`] and its arcs. Out: [`Level`]s, and the [`Budget`]s of changes that goals
//! bring along. Must not know any plan; `value` evaluates levels, `search` checks budgets.
//! Coefficients are floored once for each arc.

use concentric_matcher::ledger::{By, FairForm, Goal, PlaceLevel, TermWhat, ValueOf, What};

use super::arcs::Arc;
use super::rows::SCALE;
use super::selectors::{need_groups, selects_need};
use super::world::World;

/// A level ready for evaluation.
pub(super) struct Level {
    pub name: String,
    pub maximise: bool,
    pub tolerance_ppm: i64,
    pub kind: Kind,
}

/// What a level adds up, with everything that does not depend on the plan.
pub(super) enum Kind {
    /// Sum of penalties of missed soft rows.
    Soft,
    /// Sum of coefficient times service, by arc.
    Linear(Vec<i128>),
    /// Linear plus fixed costs of what is used.
    Spend(Vec<i128>),
    /// (need, coefficient, breakpoint numerator in ppm of units, beyond the breakpoint?).
    Tier(Vec<(usize, i128, i128)>, bool),
    /// Sum of coefficient times min(service, baseline).
    Keep(Vec<i128>),
    /// Groups of needs.
    Fair(Vec<Vec<usize>>, By, FairForm, ValueOf),
    Partners(Vec<bool>),
    Balance,
    /// Terms (what, weight) over the selected arcs.
    Weighted(Vec<(TermWhat, i128)>, Vec<bool>),
}

/// All levels in order; level 0 first when a soft limit exists.
pub(super) fn levels(world: &World, arcs: &[Arc]) -> Vec<Level> {
    let mut levels = Vec::new();
    if world.ledger.limits.iter().any(|l| !l.hard) {
        levels.push(Level {
            name: "soft".to_owned(),
            maximise: false,
            tolerance_ppm: 0,
            kind: Kind::Soft,
        });
    }
    let default = Goal::default_order();
    let goals = match &world.ledger.goals[..] {
        [] => &default[..],
        some => some,
    };
    for goal in goals {
        let mut push = |suffix: &str, maximise: bool, kind: Kind| {
            levels.push(Level {
                name: goal.label() + suffix,
                maximise,
                tolerance_ppm: goal.tolerance_ppm,
                kind,
            });
        };
        let chosen: Vec<bool> =
            (0..world.needs.len()).map(|n| selects_need(world, &goal.filter, n)).collect();
        let of = |weight: &dyn Fn(&Arc) -> i64| -> Vec<i128> {
            arcs.iter()
                .map(|a| match chosen[a.need] {
                    true => coefficient(world, goal.by, a.need, weight(a)),
                    false => 0,
                })
                .collect()
        };
        // Money and worth count for each unit of quantity, whatever `by` says.
        let plain = |weight: &dyn Fn(&Arc) -> i64| -> Vec<i128> {
            arcs.iter().map(|a| i128::from(weight(a)) * i128::from(chosen[a.need])).collect()
        };
        let offers = &world.ledger.offers;
        let needs = &world.ledger.needs;
        match goal.what {
            What::Cover => push("", true, Kind::Linear(of(&|a| needs[a.need].priority))),
            What::Fit => push("", false, Kind::Linear(of(&|a| 100 - offers[a.offer].proficiency))),
            What::Near => push(
                "",
                false,
                Kind::Linear(of(&|a| {
                    world.metres(world.offers[a.offer].unit, world.needs[a.need].place)
                })),
            ),
            What::Escalate => {
                push("", false, Kind::Linear(of(&|a| rank(world.offers[a.offer].level))))
            }
            What::Value => push("", true, Kind::Linear(plain(&|a| a.value))),
            What::Spend => {
                push("", false, Kind::Spend(plain(&|a| offers[a.offer].unit_cost + a.cost)))
            }
            What::Keep => push("", true, Kind::Keep(of(&|_| 1))),
            What::Tier => {
                let at = i128::from(goal.at_ppm.unwrap_or(1_000_000));
                let needs: Vec<(usize, i128, i128)> = (0..needs.len())
                    .filter(|&n| chosen[n])
                    .map(|n| {
                        let c = coefficient(world, goal.by, n, needs[n].priority);
                        (n, c, at * i128::from(needs[n].quantity))
                    })
                    .collect();
                push(".first", true, Kind::Tier(needs.clone(), false));
                push(".beyond", true, Kind::Tier(needs, true));
            }
            What::Fair => {
                let members: Vec<usize> = (0..needs.len()).filter(|&n| chosen[n]).collect();
                let groups = fair_groups(world, goal, &members);
                push("", true, Kind::Fair(groups, goal.by, goal.form, goal.of));
            }
            What::Partners => {
                let used = arcs.iter().map(|a| chosen[a.need]).collect();
                push("", false, Kind::Partners(used));
            }
            What::Balance => push("", false, Kind::Balance),
            What::Weighted => {
                let terms = goal.terms.iter().map(|t| (t.what, i128::from(t.weight))).collect();
                let used = arcs.iter().map(|a| chosen[a.need]).collect();
                push("", true, Kind::Weighted(terms, used));
            }
        }
    }
    levels
}

/// The most standing pairs that a goal lets go: a rule that every plan obeys, whatever
/// the level before or after it is worth.
pub(super) struct Budget {
    pub name: String,
    /// Arcs with standing service, among the needs of the goal.
    pub standing: Vec<usize>,
    pub most: i64,
}

impl Budget {
    /// Whether plan `x` changes no more: one pair is changed where a part of its standing
    /// service is gone, and not where there is more of it.
    pub(super) fn holds(&self, arcs: &[Arc], x: &[i64]) -> bool {
        let mut left = self.most;
        for &a in &self.standing {
            if (x[a] - arcs[a].baseline).is_negative() {
                left -= 1;
            }
        }
        left >= 0
    }
}

/// Budgets of changes, in the order of the goals.
pub(super) fn budgets(world: &World, arcs: &[Arc]) -> Vec<Budget> {
    let mut budgets = Vec::new();
    for goal in &world.ledger.goals {
        let Some(most) = goal.change_budget else { continue };
        let standing =
            |&a: &usize| arcs[a].baseline > 0 && selects_need(world, &goal.filter, arcs[a].need);
        let standing = (0..arcs.len()).filter(standing).collect();
        budgets.push(Budget { name: goal.label(), standing, most });
    }
    budgets
}

/// floor(weight * 10^12 / q) by share, the weight itself by amount.
fn coefficient(world: &World, by: By, need: usize, weight: i64) -> i128 {
    match by {
        By::Share => {
            let q = i128::from(world.ledger.needs[need].quantity);
            (i128::from(weight) * SCALE).div_euclid(q)
        }
        By::Amount => i128::from(weight),
    }
}

/// How far up a level is, as the written rules list them.
fn rank(level: PlaceLevel) -> i64 {
    match level {
        PlaceLevel::Grid
        | PlaceLevel::MicroGrid
        | PlaceLevel::ServicePoint
        | PlaceLevel::Compound => 0,
        PlaceLevel::Community | PlaceLevel::KeySite => 1,
        PlaceLevel::Street => 2,
        PlaceLevel::District => 3,
    }
}

fn fair_groups(world: &World, goal: &Goal, members: &[usize]) -> Vec<Vec<usize>> {
    let Some(per) = goal.per else {
        return if members.is_empty() { Vec::new() } else { vec![members.to_vec()] };
    };
    let mut names: Vec<String> = members.iter().flat_map(|&n| need_groups(world, per, n)).collect();
    names.sort();
    names.dedup();
    names
        .iter()
        .map(|name| {
            let inside = |n: &usize| need_groups(world, per, *n).contains(name);
            members.iter().copied().filter(inside).collect()
        })
        .collect()
}
