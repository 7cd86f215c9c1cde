//! A program in doubles, as a back end takes it.
//!
//! In: a program, rows that hold earlier levels, an objective. Out: a [`Problem`] with
//! scaled rows, the start, and the way back to whole numbers. Must not know levels'
//! meaning. Rows of shares have coefficients near 10^12 and are scaled so that their
//! smallest coefficient is well above a solver's tolerance; columns keep their units but
//! for those that count 10^12 parts, which are shares in doubles.

use crate::milp;
use crate::network::{Line, Meaning, Program};
use crate::quantity::SHARE_SCALE;

/// How far service may be from a relaxed point that is being rounded.
const NEAR: f64 = 1.0;

/// A binary beside the program's columns, with the row that ties it:
/// `sum >= base + (raised - base) * binary`.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// The sum.
    pub terms: Vec<(u32, i64)>,
    /// What the sum has at least in any case.
    pub base: i128,
    /// What it has at least when the binary is 1.
    pub raised: i128,
}

/// Binaries of which at least `least` must be 1.
#[derive(Clone, Debug, Default)]
pub(super) struct Choices {
    /// The binaries.
    pub of: Vec<Choice>,
    /// How many must be 1.
    pub least: i64,
    /// By how much a sum may miss what it should have: what doubles cannot tell apart.
    pub slack: i128,
}

/// Rows beside the program's own.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// Lines over the program's columns, and by how much each may be missed: what doubles
    /// cannot tell apart.
    pub lines: Vec<(Line, i128)>,
    /// Lines of these that are to hold to the last digit, in small parts.
    pub exact: Vec<Line>,
    /// Counted choices.
    pub choices: Vec<Choices>,
}

/// What is optimised.
#[derive(Clone, Copy, Debug)]
pub(super) enum Aim<'a> {
    /// Any point.
    Any,
    /// Least cost.
    Cost(&'a [(u32, i64)]),
    /// Least sum of several levels' costs, already in doubles.
    Sum(&'a [(u32, f64)]),
    /// Every group at this share, or as little short of it in sum as can be.
    Floors(&'a [crate::network::Group], f64),
    /// The largest worst share of these groups.
    Worst(&'a [crate::network::Group]),
}

/// A problem with what is needed to read its answer.
#[derive(Clone)]
pub(super) struct Model {
    pub problem: milp::Problem,
    /// A row of the problem is that of the program (then the held lines, then groups)
    /// times this.
    pub row_scale: Vec<f64>,
    /// The objective is the cost times this.
    pub cost_scale: f64,
}

/// Factor that brings whole coefficients into a range that solvers handle: the smallest
/// becomes 1, unless the largest would then pass 10^7.
fn scale_of(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let sizes = terms.map(f64::abs).filter(|&k| k > 0.0);
    let (low, high) = sizes.fold((f64::INFINITY, 0.0f64), |(l, h), k| (l.min(k), h.max(k)));
    if high == 0.0 {
        1.0
    } else if high / low <= 1e7 {
        1.0 / low
    } else {
        1e7 / high
    }
}

pub(super) fn is_binary(meaning: &Meaning) -> bool {
    matches!(meaning, Meaning::Used(_) | Meaning::Served(_) | Meaning::Held(..))
}

/// Whether a column beside the program's own is a binary.
fn is_choice(column: &milp::Column) -> bool {
    column.integer && column.lower >= 0.0 && column.upper <= 1.0
}

/// How many units of a column make 1 in doubles.
fn unit(program: &Program, column: usize) -> f64 {
    match &program.columns[column].meaning {
        Meaning::Peak(_) => SHARE_SCALE as f64,
        Meaning::Miss { share: true, .. } => SHARE_SCALE as f64,
        _ => 1.0,
    }
}

impl Model {
    /// Translates. O(size).
    pub(super) fn new(program: &Program, held: &Held, aim: Aim<'_>) -> Model {
        let mut problem = milp::Problem::default();
        for (k, column) in program.columns.iter().enumerate() {
            let unit = unit(program, k);
            problem.columns.push(milp::Column {
                lower: column.lower as f64 / unit,
                upper: column.upper as f64 / unit,
                integer: unit == 1.0,
                objective: 0.0,
            });
        }
        let mut model = Model { problem, row_scale: Vec::new(), cost_scale: 1.0 };
        for line in program.rows.iter().chain(held.lines.iter().map(|(line, _)| line)) {
            model.push(program, line, None);
        }
        match aim {
            Aim::Any => {}
            Aim::Cost(terms) => {
                let size = |&(c, k): &(u32, i64)| k as f64 * unit(program, c as usize);
                let high = terms.iter().map(size).fold(0.0f64, |h, k| h.max(k.abs()));
                model.cost_scale = if high > 0.0 { 1e3 / high } else { 1.0 };
                for term in terms {
                    model.problem.columns[term.0 as usize].objective =
                        size(term) * model.cost_scale;
                }
            }
            Aim::Sum(terms) => {
                let high = terms.iter().map(|t| t.1.abs()).fold(0.0f64, f64::max);
                model.cost_scale = if high > 0.0 { 1e6 / high } else { 1.0 };
                for &(c, k) in terms {
                    model.problem.columns[c as usize].objective =
                        k * unit(program, c as usize) * model.cost_scale;
                }
            }
            Aim::Floors(groups, share) => model.floors(groups, share),
            Aim::Worst(groups) => model.worst(program, groups),
        }
        for choices in &held.choices {
            model.choices(program, choices);
        }
        model.hold_digits(program, held);
        model
    }

    /// The same with only binaries whole.
    pub(super) fn with_loose_quantities(&self, program: &Program) -> Model {
        let mut problem = self.problem.clone();
        for (column, own) in problem.columns.iter_mut().zip(&program.columns) {
            column.integer &= is_binary(&own.meaning);
        }
        for column in problem.columns.iter_mut().skip(program.columns.len()) {
            column.integer &= is_choice(column);
        }
        Model { problem, row_scale: self.row_scale.clone(), cost_scale: self.cost_scale }
    }

    /// The same around `point`: every binary where it has it, every service within
    /// [`NEAR`] units of it, so that rounding is all that is left to do.
    pub(super) fn around(&self, program: &Program, point: &[f64]) -> Model {
        let mut near = self.with_fixed_binaries(program, point);
        let columns = near.problem.columns.iter_mut().zip(point).take(program.arcs.len());
        for (column, &at) in columns {
            let (low, high) = ((at - 1e-6).floor() - NEAR, (at + 1e-6).ceil() + NEAR);
            if low <= column.upper && high >= column.lower {
                column.lower = column.lower.max(low);
                column.upper = column.upper.min(high);
            }
        }
        near
    }

    /// The same with every binary where `point` has it.
    pub(super) fn with_fixed_binaries(&self, program: &Program, point: &[f64]) -> Model {
        let mut problem = self.problem.clone();
        for (k, column) in problem.columns.iter_mut().enumerate() {
            let own = program.columns.get(k).map(|own| is_binary(&own.meaning));
            let binary = own.unwrap_or_else(|| is_choice(column));
            let at = point.get(k).copied().unwrap_or(0.0).round();
            if binary && column.integer && column.lower <= at && at <= column.upper {
                (column.lower, column.upper) = (at, at);
            }
        }
        Model { problem, row_scale: self.row_scale.clone(), cost_scale: self.cost_scale }
    }

    /// The same with every binary at nothing that `point` has there.
    pub(super) fn without_unused(&self, program: &Program, point: &[f64]) -> Model {
        let used = |k: usize| point.get(k).is_none_or(|&at| at > 1e-6);
        let mut fewer = self.with_fixed_binaries(program, &[]);
        for (k, column) in self.problem.columns.iter().enumerate().filter(|&(k, _)| used(k)) {
            fewer.problem.columns[k] = *column;
        }
        fewer
    }

    /// The same with the program's own binaries where `point` has them.
    pub(super) fn with_fixed_program_binaries(&self, program: &Program, point: &[f64]) -> Model {
        let mut fixed = self.with_fixed_binaries(program, point);
        let own = program.columns.len();
        fixed.problem.columns[own..].clone_from_slice(&self.problem.columns[own..]);
        fixed
    }

    fn push(&mut self, program: &Program, line: &Line, binary: Option<(u32, f64)>) {
        let size = |&(c, k): &(u32, i64)| k as f64 * unit(program, c as usize);
        let scale = scale_of(line.terms.iter().map(size));
        let side = |bound: Option<i128>, none: f64| bound.map_or(none, |b| b as f64 * scale);
        let mut terms: Vec<(u32, f64)> =
            line.terms.iter().map(|t| (t.0, size(t) * scale)).collect();
        terms.sort_unstable_by_key(|&(c, _)| c);
        if let Some((column, factor)) = binary {
            terms.push((column, factor * scale));
        }
        self.problem.rows.push(milp::Row {
            lower: side(line.lower, f64::NEG_INFINITY),
            upper: side(line.upper, f64::INFINITY),
            terms,
        });
        self.row_scale.push(scale);
    }

    /// For each group a column for what it is short of the share, and a row.
    fn floors(&mut self, groups: &[crate::network::Group], share: f64) {
        for group in groups.iter().filter(|g| !g.terms.is_empty()) {
            let column = self.problem.columns.len() as u32;
            self.problem.columns.push(milp::Column {
                lower: 0.0,
                upper: 1e6,
                integer: false,
                objective: 1e3,
            });
            let scale = 1.0 / group.whole as f64;
            let mut terms: Vec<(u32, f64)> =
                group.terms.iter().map(|&(c, k)| (c, k as f64 * scale)).collect();
            terms.push((column, 1.0));
            self.problem.rows.push(milp::Row { lower: share, upper: f64::INFINITY, terms });
            self.row_scale.push(scale);
        }
    }

    /// One more column, the worst share, and a row for each group.
    fn worst(&mut self, program: &Program, groups: &[crate::network::Group]) {
        self.problem.maximize = true;
        let column = self.problem.columns.len() as u32;
        let reach = |of: fn(f64, f64) -> f64| {
            groups
                .iter()
                .map(|g| {
                    let end = |&(c, k): &(u32, i64)| {
                        let column = &program.columns[c as usize];
                        let (a, b) =
                            (k as f64 * column.lower as f64, k as f64 * column.upper as f64);
                        of(a, b)
                    };
                    g.terms.iter().map(end).sum::<f64>() / g.whole as f64
                })
                .fold(f64::INFINITY, f64::min)
        };
        self.problem.columns.push(milp::Column {
            lower: reach(f64::min),
            upper: reach(f64::max),
            integer: false,
            objective: 1.0,
        });
        for group in groups {
            let scale = 1.0 / group.whole as f64;
            let mut terms: Vec<(u32, f64)> =
                group.terms.iter().map(|&(c, k)| (c, k as f64 * scale)).collect();
            terms.push((column, -1.0));
            self.problem.rows.push(milp::Row { lower: 0.0, upper: f64::INFINITY, terms });
            self.row_scale.push(scale);
        }
    }

    fn choices(&mut self, program: &Program, choices: &Choices) {
        let mut count: Vec<(u32, f64)> = Vec::new();
        for choice in &choices.of {
            let column = self.problem.columns.len() as u32;
            self.problem.columns.push(milp::Column {
                lower: 0.0,
                upper: 1.0,
                integer: true,
                objective: 0.0,
            });
            let line = Line {
                terms: choice.terms.clone(),
                lower: Some(choice.base),
                upper: None,
                rule: None,
            };
            self.push(program, &line, Some((column, -((choice.raised - choice.base) as f64))));
            count.push((column, 1.0));
        }
        self.problem.rows.push(milp::Row {
            lower: choices.least as f64,
            upper: f64::INFINITY,
            terms: count,
        });
        self.row_scale.push(1.0);
    }

    /// A full start from a completed point, if it fits the held rows.
    pub(super) fn start(
        program: &Program,
        held: &Held,
        aim: Aim<'_>,
        values: &[i64],
    ) -> Option<Vec<f64>> {
        if !held.lines.iter().all(|(line, slack)| line.nearly_holds(values, *slack)) {
            return None;
        }
        let total = |terms: &[(u32, i64)]| -> i128 {
            terms.iter().map(|&(c, k)| i128::from(k) * i128::from(values[c as usize])).sum()
        };
        let mut start: Vec<f64> =
            values.iter().enumerate().map(|(k, &v)| v as f64 / unit(program, k)).collect();
        if let Aim::Worst(groups) = aim {
            let share = |g: &crate::network::Group| total(&g.terms) as f64 / g.whole as f64;
            start.push(groups.iter().map(share).fold(f64::INFINITY, f64::min));
        }
        if let Aim::Floors(groups, share) = aim {
            let short = |g: &crate::network::Group| {
                (share - total(&g.terms) as f64 / g.whole as f64).max(0.0)
            };
            start.extend(groups.iter().filter(|g| !g.terms.is_empty()).map(short));
        }
        for choices in &held.choices {
            let chosen: Vec<bool> =
                choices.of.iter().map(|c| total(&c.terms) >= c.raised - choices.slack).collect();
            let in_any_case = choices.of.iter().all(|c| total(&c.terms) >= c.base - choices.slack);
            if !in_any_case || (chosen.iter().filter(|&&c| c).count() as i64) < choices.least {
                return None;
            }
            start.extend(chosen.iter().map(|&c| f64::from(u8::from(c))));
        }
        start.extend(Model::digits(program, held, values)?);
        Some(start)
    }
}

/// Service from a back end's point: rounded, or `None` when a number is no number.
pub(super) fn service(program: &Program, values: &[f64]) -> Option<Vec<i64>> {
    let whole = |v: &f64| v.is_finite().then(|| v.round() as i64);
    values.get(..program.arcs.len())?.iter().map(whole).collect()
}
