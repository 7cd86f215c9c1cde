//! What comes in: the arrays of a minimum-cost-flow problem as the caller wrote them.
//! What goes out: the same arrays, proven consistent and small enough that no later sum of flows
//! can overflow an `i64`.
//! Must not know: trees, potentials, phases; this file is the border to the caller.
//! Rejected: a builder with one call per arc (columns are what callers hold anyway), and
//! saturating on overflow (a clamped capacity is a different problem).

use std::fmt;

/// Upper bounds at or above this value mean "no upper bound".
pub const INFINITE: i64 = i64::MAX / 4;

/// Largest allowed sum of all absolute supplies and absolute finite bounds, 2^59.
///
/// The flow on an arc of a basis is a sum of supplies and of bounds of arcs outside the basis, so
/// it is at most this sum; twice this is still far below the residual of an unbounded arc.
pub const MAGNITUDE_LIMIT: i64 = 1 << 59;

/// Residual capacity that stands for "unbounded" inside the solver, 2^62.
pub(super) const INFINITE_RESIDUAL: i64 = 1 << 62;

/// Residuals from here on, 2^61, can only belong to unbounded arcs: finite ones are at most
/// 2^60, and an unbounded one loses at most 2^60 of its 2^62.
pub(super) const UNBOUNDED_FROM: i64 = 1 << 61;

/// A minimum-cost-flow problem in columns.
///
/// Find integers `x[a]` with `lower[a] <= x[a] <= upper[a]` such that at every node `v` the flow
/// out minus the flow in equals `supply[v]`, and `sum(cost[a] * x[a])` is least. Nodes are
/// `0..supply.len()`, arcs are `0..tail.len()`; all arc columns have one entry per arc.
/// Self-loops, parallel arcs, negative costs and negative lower bounds are allowed.
///
/// # Examples
/// ```
/// use concentric_matcher::flow::{Problem, Simplex, Status};
/// let problem = Problem {
///     supply: vec![3, 0, -3],
///     tail: vec![0, 1, 0],
///     head: vec![1, 2, 2],
///     lower: vec![0; 3],
///     upper: vec![2, 2, 5],
///     cost: vec![1, 1, 7],
/// };
/// let mut simplex = Simplex::new(problem)?;
/// assert_eq!(simplex.solve(&mut |_| false), Status::Optimal);
/// assert_eq!(simplex.flows(), [2, 2, 1]);
/// assert_eq!(simplex.objective(), 11);
/// # Ok::<(), concentric_matcher::flow::ProblemError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problem {
    /// Units that must leave node `v` (negative: units that must arrive).
    pub supply: Vec<i64>,
    /// Node at which arc `a` starts.
    pub tail: Vec<u32>,
    /// Node at which arc `a` ends.
    pub head: Vec<u32>,
    /// Least flow of arc `a`; may be negative, must be finite.
    pub lower: Vec<i64>,
    /// Greatest flow of arc `a`; [`INFINITE`] or more means unbounded.
    pub upper: Vec<i64>,
    /// Cost of one unit on arc `a`; any `i64`.
    pub cost: Vec<i64>,
}

/// Why a [`Problem`], or a change to one, is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemError {
    /// A column has another length than `tail`.
    Shape {
        /// Name of the column.
        column: &'static str,
        /// Its length.
        found: usize,
        /// The length of `tail`.
        expected: usize,
    },
    /// More nodes or arcs than 2^31 - 2.
    TooLarge,
    /// An arc ends at a node that does not exist.
    NodeOutOfRange {
        /// The arc.
        arc: usize,
        /// The node it names.
        node: u32,
    },
    /// `lower > upper` on this arc.
    EmptyBounds {
        /// The arc.
        arc: usize,
    },
    /// The sum of all absolute supplies and finite bounds exceeds [`MAGNITUDE_LIMIT`].
    Magnitude {
        /// The sum.
        sum: i128,
    },
    /// A node or arc index given to a change does not exist.
    NoSuchIndex {
        /// The index.
        index: usize,
    },
}

impl fmt::Display for ProblemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape { column, found, expected } => {
                write!(f, "column `{column}` has {found} entries, `tail` has {expected}")
            }
            Self::TooLarge => write!(f, "more than 2^31 - 2 nodes or arcs"),
            Self::NodeOutOfRange { arc, node } => {
                write!(f, "arc {arc} names node {node}, which does not exist")
            }
            Self::EmptyBounds { arc } => write!(f, "arc {arc} has a lower bound above its upper"),
            Self::Magnitude { sum } => write!(
                f,
                "supplies and finite bounds add up to {sum}, more than 2^59; use INFINITE for \
                 bounds that are not meant to bind"
            ),
            Self::NoSuchIndex { index } => write!(f, "no node or arc has the index {index}"),
        }
    }
}

impl std::error::Error for ProblemError {}

impl Problem {
    /// Number of nodes.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.supply.len()
    }

    /// Number of arcs.
    #[must_use]
    pub fn arcs(&self) -> usize {
        self.tail.len()
    }

    /// Room between the bounds of arc `a`, [`INFINITE_RESIDUAL`] if there is no upper bound.
    pub(super) fn width(&self, a: usize) -> i64 {
        if self.upper[a] >= INFINITE { INFINITE_RESIDUAL } else { self.upper[a] - self.lower[a] }
    }

    /// What arc `a` adds to the sum that [`MAGNITUDE_LIMIT`] bounds.
    pub(super) fn weight(lower: i64, upper: i64) -> i128 {
        let finite = if upper >= INFINITE { 0 } else { i128::from(upper).abs() };
        i128::from(lower).abs().max(finite)
    }

    /// Checks shapes, node ranges, bounds and magnitude; gives back the magnitude sum.
    ///
    /// # Errors
    /// The first [`ProblemError`] met, columns before arcs before sums. O(nodes + arcs).
    pub fn check(&self) -> Result<i128, ProblemError> {
        let (n, m) = (self.nodes(), self.arcs());
        let columns = [
            ("head", self.head.len()),
            ("lower", self.lower.len()),
            ("upper", self.upper.len()),
            ("cost", self.cost.len()),
        ];
        for (column, found) in columns {
            if found != m {
                return Err(ProblemError::Shape { column, found, expected: m });
            }
        }
        let most = (1usize << 31) - 2;
        if n > most || m > most {
            return Err(ProblemError::TooLarge);
        }
        let mut sum: i128 = self.supply.iter().map(|&b| i128::from(b).abs()).sum();
        for a in 0..m {
            for node in [self.tail[a], self.head[a]] {
                if node as usize >= n {
                    return Err(ProblemError::NodeOutOfRange { arc: a, node });
                }
            }
            if self.lower[a] > self.upper[a] {
                return Err(ProblemError::EmptyBounds { arc: a });
            }
            sum += Self::weight(self.lower[a], self.upper[a]);
        }
        check_magnitude(sum)?;
        Ok(sum)
    }
}

/// Refuses a magnitude sum beyond [`MAGNITUDE_LIMIT`].
pub(super) fn check_magnitude(sum: i128) -> Result<(), ProblemError> {
    if sum > i128::from(MAGNITUDE_LIMIT) { Err(ProblemError::Magnitude { sum }) } else { Ok(()) }
}
