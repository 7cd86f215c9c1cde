//! A point of a program: auxiliary columns from service, rows checked, levels added up.
//!
//! In: service of a part. Out: all columns, the first broken row, the worth of each
//! level. Must not know where the service comes from.

use std::cmp::Ordering;

use super::{Form, Meaning, Program};
use crate::quantity::SHARE_SCALE;

/// What a plan is worth at one level of a part; smaller is better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worth {
    /// Cost.
    Cost(i128),
    /// Group values (numerator, denominator), worst first; more is better.
    Shares(Vec<(i128, i128)>),
}

impl Worth {
    /// Whether this is better (`Less`) or worse than `other`. For a maximin level only
    /// the worst group counts.
    pub fn compare(&self, other: &Worth, leximin: bool) -> Ordering {
        match (self, other) {
            (Worth::Cost(a), Worth::Cost(b)) => a.cmp(b),
            (Worth::Shares(a), Worth::Shares(b)) => {
                let length = if leximin { a.len() } else { a.len().min(1) };
                let fractions = b.iter().zip(a).take(length);
                fractions
                    .map(|(b, a)| compare(*b, *a))
                    .find(|order| order.is_ne())
                    .unwrap_or(Ordering::Equal)
            }
            // Levels keep their kind.
            _ => Ordering::Equal,
        }
    }

    /// The cost, or the worst share in 10^12 parts, negated.
    pub fn cost(&self) -> i128 {
        match self {
            Worth::Cost(cost) => *cost,
            Worth::Shares(shares) => shares.first().map_or(-i128::from(SHARE_SCALE), |s| {
                -(s.0 * i128::from(SHARE_SCALE)).div_euclid(s.1)
            }),
        }
    }
}

fn compare(a: (i128, i128), b: (i128, i128)) -> Ordering {
    (a.0 * b.1).cmp(&(b.0 * a.1))
}

fn total(terms: &[(u32, i64)], values: &[i64]) -> i128 {
    terms.iter().map(|&(c, k)| i128::from(k) * i128::from(values[c as usize])).sum()
}

fn ceil_div(a: i128, b: i128) -> i128 {
    a.div_euclid(b) + i128::from(a.rem_euclid(b) != 0)
}

impl Program {
    /// All columns of a point, from its service. O(size).
    pub fn complete(&self, service: &[i64]) -> Vec<i64> {
        let mut values: Vec<i64> = service.to_vec();
        let clamp = |value: i128| i64::try_from(value).unwrap_or(i64::MAX);
        for column in &self.columns[self.arcs.len()..] {
            let sum =
                |columns: &[u32]| -> i64 { columns.iter().map(|&c| values[c as usize]).sum() };
            let value = match &column.meaning {
                Meaning::Service(_) => 0,
                Meaning::Used(columns) => {
                    i64::from(columns.iter().any(|&c| values[c as usize] > 0))
                }
                Meaning::Served(needs) => {
                    i64::from(needs.iter().any(|(columns, least)| sum(columns) >= *least))
                }
                Meaning::Kept(c, standing) => values[*c as usize].min(*standing),
                Meaning::Held(c, standing) => i64::from(values[*c as usize] >= *standing),
                Meaning::Part(columns, from) => (sum(columns) - from).clamp(0, column.upper),
                Meaning::Miss { terms, bound, step, below, .. } => {
                    let sum = total(terms, &values);
                    let distance = if *below { bound - sum } else { sum - bound };
                    clamp(ceil_div(distance.max(0), *step))
                }
                Meaning::Peak(loads) => {
                    let part = |(terms, whole): &(Vec<(u32, i64)>, i64)| {
                        ceil_div(
                            total(terms, &values) * i128::from(SHARE_SCALE),
                            i128::from(*whole),
                        )
                    };
                    clamp(loads.iter().map(part).max().unwrap_or(0))
                }
            };
            values.push(value);
        }
        values
    }

    /// Whether a completed point obeys all bounds and rows. O(size).
    pub fn holds(&self, values: &[i64]) -> bool {
        let bounds = self
            .columns
            .iter()
            .zip(values)
            .all(|(column, &value)| column.lower <= value && value <= column.upper);
        bounds && self.rows.iter().all(|row| row.holds(values))
    }

    /// Worth of a completed point at a level. O(size of the level).
    pub fn worth(&self, level: usize, values: &[i64]) -> Worth {
        match &self.levels[level] {
            Form::Linear(terms) => Worth::Cost(total(terms, values)),
            Form::Fair { groups, .. } => {
                let mut shares: Vec<(i128, i128)> =
                    groups.iter().map(|g| (total(&g.terms, values), g.whole)).collect();
                shares.sort_by(|a, b| compare(*a, *b));
                Worth::Shares(shares)
            }
        }
    }

    /// Worth of a completed point at every level.
    pub fn worths(&self, values: &[i64]) -> Vec<Worth> {
        (0..self.levels.len()).map(|level| self.worth(level, values)).collect()
    }

    /// Compares two points on a level; `Less` is better.
    pub fn compare(&self, level: usize, a: &Worth, b: &Worth) -> Ordering {
        let leximin = matches!(self.levels[level], Form::Fair { leximin: true, .. });
        a.compare(b, leximin)
    }
}

impl super::Line {
    /// Whether a completed point obeys the row but for `slack`.
    pub fn nearly_holds(&self, values: &[i64], slack: i128) -> bool {
        let sum = total(&self.terms, values);
        self.lower.is_none_or(|l| l - slack <= sum) && self.upper.is_none_or(|u| sum - slack <= u)
    }

    /// Whether a completed point obeys the row.
    pub fn holds(&self, values: &[i64]) -> bool {
        let sum = total(&self.terms, values);
        self.lower.is_none_or(|l| l <= sum) && self.upper.is_none_or(|u| sum <= u)
    }
}
