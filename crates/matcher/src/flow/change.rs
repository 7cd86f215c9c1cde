//! What comes in: new costs, bounds or supplies for single arcs and nodes.
//! What goes out: the changed problem under the same basis; the next solve fits the basis to it.
//! Must not know: how that is done.
//! Rejected: repairing the flow at once (a caller changes many things and solves once).

use super::problem::{Problem, ProblemError, check_magnitude};
use super::simplex::{Simplex, state};

impl Simplex {
    /// Changes the cost of one arc; the basis stays. O(1).
    ///
    /// # Errors
    /// [`ProblemError::NoSuchIndex`].
    pub fn set_cost(&mut self, arc: usize, cost: i64) -> Result<(), ProblemError> {
        let slot =
            self.problem.cost.get_mut(arc).ok_or(ProblemError::NoSuchIndex { index: arc })?;
        *slot = cost;
        self.forget_status();
        Ok(())
    }

    /// Sets the cost of every arc to `cost(arc)`; the basis stays. O(arcs).
    pub fn set_costs(&mut self, mut cost: impl FnMut(usize) -> i64) {
        for (arc, slot) in self.problem.cost.iter_mut().enumerate() {
            *slot = cost(arc);
        }
        self.forget_status();
    }

    /// Changes the bounds of one arc, and frees it from a fixed face. The tree stays; flows mean
    /// nothing until the next [`Simplex::solve`], which repairs them. O(1).
    ///
    /// # Errors
    /// No such arc, `lower > upper`, or a sum beyond [`super::MAGNITUDE_LIMIT`]; nothing is
    /// changed then.
    pub fn set_bounds(&mut self, arc: usize, lower: i64, upper: i64) -> Result<(), ProblemError> {
        if arc >= self.problem.arcs() {
            return Err(ProblemError::NoSuchIndex { index: arc });
        }
        if lower > upper {
            return Err(ProblemError::EmptyBounds { arc });
        }
        let old = Problem::weight(self.problem.lower[arc], self.problem.upper[arc]);
        let magnitude = self.magnitude - old + Problem::weight(lower, upper);
        check_magnitude(magnitude)?;
        self.magnitude = magnitude;
        self.problem.lower[arc] = lower;
        self.problem.upper[arc] = upper;
        self.states[arc] &= !state::FIXED;
        self.dirty = true;
        self.forget_status();
        Ok(())
    }

    /// Changes the supply of one node, as [`Simplex::set_bounds`] does for bounds. O(1).
    ///
    /// # Errors
    /// No such node, or a sum beyond [`super::MAGNITUDE_LIMIT`]; nothing is changed then.
    pub fn set_supply(&mut self, node: usize, supply: i64) -> Result<(), ProblemError> {
        let slot =
            self.problem.supply.get_mut(node).ok_or(ProblemError::NoSuchIndex { index: node })?;
        let magnitude = self.magnitude - i128::from(*slot).abs() + i128::from(supply).abs();
        check_magnitude(magnitude)?;
        self.magnitude = magnitude;
        *slot = supply;
        self.dirty = true;
        self.forget_status();
        Ok(())
    }
}
