//! The program itself: columns, sparse rows, one objective, all in doubles.
//!
//! In: numbers. Out: the same, checked for what solvers pass over in silence. Must not
//! know what they mean.

/// A variable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Least value; finite.
    pub lower: f64,
    /// Largest value; finite.
    pub upper: f64,
    /// Whether it must be whole.
    pub integer: bool,
    /// Objective coefficient.
    pub objective: f64,
}

/// A linear row `lower <= sum of coefficient * column <= upper`.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Least value, or minus infinity.
    pub lower: f64,
    /// Largest value, or infinity.
    pub upper: f64,
    /// (column, coefficient), each column at most once, ascending.
    pub terms: Vec<(u32, f64)>,
}

/// A mixed-integer linear program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problem {
    /// Variables.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Problem {
    /// The first number that no solver can be trusted with: NaN anywhere, an infinity
    /// where a finite number belongs, bounds in the wrong order, a term of a column
    /// that does not exist or comes twice. O(size).
    pub fn fault(&self) -> Option<String> {
        for (k, column) in self.columns.iter().enumerate() {
            let finite =
                [column.lower, column.upper, column.objective].iter().all(|v| v.is_finite());
            if !finite || column.lower > column.upper {
                return Some(format!("column {k}: {column:?}"));
            }
        }
        for (k, row) in self.rows.iter().enumerate() {
            let ordered = row.lower <= row.upper
                && row.lower != f64::INFINITY
                && row.upper != f64::NEG_INFINITY;
            let terms = row.terms.iter().all(|&(column, value)| {
                (column as usize) < self.columns.len() && value.is_finite()
            });
            let ascending = row.terms.windows(2).all(|pair| pair[0].0 < pair[1].0);
            if !ordered || !terms || !ascending {
                return Some(format!("row {k}"));
            }
        }
        None
    }

    /// Objective value of a point.
    pub fn value(&self, point: &[f64]) -> f64 {
        self.columns.iter().zip(point).map(|(column, x)| column.objective * x).sum()
    }
}
