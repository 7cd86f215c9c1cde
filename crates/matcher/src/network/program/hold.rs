//! Rows that keep what earlier levels reached.
//!
//! In: a level and what it reached. Out: lines over the program's own columns. Must not
//! know the solver. Of a fairness vector only the worst value is kept here, as a floor
//! under every group: every plan as fair obeys it, so bounds that lean on it are safe.

use super::{Form, Line, Program, Worth};

fn ceil_div(a: i128, b: i128) -> i128 {
    a.div_euclid(b) + i128::from(a.rem_euclid(b) != 0)
}

impl Program {
    /// The same without tolerance: for plans as good as the one at hand, whatever it gave
    /// up itself.
    pub fn held_as_is(&self, level: usize, reached: &Worth) -> Vec<Line> {
        self.lines(level, reached, 0)
    }

    /// Lines that every plan as good as `reached` on `level`, within its tolerance,
    /// obeys.
    pub fn hold(&self, level: usize, reached: &Worth) -> Vec<Line> {
        self.lines(level, reached, self.tolerance[level])
    }

    fn lines(&self, level: usize, reached: &Worth, tolerance_ppm: i64) -> Vec<Line> {
        let ppm = i128::from(tolerance_ppm);
        match (&self.levels[level], reached) {
            (Form::Linear(terms), Worth::Cost(cost)) => {
                if terms.is_empty() {
                    return Vec::new();
                }
                let slack = cost.abs() * ppm / 1_000_000;
                let upper = Some(cost + slack);
                vec![Line { terms: terms.clone(), lower: None, upper, rule: None }]
            }
            (Form::Fair { groups, .. }, Worth::Shares(shares)) => {
                let Some(&worst) = shares.first() else { return Vec::new() };
                let floors = groups.iter().filter(|group| !group.terms.is_empty());
                floors
                    .map(|group| Line {
                        terms: group.terms.clone(),
                        lower: Some(floor_of(worst, group.whole, tolerance_ppm)),
                        upper: None,
                        rule: None,
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Least numerator over `whole` whose value is at least `share`, less the tolerance.
pub(crate) fn floor_of(share: (i128, i128), whole: i128, tolerance_ppm: i64) -> i128 {
    let (mut part, mut of) = share;
    if tolerance_ppm > 0 {
        part = part * 1_000_000 - part.abs() * i128::from(tolerance_ppm);
        of *= 1_000_000;
    }
    ceil_div(part * whole, of)
}
