//! The oracle: every whole-number plan of a small ledger, and the best of them.
//!
//! In: a small ledger. Out: whether any plan is feasible, the optimal value of every
//! level, one optimal plan; or the levels of a given plan. Must not know the engine:
//! everything here is read off the written rules of the ledger again, by plain
//! enumeration, and shares nothing with the engine but the record types. Rejected: a
//! second solver as the oracle (two clever programs can agree on the wrong answer).
//!
//! Where the rules leave a choice, this reading is used:
//! - an arc below several (unit, place) rows takes each field from the deepest row
//!   that has it;
//! - the lock of an arc is the largest of the `locked` of its row, the sum of its
//!   projects in progress and the sum of its accepted claims;
//! - the groups of a `per` are those of the selected offers (`unit`, `unit_kind`) or
//!   of the selected needs (all others), with or without arcs;
//! - a soft row costs floor(10^12 / max(1, |bound|)) for each unit it is missed by;
//! - `fair` by amount is served / asked without priorities;
//! - a `change_budget` counts the standing pairs of its goal's needs that have an arc and
//!   get less than they had; more of a pair is no change.

mod arcs;
mod levels;
mod rows;
mod search;
mod selectors;
#[cfg(test)]
mod tests;
mod value;
mod world;

use concentric_matcher::ledger::Ledger;

pub use value::LevelValue;

/// What the enumeration found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oracle {
    /// Whether any plan obeys all hard rules.
    pub feasible: bool,
    /// Names of the levels, e.g. `soft`, `cover:hot_spot`, `tier.first`.
    pub names: Vec<String>,
    /// Optimal value of each level, given the optima of the earlier ones (within
    /// their tolerances); empty when infeasible.
    pub levels: Vec<LevelValue>,
    /// One optimal plan: (offer, need, quantity > 0), by offer, then need.
    pub plan: Vec<(String, String, i64)>,
    /// Feasible plans seen in the first pass.
    pub plans: u64,
}

/// An arc of a small ledger with its bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleArc {
    /// Id of the offer.
    pub offer: String,
    /// Id of the need.
    pub need: String,
    /// Least service on it by locks, projects in progress and accepted claims.
    pub locked: i64,
    /// Most service on it by its own row, if bounded.
    pub capacity: Option<i64>,
}

/// Solves a small ledger by enumeration.
///
/// ```
/// use concentric_matcher::ledger::{Goal, Ledger, Need, Offer, Unit, What};
/// use concentric_testkit::brute::{LevelValue, solve};
/// let ledger = Ledger::builder("two")
///     .unit(Unit::new("u"))
///     .offer(Offer::new("o", "u", 3))
///     .need(Need::new("n", 4))
///     .goal(Goal::new(What::Cover))
///     .build();
/// let oracle = solve(&ledger).unwrap();
/// assert_eq!(oracle.levels, [LevelValue::Number(750_000_000_000)]);
/// assert_eq!(oracle.plan, [("o".to_owned(), "n".to_owned(), 3)]);
/// ```
///
/// # Errors
/// A reference that does not resolve.
///
/// # Complexity
/// Exponential: at most [`size_bound`] plans, each O(arcs * levels).
pub fn solve(ledger: &Ledger) -> Result<Oracle, String> {
    search::solve(&search::Model::new(ledger)?)
}

/// The levels of a given plan of (offer id, need id, quantity).
///
/// # Errors
/// The first rule that the plan breaks, by name; or what [`solve`] refuses.
pub fn evaluate(
    ledger: &Ledger,
    plan: &[(String, String, i64)],
) -> Result<Vec<LevelValue>, String> {
    search::evaluate(&search::Model::new(ledger)?, plan)
}

/// The most that any feasible plan gives the listed needs together; `None` when no plan
/// is feasible.
///
/// ```
/// use concentric_matcher::ledger::{Ledger, Need, Offer, Unit};
/// use concentric_testkit::brute::most;
/// let ledger = Ledger::builder("two")
///     .unit(Unit::new("u"))
///     .offer(Offer::new("o", "u", 3))
///     .need(Need::new("a", 2))
///     .need(Need::new("b", 2))
///     .build();
/// assert_eq!(most(&ledger, &["a"]), Ok(Some(2)));
/// assert_eq!(most(&ledger, &["a", "b"]), Ok(Some(3)));
/// ```
///
/// # Errors
/// As [`solve`]; an unknown need counts nothing.
///
/// # Complexity
/// As [`solve`].
pub fn most(ledger: &Ledger, needs: &[&str]) -> Result<Option<i64>, String> {
    search::Model::new(ledger).map(|model| search::most(&model, needs))
}

/// All arcs of a ledger, by offer and need as listed.
///
/// # Errors
/// A reference that does not resolve.
pub fn arcs(ledger: &Ledger) -> Result<Vec<OracleArc>, String> {
    let world = world::World::new(ledger)?;
    let (arcs, _) = arcs::arcs(&world)?;
    Ok(arcs
        .iter()
        .map(|a| OracleArc {
            offer: ledger.offers[a.offer].id.clone(),
            need: ledger.needs[a.need].id.clone(),
            locked: a.locked,
            capacity: a.capacity,
        })
        .collect())
}

/// Upper bound on the plans that [`solve`] will visit: the product over the needs of
/// binomial(q + d, d), q the quantity and d the arcs of the need.
///
/// # Errors
/// A reference that does not resolve.
pub fn size_bound(ledger: &Ledger) -> Result<u64, String> {
    let world = world::World::new(ledger)?;
    let (arcs, _) = arcs::arcs(&world)?;
    let mut bound = 1_u64;
    for (n, need) in ledger.needs.iter().enumerate() {
        let degree = arcs.iter().filter(|a| a.need == n).count() as u64;
        let ways =
            (1..=degree).fold(1_u64, |c, k| c.saturating_mul(need.quantity.max(0) as u64 + k) / k);
        bound = bound.saturating_mul(ways);
    }
    Ok(bound)
}

/// What is bound already in the rows of one hard amount limit: the largest sum over
/// its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// By projects in progress alone.
    pub progress: i64,
    /// By locks, projects in progress and accepted claims.
    pub locked: i64,
}

/// What is bound in each hard amount limit, by position in `ledger.limits`; `None`
/// for other limits.
///
/// A generator raises upper bounds to it: work in progress beyond a hard limit is bad
/// input rather than an infeasible ledger.
///
/// # Errors
/// A reference that does not resolve.
pub fn bound_by_limit(ledger: &Ledger) -> Result<Vec<Option<Bound>>, String> {
    search::Model::new(ledger).map(|model| model.bound_by_limit())
}

/// (limit, offers, needs) of each row of each limit, as far as arcs touch them, for
/// the test that the random ledgers are networks.
#[cfg(test)]
pub(crate) fn row_sets(ledger: &Ledger) -> Vec<(usize, Vec<usize>, Vec<usize>)> {
    search::Model::new(ledger).map_or_else(|_| Vec::new(), |model| model.row_sets())
}
