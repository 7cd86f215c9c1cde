//! Small random ledgers that are pure networks, and copies that must not matter.
//!
//! In: a seed and a [`Profile`]. Out: a [`Ledger`] that a brute force can solve; the
//! same ledger in another order or under other ids. Must not know the engine; the
//! arcs that locks and projects sit on come from the oracle. Rejected: random JSON
//! (nearly all of it is bad input and would test validation over and over).
//!
//! Pure network by construction: consumption is 1, nothing has a minimum, a fixed cost
//! or a provider cap, limits count amounts, and their sets are nested on the supply
//! side (offer in unit in kind in group) and on the demand side (need in place subtree).

mod commitments;
mod goals;
mod limits;
mod nouns;
mod relabel;
#[cfg(test)]
mod tests;
mod whole;

use concentric_matcher::ledger::Ledger;

use crate::brute;
use crate::rng::Rng;

pub use relabel::{relabel, shuffle};
pub use whole::{ONCE_WRONG, whole};

/// Sizes and features of the random ledgers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Most units (at least 1 is drawn).
    pub max_units: i64,
    /// Most offers.
    pub max_offers: i64,
    /// Most needs.
    pub max_needs: i64,
    /// Most of one need; offers draw 0..=this.
    pub max_quantity: i64,
    /// Most plans the oracle may have to visit, by its own bound.
    pub max_plans: u64,
    /// Some ledgers list their arcs.
    pub explicit: bool,
    /// Pair rows with worth, money, capacities, bans.
    pub pairs: bool,
    /// Locks, projects and accepted claims.
    pub commitments: bool,
    /// Hard amount limits.
    pub limits: bool,
    /// Soft amount limits.
    pub soft: bool,
    /// One level of `fair` by amount in some ledgers.
    pub fair: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Profile {
            max_units: 4,
            max_offers: 4,
            max_needs: 4,
            max_quantity: 4,
            max_plans: 8_000,
            explicit: true,
            pairs: true,
            commitments: true,
            limits: true,
            soft: true,
            fair: false,
        }
    }
}

impl Profile {
    /// The default with levels of `fair`.
    pub fn with_fair() -> Self {
        Profile { fair: true, ..Profile::default() }
    }

    /// Offers, needs, filters and goals only.
    pub fn plain() -> Self {
        Profile {
            explicit: false,
            pairs: false,
            commitments: false,
            limits: false,
            soft: false,
            ..Profile::default()
        }
    }
}

/// A random ledger; the same seed and profile give the same ledger on every machine.
///
/// About one in twenty cannot be met (a lower bound or a lock against a limit).
/// Every reference resolves, and work in progress fits its arc, offer, need and the
/// hard limits, so that no ledger is bad input.
///
/// ```
/// use concentric_testkit::brute::size_bound;
/// use concentric_testkit::random::{Profile, ledger};
/// let profile = Profile::default();
/// assert_eq!(ledger(3, &profile), ledger(3, &profile));
/// assert!(size_bound(&ledger(3, &profile)).unwrap() <= profile.max_plans);
/// ```
///
/// # Complexity
/// O(offers * needs * places) for a few redraws of the quantities.
pub fn ledger(seed: u64, profile: &Profile) -> Ledger {
    let mut rng = Rng::new(seed);
    let mut ledger = nouns::ledger(&mut rng, profile);
    if profile.pairs {
        commitments::pairs(&mut rng, &mut ledger);
    }
    shrink(&mut rng, &mut ledger, profile.max_plans);
    if profile.commitments {
        commitments::add(&mut rng, &mut ledger);
    }
    if profile.limits || profile.soft {
        limits::add(&mut rng, &mut ledger, profile);
        limits::admit_bound_work(&mut rng, &mut ledger);
    }
    goals::add(&mut rng, &mut ledger, profile.fair);
    limits::nest_with_fair(&mut ledger);
    relabel::shuffle_with(&mut rng, &mut ledger);
    ledger
}

/// Lowers quantities of needs, then drops needs, until the oracle can cope.
fn shrink(rng: &mut Rng, ledger: &mut Ledger, max_plans: u64) {
    while brute::size_bound(ledger).is_ok_and(|bound| bound > max_plans) {
        let large: Vec<usize> =
            (0..ledger.needs.len()).filter(|&n| ledger.needs[n].quantity > 1).collect();
        if large.is_empty() {
            let Some(gone) = ledger.needs.pop() else {
                return;
            };
            ledger.pairs.retain(|p| p.need.as_deref() != Some(&gone.id));
        } else {
            let n = *rng.pick(&large);
            ledger.needs[n].quantity -= 1;
        }
    }
}
