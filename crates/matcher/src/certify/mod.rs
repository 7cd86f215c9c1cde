//! The independent witness: feasibility re-added from the ledger, level values
//! recomputed, optimality proved by potentials, reasons re-proved. Integers only.
//!
//! In: a valid ledger, its network (the lowering, not a solver's state), the service
//! on each arc and the evidence of a plan. Out: proofs, or the first broken row with
//! the number that fails. Must not know flow, MILP or solve: nothing here is computed
//! by what it checks. Rejected: trusting a status, and tolerances.
//!
//! Optimality at a level: for a circulation x and any potentials pi, with reduced
//! costs rc = c + pi(tail) - pi(head),
//! `sum c x = sum rc x >= sum min(rc * lower, rc * upper)`, so the right-hand side is
//! a safe bound whatever the potentials are. Where both sides meet, every edge with
//! rc != 0 sits at its bound in *every* optimal plan; with those edges fixed, the next
//! level is proved on the optimal face of the ones before (complementary slackness).

mod blocked;
mod bounds;
mod closed_set;
mod contradiction;
mod delta;
mod evidence;
mod fairness;
mod feasibility;
mod idle_funnel;
mod incidence;
mod multipliers;
mod reason;
mod recheck;
mod said;
mod values;

pub use blocked::{blocked, blocked_offer, effect};
pub use bounds::{Face, prove};
pub(crate) use closed_set::cut_capacity;
pub use contradiction::infeasible;
pub use delta::{Change, deltas};
pub use evidence::{Evidence, LevelProof, Part, PartProof};
pub use feasibility::{Violation, feasible};
pub(crate) use idle_funnel::idle_funnel;
pub use incidence::Incidence;
pub use multipliers::{MULTIPLIER_SCALE, Multipliers, safe_bound};
pub use reason::{Exchange, Reason, ReasonCode};
pub(crate) use recheck::next_level;
pub use recheck::{Situation, recheck_idle, recheck_need};
pub(crate) use said::{said, word};
pub use values::{FairValue, LevelValue, level_value, level_values};
