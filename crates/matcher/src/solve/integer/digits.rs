//! Levels whose last digits doubles cannot hold: lines split in two, and the question for
//! the last crumb.
//!
//! In: a small part, a level that a back end calls closed, in steps finer than a double
//! resolves. Out: the same line as two lines of small whole coefficients, and a claim that
//! is meant to the last digit. Must not know what a level means. Sums of shares differ in
//! the twelfth digit when rounding falls differently, and the checker and later levels
//! count that digit. Rejected: the same for large parts (one more search a level, for what
//! no planner can see), and allowing such points a slack (a plan then ends below what
//! enumeration finds).

use crate::milp;
use crate::network::{Line, Meaning, Program};

use super::model::{Held, Model};
use super::{Context, Part, gcd};

/// Parts with more service columns than this are asked for no last digits.
const SMALL: usize = 300;
/// How often a level may be improved by a crumb.
const ROUNDS: usize = 8;
/// Relative difference that doubles are trusted with.
pub(super) const TRUST: f64 = 1e-6;
/// The largest whole number that a row may hold here: a double's tolerance is far below 1.
const LARGEST: f64 = 1e8;

/// `sum c_i x_i <= b` with `c_i = h_i s + l_i`, `b = H s + L` holds for whole `x` exactly
/// if some whole `t` has `sum h_i x_i + t <= H` and `sum l_i x_i - s t <= L`: take
/// `t = H - sum h_i x_i`.
struct Digits {
    step: i128,
    high: Vec<(u32, i128)>,
    low: Vec<(u32, i128)>,
    bound: (i128, i128),
    /// Least and largest `t`.
    range: (f64, f64),
}

impl Digits {
    /// `None` where the line has a lower side, columns that are not whole, or numbers that
    /// stay too large.
    fn of(program: &Program, line: &Line) -> Option<Digits> {
        let (None, Some(upper)) = (line.lower, line.upper) else { return None };
        let whole = |meaning: &Meaning| {
            !matches!(meaning, Meaning::Peak(_) | Meaning::Miss { share: true, .. })
        };
        if !line.terms.iter().all(|&(c, _)| whole(&program.columns[c as usize].meaning)) {
            return None;
        }
        let most = line.terms.iter().map(|t| i128::from(t.1).abs()).max().unwrap_or(0);
        let step = most.isqrt().max(1);
        let split = |part: fn(i128, i128) -> i128| {
            line.terms.iter().map(move |&(c, k)| (c, part(i128::from(k), step))).collect()
        };
        let high: Vec<(u32, i128)> = split(i128::div_euclid);
        let bound = (upper.div_euclid(step), upper.rem_euclid(step));
        let ends = high.iter().map(|&(c, k)| {
            let column = &program.columns[c as usize];
            let (a, b) = (k as f64 * column.lower as f64, k as f64 * column.upper as f64);
            (a.min(b), a.max(b))
        });
        let (least, largest) = ends.fold((0.0, 0.0), |all, own| (all.0 + own.0, all.1 + own.1));
        let range = (bound.0 as f64 - largest, bound.0 as f64 - least);
        let size = step as f64 * range.0.abs().max(range.1.abs()).max(1.0);
        (size <= LARGEST * step as f64 && step as f64 <= LARGEST).then(|| Digits {
            step,
            low: split(i128::rem_euclid),
            high,
            bound,
            range,
        })
    }
}

impl Model {
    /// Adds the lines that are to hold to the last digit.
    pub(super) fn hold_digits(&mut self, program: &Program, held: &Held) {
        for digits in held.exact.iter().filter_map(|line| Digits::of(program, line)) {
            let column = self.problem.columns.len() as u32;
            self.problem.columns.push(milp::Column {
                lower: digits.range.0,
                upper: digits.range.1,
                integer: true,
                objective: 0.0,
            });
            let rows =
                [(&digits.high, 1, digits.bound.0), (&digits.low, -digits.step, digits.bound.1)];
            for (terms, carry, upper) in rows {
                let mut terms: Vec<(u32, f64)> =
                    terms.iter().filter(|t| t.1 != 0).map(|&(c, k)| (c, k as f64)).collect();
                terms.push((column, carry as f64));
                let (lower, upper) = (f64::NEG_INFINITY, upper as f64);
                self.problem.rows.push(milp::Row { lower, upper, terms });
                self.row_scale.push(1.0);
            }
        }
    }

    /// The carries of a point, or `None` if it breaks such a line.
    pub(super) fn carries(program: &Program, held: &Held, values: &[i64]) -> Option<Vec<f64>> {
        if !held.exact.iter().all(|line| line.holds(values)) {
            return None;
        }
        let carry = |digits: Digits| {
            let sum: i128 =
                digits.high.iter().map(|&(c, k)| k * i128::from(values[c as usize])).sum();
            (digits.bound.0 - sum) as f64
        };
        Some(held.exact.iter().filter_map(|line| Digits::of(program, line)).map(carry).collect())
    }
}

impl Part<'_> {
    pub(super) fn is_small(&self) -> bool {
        self.program.arcs.len() <= SMALL
    }

    /// Whether costs of a level come in steps that doubles do not tell apart.
    pub(super) fn is_fine(&self, terms: &[(u32, i64)]) -> bool {
        let step = terms.iter().fold(0, |g, &(_, k)| gcd(g, i128::from(k)));
        let most = terms.iter().map(|t| t.1.abs()).max().unwrap_or(0);
        self.is_small() && step as f64 <= TRUST * most as f64
    }

    /// Asks for a point that is better by the last digit, until there is none.
    pub(super) fn crumbs(&mut self, l: usize, terms: &[(u32, i64)], context: Context<'_>) {
        for _ in 0..ROUNDS {
            let Some(cost) = self.cost(l).filter(|&cost| self.claims[l] == Some(cost)) else {
                return;
            };
            let better =
                Line { terms: terms.to_vec(), lower: None, upper: Some(cost - 1), rule: None };
            if Digits::of(&self.program, &better).is_none() {
                return;
            }
            let (before, known) = (self.held.clone(), self.best.take());
            self.held.exact.push(better);
            self.find(context, l, None, super::levels::LEAST);
            self.held = before;
            match self.best.is_some() {
                true => self.claims[l] = self.cost(l),
                false => {
                    self.best = known;
                    return;
                }
            }
        }
    }
}
