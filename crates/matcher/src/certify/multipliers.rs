//! A safe bound on an integer program from any multipliers of its rows.
//!
//! In: a program, a level, rows that hold the levels before, multipliers in 2^-40 parts.
//! Out: a bound that no plan can beat, whatever the multipliers are, or none where they
//! lean on a side that a row has not. Integers only, every sum checked for overflow. Must
//! not know where multipliers come from: a solver's duals, rounded, are as good as any.
//!
//! For rows `L_i <= a_i v <= U_i` and columns `l <= v <= u`,
//! `c v = sum_i y_i (a_i v) + sum_j (c_j - sum_i y_i a_ij) v_j
//!      >= sum_i min(y_i L_i, y_i U_i) + sum_j min(r_j l_j, r_j u_j)`
//! (A. Neumaier and O. Shcherbina, Safe bounds in linear and mixed-integer linear
//! programming, 2004; here the arithmetic is exact, so no rounding is directed). Costs
//! are whole multiples of the greatest common divisor of their coefficients, so the bound
//! is rounded up to the next one.

use crate::network::{Form, Group, Line, Program};
use crate::quantity::SHARE_SCALE;

/// Multipliers are whole numbers of this many parts.
pub const MULTIPLIER_SCALE: i128 = 1 << 40;

/// Multipliers of one part's rows at one level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Multipliers {
    /// Position of the part.
    pub part: u32,
    /// (row, multiplier in 2^-40): the program's rows, then the rows that hold earlier
    /// levels in order, then (fairness) one row a group.
    pub rows: Vec<(u32, i128)>,
}

/// No plan that obeys the program and the held rows costs less than this at `level`; a
/// fairness level costs its worst share in 10^12 parts, negated.
///
/// Complexity: O(size of the program).
pub fn safe_bound(
    program: &Program,
    level: usize,
    held: &[Line],
    multipliers: &[(u32, i128)],
) -> Option<i128> {
    match &program.levels[level] {
        Form::Linear(terms) => {
            let mut costs = vec![0i128; program.columns.len()];
            for &(c, k) in terms {
                costs[c as usize] = i128::from(k);
            }
            let step = terms.iter().fold(0, |g, &(_, k)| gcd(g, i128::from(k).abs()));
            let bound = bound(program, held, &[], &costs, None, multipliers)?;
            Some(if step > 1 { ceil_div(bound, step).checked_mul(step)? } else { bound })
        }
        Form::Fair { groups, .. } => {
            let costs = vec![0i128; program.columns.len()];
            let most = worst_at_most(program, groups)?;
            bound(program, held, groups, &costs, Some(most), multipliers)
        }
    }
}

/// A range of the worst group's value in 10^12 parts, by the bounds of the columns.
fn worst_at_most(program: &Program, groups: &[Group]) -> Option<(i128, i128)> {
    let mut range: Option<(i128, i128)> = None;
    for group in groups {
        let (mut low, mut high) = (0i128, 0i128);
        for &(c, k) in &group.terms {
            let column = &program.columns[c as usize];
            let ends = [column.lower, column.upper].map(|v| i128::from(v) * i128::from(k));
            low += ends[0].min(ends[1]);
            high += ends[0].max(ends[1]);
        }
        let scale = i128::from(SHARE_SCALE);
        let low = low.checked_mul(scale)?.div_euclid(group.whole);
        let high = high.checked_mul(scale)?.div_euclid(group.whole);
        range = Some(range.map_or((low, high), |(l, h)| (l.min(low), h.min(high))));
    }
    range
}

/// The sum of the head's formula, rounded up. With `worst` the program has one more
/// column, the worst share, whose cost is -1, and a row for each group.
fn bound(
    program: &Program,
    held: &[Line],
    groups: &[Group],
    costs: &[i128],
    worst: Option<(i128, i128)>,
    multipliers: &[(u32, i128)],
) -> Option<i128> {
    let mut reduced: Vec<i128> =
        costs.iter().map(|&c| c.checked_mul(MULTIPLIER_SCALE)).collect::<Option<_>>()?;
    let mut of_worst = -MULTIPLIER_SCALE;
    let mut total = 0i128;
    let lines = program.rows.len() + held.len();
    for &(row, y) in multipliers {
        let row = row as usize;
        if y == 0 {
            continue;
        }
        if row < lines {
            let line = if row < program.rows.len() {
                &program.rows[row]
            } else {
                &held[row - program.rows.len()]
            };
            let side = if y > 0 { line.lower } else { line.upper };
            total = total.checked_add(y.checked_mul(side?)?)?;
            for &(c, k) in &line.terms {
                let part = y.checked_mul(i128::from(k))?;
                reduced[c as usize] = reduced[c as usize].checked_sub(part)?;
            }
            continue;
        }
        // (10^12 / g) * sum of the group - (whole / g) * worst >= 0
        let group = groups.get(row - lines)?;
        if y < 0 {
            return None;
        }
        let g = gcd(i128::from(SHARE_SCALE), group.whole);
        for &(c, k) in &group.terms {
            let part = y.checked_mul(i128::from(k))?.checked_mul(i128::from(SHARE_SCALE) / g)?;
            reduced[c as usize] = reduced[c as usize].checked_sub(part)?;
        }
        of_worst = of_worst.checked_add(y.checked_mul(group.whole / g)?)?;
    }
    for (column, &r) in program.columns.iter().zip(&reduced) {
        let at = if r > 0 { column.lower } else { column.upper };
        total = total.checked_add(r.checked_mul(i128::from(at))?)?;
    }
    if let Some((low, high)) = worst {
        let at = if of_worst > 0 { low } else { high };
        total = total.checked_add(of_worst.checked_mul(at)?)?;
    }
    Some(ceil_div(total, MULTIPLIER_SCALE))
}

fn ceil_div(a: i128, b: i128) -> i128 {
    a.div_euclid(b) + i128::from(a.rem_euclid(b) != 0)
}

fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
