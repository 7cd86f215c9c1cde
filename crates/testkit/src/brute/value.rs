//! Exact values of levels, and when one is better than another.
//!
//! In: a [`Level`] and a plan. Out: [`LevelValue`]s and their order. Must not know how
//! plans are found. Everything is whole-number arithmetic; fractions are compared by
//! cross multiplication.

use std::cmp::Ordering;

use concentric_matcher::ledger::{By, FairForm, PlaceLevel, TermWhat, ValueOf};

use super::arcs::{Arc, Between};
use super::levels::{Kind, Level};
use super::rows::{Row, distinct_pairs};
use super::world::World;

/// Exact value of one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LevelValue {
    /// A whole number at the level's scale.
    Number(i128),
    /// Reduced fractions (numerator, denominator > 0), ascending: the groups of
    /// `fair` (`maximin`: the smallest alone), or the one share of `balance`.
    Fractions(Vec<(i128, i128)>),
}

impl LevelValue {
    /// Fractions in the form used here: reduced, ascending. Denominators are positive.
    ///
    /// ```
    /// use concentric_testkit::brute::LevelValue;
    /// let vector = LevelValue::fractions([(2, 2), (2, 4)]);
    /// assert_eq!(vector, LevelValue::Fractions(vec![(1, 2), (1, 1)]));
    /// ```
    pub fn fractions(given: impl IntoIterator<Item = (i128, i128)>) -> Self {
        let mut sorted: Vec<(i128, i128)> = given.into_iter().map(reduced).collect();
        sorted.sort_by(compare);
        LevelValue::Fractions(sorted)
    }
}

impl Level {
    /// Value of plan `x` (service by arc).
    pub(super) fn value(
        &self,
        world: &World,
        arcs: &[Arc],
        between: &[Between],
        rows: &[Row],
        x: &[i64],
    ) -> LevelValue {
        let dot = |c: &[i128]| -> i128 { c.iter().zip(x).map(|(c, &x)| c * i128::from(x)).sum() };
        let covered = |n: usize| -> i128 {
            let at = |(a, &x): (&Arc, &i64)| if a.need == n { i128::from(x) } else { 0 };
            arcs.iter().zip(x).map(at).sum()
        };
        let needs = &world.ledger.needs;
        let number = match &self.kind {
            Kind::Soft => {
                rows.iter().filter(|r| !r.hard).map(|r| r.penalty(r.total(world, arcs, x))).sum()
            }
            Kind::Linear(c) => dot(c),
            Kind::Spend(c) => dot(c) + fixed_costs(world, arcs, between, x),
            Kind::Keep(c) => {
                (0..arcs.len()).map(|a| c[a] * i128::from(x[a].min(arcs[a].baseline))).sum()
            }
            Kind::Tier(members, beyond) => members
                .iter()
                .map(|&(n, c, at)| {
                    let below = (covered(n) * 1_000_000).min(at) * c / 1_000_000;
                    if *beyond { covered(n) * c - below } else { below }
                })
                .sum(),
            Kind::Fair(groups, by, form, of) => {
                let mut shares: Vec<(i128, i128)> = groups
                    .iter()
                    .map(|group| match (of, by) {
                        (ValueOf::Value, _) => {
                            let worth = |a: usize| {
                                if group.contains(&arcs[a].need) {
                                    i128::from(arcs[a].value) * i128::from(x[a])
                                } else {
                                    0
                                }
                            };
                            ((0..arcs.len()).map(worth).sum(), 1)
                        }
                        (ValueOf::Coverage, By::Amount) => (
                            group.iter().map(|&n| covered(n)).sum(),
                            group.iter().map(|&n| i128::from(needs[n].quantity)).sum(),
                        ),
                        (ValueOf::Coverage, By::Share) => {
                            let q = |n: usize| i128::from(needs[n].quantity);
                            let w = |n: usize| i128::from(needs[n].priority);
                            let common = group.iter().map(|&n| q(n)).fold(1, lcm);
                            let got = |n: usize| w(n) * covered(n) * (common / q(n));
                            let all: i128 = group.iter().map(|&n| w(n)).sum();
                            (group.iter().map(|&n| got(n)).sum(), all * common)
                        }
                    })
                    .map(reduced)
                    .collect();
                shares.sort_by(compare);
                if *form == FairForm::Maximin {
                    shares.truncate(1);
                }
                return LevelValue::Fractions(shares);
            }
            Kind::Partners(chosen) => {
                let used = (0..arcs.len()).filter(|&a| chosen[a] && x[a] > 0);
                distinct_pairs(world, arcs, used, PlaceLevel::Community)
            }
            Kind::Balance => {
                let share = |u: usize| {
                    let mine = |a: &usize| world.offers[arcs[*a].offer].unit == u;
                    let draws = |a: usize| i128::from(x[a]) * i128::from(arcs[a].consumption);
                    let used: i128 = (0..arcs.len()).filter(mine).map(draws).sum();
                    let has = |o: &usize| world.offers[*o].unit == u;
                    let offers = &world.ledger.offers;
                    let all: i128 =
                        (0..offers.len()).filter(has).map(|o| i128::from(offers[o].quantity)).sum();
                    (all > 0).then(|| reduced((used, all)))
                };
                let largest = (0..world.ledger.units.len()).filter_map(share).max_by(compare);
                return LevelValue::Fractions(largest.into_iter().collect());
            }
            Kind::Weighted(terms, chosen) => {
                let each = |weight: &dyn Fn(&Arc) -> i64| -> i128 {
                    (0..arcs.len())
                        .filter(|&a| chosen[a])
                        .map(|a| i128::from(weight(&arcs[a])) * i128::from(x[a]))
                        .sum()
                };
                let offers = &world.ledger.offers;
                let one = |what: TermWhat| match what {
                    TermWhat::Value => each(&|a| a.value),
                    TermWhat::Spend => {
                        each(&|a| offers[a.offer].unit_cost + a.cost)
                            + fixed_costs(world, arcs, between, x)
                    }
                    TermWhat::Cover => each(&|a| needs[a.need].priority),
                    TermWhat::Partners => {
                        let used = (0..arcs.len()).filter(|&a| chosen[a] && x[a] > 0);
                        distinct_pairs(world, arcs, used, PlaceLevel::Community)
                    }
                };
                terms.iter().map(|&(what, weight)| weight * one(what)).sum()
            }
        };
        LevelValue::Number(number)
    }

    /// Whether `a` is better than (`Less`), as good as, or worse than `b`.
    pub(super) fn prefer(&self, a: &LevelValue, b: &LevelValue) -> Ordering {
        let ascending = match (a, b) {
            (LevelValue::Number(a), LevelValue::Number(b)) => a.cmp(b),
            (LevelValue::Fractions(a), LevelValue::Fractions(b)) => a
                .iter()
                .zip(b)
                .map(|(a, b)| compare(a, b))
                .find(|o| o.is_ne())
                .unwrap_or(a.len().cmp(&b.len())),
            // A level has one kind of value; both sides are of it.
            _ => Ordering::Equal,
        };
        if self.maximise { ascending.reverse() } else { ascending }
    }

    /// Whether `value` keeps the optimum `best` within the level's tolerance.
    pub(super) fn keeps(&self, value: &LevelValue, best: &LevelValue) -> bool {
        let ppm = i128::from(self.tolerance_ppm);
        match (value, best) {
            (LevelValue::Number(v), LevelValue::Number(b)) => {
                let slack = (b.abs() * ppm).div_euclid(1_000_000);
                if self.maximise { *v >= b - slack } else { *v <= b + slack }
            }
            _ if ppm == 0 => self.prefer(value, best).is_eq(),
            (LevelValue::Fractions(v), LevelValue::Fractions(b)) => {
                let sign = if self.maximise { -1 } else { 1 };
                v.iter().zip(b).all(|(v, b)| {
                    let edge = (b.0 * (1_000_000 + sign * ppm), b.1 * 1_000_000);
                    compare(v, &edge)
                        != if self.maximise { Ordering::Less } else { Ordering::Greater }
                })
            }
            _ => false,
        }
    }
}

/// Fixed costs of the offers, units, arcs and (unit, place) rows that are used.
fn fixed_costs(world: &World, arcs: &[Arc], between: &[Between], x: &[i64]) -> i128 {
    let used: Vec<usize> = (0..arcs.len()).filter(|&a| x[a] > 0).collect();
    let offers = &world.ledger.offers;
    let of_arcs = used.iter().map(|&a| arcs[a].fixed_cost);
    let of_offers = (0..offers.len())
        .filter(|&o| used.iter().any(|&a| arcs[a].offer == o))
        .map(|o| offers[o].fixed_cost);
    let of_units = (0..world.ledger.units.len())
        .filter(|&u| used.iter().any(|&a| world.offers[arcs[a].offer].unit == u))
        .map(|u| world.ledger.units[u].fixed_cost);
    let of_rows = between
        .iter()
        .filter(|row| row.arcs.iter().any(|a| used.contains(a)))
        .map(|row| row.fixed_cost);
    of_arcs.chain(of_offers).chain(of_units).chain(of_rows).map(i128::from).sum()
}

/// By value; denominators are positive.
fn compare(a: &(i128, i128), b: &(i128, i128)) -> Ordering {
    (a.0 * b.1).cmp(&(b.0 * a.1))
}

fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Least common multiple of two numbers above 0; keeps sums of shares small.
pub(super) fn lcm(a: i128, b: i128) -> i128 {
    a / gcd(a, b) * b
}

fn reduced((numerator, denominator): (i128, i128)) -> (i128, i128) {
    let by = gcd(numerator.abs(), denominator);
    (numerator / by, denominator / by)
}
