//! A part of the ledger as an integer program: what no network can hold, written out.
//!
//! In: a [`Network`] and the arcs of a part. Out: a [`Program`] with whole coefficients:
//! service columns, auxiliary columns with a stated meaning, rows, and one form a level.
//! Must not know solvers: the solver translates it into doubles, the checker adds it up
//! in integers, and both read the same statement. Rejected: a model built by the solver
//! stage (its bounds could be checked by nobody else), and auxiliary columns without a
//! meaning (a plan has only service; everything else must follow from it).
//!
//! All rows of the part stand here, also those that the network holds as edges, so that
//! the program is complete by itself. Costs are minimised: a level that is maximised has
//! its coefficients negated, as on the edges of the network.

mod build;
mod hold;
mod indicators;
mod levels;
mod limits;
mod point;

pub use build::program;
pub(crate) use hold::floor_of;
pub use point::Worth;

use super::Network;

/// What a column stands for; every meaning is a function of the service columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Service on an arc of the network.
    Service(u32),
    /// 1 if any of these service columns is above 0.
    Used(Vec<u32>),
    /// 1 if any of these needs (their service columns) is covered to its least.
    Served(Vec<(Vec<u32>, i64)>),
    /// The part of a service column within its standing quantity.
    Kept(u32, i64),
    /// 1 if a service column has at least its standing quantity.
    Held(u32, i64),
    /// Units of a need's coverage between `from` and `from` plus the column's bound.
    Part(Vec<u32>, i64),
    /// How much a sum over earlier columns lies below (or above) a bound, in steps of
    /// `step`, rounded up.
    Miss {
        /// The sum.
        terms: Vec<(u32, i64)>,
        /// The bound.
        bound: i128,
        /// Units of the sum in one unit of the column.
        step: i128,
        /// Whether falling below the bound is a miss, or rising above it.
        below: bool,
        /// Whether the column counts 10^12 parts of a share, not units of the sum.
        share: bool,
    },
    /// The largest used part of any unit's total, in 10^12 parts, rounded up.
    Peak(Vec<(Vec<(u32, i64)>, i64)>),
}

/// A column: whole, with finite bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Least value.
    pub lower: i64,
    /// Largest value.
    pub upper: i64,
    /// What it stands for.
    pub meaning: Meaning,
}

/// A row: `lower <= sum of coefficient * column <= upper`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// (column, coefficient), ascending by column.
    pub terms: Vec<(u32, i64)>,
    /// Least total.
    pub lower: Option<i128>,
    /// Largest total.
    pub upper: Option<i128>,
    /// Name of the rule that a person could give up, if it is one.
    pub rule: Option<String>,
}

/// A fairness group: its value is the sum over its terms divided by `whole`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// (column, coefficient).
    pub terms: Vec<(u32, i64)>,
    /// Denominator, above 0.
    pub whole: i128,
}

/// What a level adds up in this part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A cost to be minimised.
    Linear(Vec<(u32, i64)>),
    /// Groups whose worst, or whose whole sorted vector, is to be raised.
    Fair {
        /// The groups.
        groups: Vec<Group>,
        /// Whether the whole vector counts.
        leximin: bool,
    },
}

/// An integer program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The arcs of the service columns: column `k` is service on `arcs[k]`.
    pub arcs: Vec<u32>,
    /// Service columns first, then auxiliary ones.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Line>,
    /// Positions of the rows of untouchable limits, with the names of these, which are
    /// told where nothing else clashes.
    pub untouchable: Vec<(usize, String)>,
    /// One form for each level of the network.
    pub levels: Vec<Form>,
    /// By how much a level may be given up for later ones, in parts per million.
    pub tolerance: Vec<i64>,
    /// By how much two points that are equal as fractions may differ at a level, because
    /// coefficients are whole parts: less than 1 for each unit of a need whose quantity
    /// does not divide 10^12.
    pub noise: Vec<i128>,
}

impl Program {
    /// Service column of an arc.
    pub fn column_of(&self, arc: u32) -> Option<u32> {
        self.arcs.binary_search(&arc).ok().map(|k| k as u32)
    }

    /// Service of this part, picked from the service on every arc of the network.
    pub fn pick(&self, service: &[i64]) -> Vec<i64> {
        self.arcs.iter().map(|&arc| service[arc as usize]).collect()
    }

    fn push(&mut self, lower: i64, upper: i64, meaning: Meaning) -> u32 {
        self.columns.push(Column { lower, upper, meaning });
        self.columns.len() as u32 - 1
    }

    fn row(&mut self, terms: Vec<(u32, i64)>, lower: Option<i128>, upper: Option<i128>) {
        self.rows.push(Line { terms, lower, upper, rule: None });
    }
}

impl Network<'_> {
    /// Whether the ledger holds money spent by opening anything.
    pub(crate) fn has_fixed_costs(&self) -> bool {
        let ledger = self.valid.ledger();
        ledger.offers.iter().any(|o| o.fixed_cost != 0)
            || ledger.units.iter().any(|u| u.fixed_cost != 0)
            || ledger.pairs.iter().any(|p| p.fixed_cost.is_some_and(|c| c != 0))
    }
}
