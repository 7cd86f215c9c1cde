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
/// A share in 10^12 parts is two whole columns: so many parts each, and the rest.
const HALF: i64 = 1_000_000;

/// A term of a line over whole columns: coefficient, column, its bounds.
type Term = (i128, usize, (i64, i64));

/// `sum c_i x_i <= b` with `c_i = h_i s + l_i`, `b = H s + L` holds for whole `x` exactly
/// if some whole `t` has `sum h_i x_i + t <= H` and `sum l_i x_i - s t <= L`: take
/// `t = H - sum h_i x_i`.
struct Digits {
    step: i128,
    high: Vec<(usize, i128)>,
    low: Vec<(usize, i128)>,
    bound: (i128, i128),
    /// Least and largest `t`.
    range: (f64, f64),
}

impl Digits {
    /// `None` where numbers stay too large.
    fn of(terms: &[Term], upper: i128) -> Option<Digits> {
        let most = terms.iter().map(|t| t.0.abs()).max().unwrap_or(0);
        let step = most.isqrt().max(1);
        let split = |part: fn(i128, i128) -> i128| -> Vec<(usize, i128)> {
            terms.iter().map(|&(k, c, _)| (c, part(k, step))).collect()
        };
        let bound = (upper.div_euclid(step), upper.rem_euclid(step));
        let ends = terms.iter().map(|&(k, _, (lower, upper))| {
            let k = k.div_euclid(step) as f64;
            let (a, b) = (k * lower as f64, k * upper as f64);
            (a.min(b), a.max(b))
        });
        let (least, largest) = ends.fold((0.0, 0.0), |all, own| (all.0 + own.0, all.1 + own.1));
        let range = (bound.0 as f64 - largest, bound.0 as f64 - least);
        let size = range.0.abs().max(range.1.abs()).max(step as f64);
        let (high, low) = (split(i128::div_euclid), split(i128::rem_euclid));
        (size <= LARGEST).then_some(Digits { step, high, low, bound, range })
    }
}

/// Lines of a program that hold to the last digit. Columns are those of the program, then
/// two for each share in `shares`.
#[derive(Default)]
struct Exact {
    shares: Vec<u32>,
    lines: Vec<Digits>,
}

impl Exact {
    /// Those of the lines that can be held: with an upper side alone, over columns that are
    /// whole or are misses of a share; such a miss is tied to its sum here as well.
    fn of(program: &Program, lines: &[Line]) -> Exact {
        let mut exact = Exact::default();
        for line in lines {
            let was = exact.shares.len();
            match exact.line(program, line) {
                Some(mut digits) => exact.lines.append(&mut digits),
                None => exact.shares.truncate(was),
            }
        }
        exact
    }

    /// A line, after the ties of the shares that it is the first to speak of.
    fn line(&mut self, program: &Program, line: &Line) -> Option<Vec<Digits>> {
        let (None, Some(upper)) = (line.lower, line.upper) else { return None };
        let mut lines = Vec::new();
        let mut terms: Vec<Term> = Vec::new();
        for &(c, k) in &line.terms {
            match &program.columns[c as usize].meaning {
                Meaning::Peak(_) => return None,
                Meaning::Miss { terms: sum, bound, step, below, share: true } => {
                    if !self.shares.contains(&c) {
                        self.shares.push(c);
                        // Below: `bound - sum <= step * miss`; above: `sum - bound`.
                        let sign = if *below { -1 } else { 1 };
                        let mut tie: Vec<Term> = Vec::new();
                        for &(of, k) in sum {
                            self.push(program, &mut tie, of, sign * i128::from(k));
                        }
                        self.push(program, &mut tie, c, -step);
                        lines.push(Digits::of(&tie, sign * bound)?);
                    }
                    self.push(program, &mut terms, c, i128::from(k));
                }
                _ => self.push(program, &mut terms, c, i128::from(k)),
            }
        }
        lines.push(Digits::of(&terms, upper)?);
        Some(lines)
    }

    /// Adds a column to a line, a known share as its two.
    fn push(&self, program: &Program, terms: &mut Vec<Term>, c: u32, k: i128) {
        let column = &program.columns[c as usize];
        match self.shares.iter().position(|&share| share == c) {
            None => terms.push((k, c as usize, (column.lower, column.upper))),
            Some(at) => {
                let first = program.columns.len() + 2 * at;
                terms.push((k * i128::from(HALF), first, (0, column.upper / HALF)));
                terms.push((k, first + 1, (0, HALF - 1)));
            }
        }
    }
}

impl Model {
    /// Adds the lines that are to hold to the last digit.
    pub(super) fn hold_digits(&mut self, program: &Program, held: &Held) {
        let exact = Exact::of(program, &held.exact);
        let beside = self.problem.columns.len();
        let whole = |lower, upper| milp::Column { lower, upper, integer: true, objective: 0.0 };
        for &share in &exact.shares {
            let most = program.columns[share as usize].upper / HALF;
            self.problem.columns.push(whole(0.0, most as f64));
            self.problem.columns.push(whole(0.0, (HALF - 1) as f64));
        }
        let at = |c: usize| match c.checked_sub(program.columns.len()) {
            None => c as u32,
            Some(of_share) => (beside + of_share) as u32,
        };
        for digits in &exact.lines {
            let carry = self.problem.columns.len() as u32;
            self.problem.columns.push(whole(digits.range.0, digits.range.1));
            let rows =
                [(&digits.high, 1, digits.bound.0), (&digits.low, -digits.step, digits.bound.1)];
            for (terms, of_carry, upper) in rows {
                let used = terms.iter().filter(|t| t.1 != 0);
                let mut terms: Vec<(u32, f64)> = used.map(|&(c, k)| (at(c), k as f64)).collect();
                terms.push((carry, of_carry as f64));
                terms.sort_unstable_by_key(|&(c, _)| c);
                let (lower, upper) = (f64::NEG_INFINITY, upper as f64);
                self.problem.rows.push(milp::Row { lower, upper, terms });
                self.row_scale.push(1.0);
            }
        }
    }

    /// What the columns of [`Model::hold_digits`] are at a point, or `None` if it breaks
    /// such a line.
    pub(super) fn digits(program: &Program, held: &Held, values: &[i64]) -> Option<Vec<f64>> {
        if !held.exact.iter().all(|line| line.holds(values)) {
            return None;
        }
        let exact = Exact::of(program, &held.exact);
        let halves = |&share: &u32| {
            let miss = values[share as usize];
            [miss / HALF, miss % HALF]
        };
        let halves: Vec<i64> = exact.shares.iter().flat_map(halves).collect();
        let value = |c: usize| match c.checked_sub(program.columns.len()) {
            None => values[c],
            Some(of_share) => halves[of_share],
        };
        let carry = |digits: &Digits| {
            let sum: i128 = digits.high.iter().map(|&(c, k)| k * i128::from(value(c))).sum();
            (digits.bound.0 - sum) as f64
        };
        let carries = exact.lines.iter().map(carry);
        Some(halves.iter().map(|&half| half as f64).chain(carries).collect())
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

    /// Asks for a point that is better by the last digit, until there is none. Where one was
    /// found but not the last, the claim is lowered by what doubles cannot tell; where the
    /// search ends with nothing, the claim is what it was, six digits.
    pub(super) fn crumbs(&mut self, l: usize, terms: &[(u32, i64)], context: Context<'_>) {
        let Some(cost) = self.cost(l).filter(|&cost| self.claims[l] == Some(cost)) else {
            return;
        };
        let mut last = false;
        for _ in 0..ROUNDS {
            let Some(cost) = self.cost(l) else { return };
            let better =
                Line { terms: terms.to_vec(), lower: None, upper: Some(cost - 1), rule: None };
            let (before, known) = (self.held.clone(), self.best.take());
            self.held.exact.push(better);
            last = self.find(context, l, None, super::levels::LEAST);
            self.held = before;
            if self.best.is_none() {
                self.best = known;
                break;
            }
        }
        let reached = self.cost(l);
        self.claims[l] = match last || reached == Some(cost) {
            true => reached,
            false => Some(cost - (TRUST * cost.abs() as f64) as i128),
        };
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Digits, Term};

    /// Some whole carry satisfies both rows exactly if the line holds.
    #[test]
    fn two_lines_hold_where_the_one_does() {
        let coefficients = [333_333_333_333, -857_142_857_143, 1_000_000_000_000];
        let mut held = 0;
        for upper in [-1, 0, 142_857_142_856, 999_999_999_999, 1_000_000_000_000] {
            let terms: Vec<Term> =
                coefficients.iter().enumerate().map(|(c, &k)| (k, c, (0, 5))).collect();
            let digits = Digits::of(&terms, upper).unwrap();
            for point in 0..216i128 {
                let x = [point % 6, point / 6 % 6, point / 36];
                let sum = |of: &[(usize, i128)]| of.iter().map(|&(c, k)| k * x[c]).sum::<i128>();
                // The largest carry of the first row, the smallest of the second.
                let most = digits.bound.0 - sum(&digits.high);
                let least = -(digits.bound.1 - sum(&digits.low)).div_euclid(digits.step);
                let holds = coefficients.iter().zip(x).map(|(k, x)| k * x).sum::<i128>() <= upper;
                assert_eq!(least <= most, holds, "{x:?} under {upper}");
                let (low, high) = digits.range;
                assert!(low <= most as f64 && most as f64 <= high);
                held += usize::from(holds);
            }
        }
        assert!((200..800).contains(&held), "{held} of 1080");
    }
}
