//! One what-if: the ledger after a step, its plan, and whether coverage was lost.
//!
//! In: a ledger, the plan at hand, a step. Out: [`Outcome`]. Must not choose. Where the
//! plan at hand already obeys the new lock it is still the best plan, so nothing is
//! solved.

use crate::control::Control;
use crate::error::Error;
use crate::ledger::{ClaimState, Delta, DeltaOp, Ledger};
use crate::pipeline::Engine;
use crate::plan::{
    LevelChange, LevelRecord, Plan, PlanDiff, ProofName, SenseName, TerminationReason,
};
use crate::scenario::apply_deltas;
use crate::validate::{ValidLedger, validate};

/// What came of a step.
#[derive(Clone)]
pub(super) enum Outcome {
    /// There is a plan.
    Holds {
        /// The ledger after the step.
        ledger: Box<Ledger>,
        /// Its plan.
        plan: Box<Plan>,
        /// Whether less is covered than by the plan without any claim.
        lost: bool,
    },
    /// There is none, and this is why.
    Barred(Vec<String>),
}

/// What all what-ifs share.
pub(super) struct Trial<'a> {
    pub engine: &'a Engine,
    pub control: &'a Control,
    /// The plan without any claim.
    pub base: &'a Plan,
    /// The ledger whose baseline of `keep` holds for all.
    pub baseline: &'a ValidLedger,
    /// Bound on the arcs of a network.
    pub max_arcs: u64,
}

/// Whether a solve ended without any plan.
pub(super) fn is_empty(plan: &Plan) -> bool {
    let reason = plan.termination.as_ref().map(|t| t.reason);
    matches!(reason, Some(TerminationReason::Infeasible | TerminationReason::NoSolution) | None)
}

/// What a plan gives one pair.
pub(super) fn service(plan: &Plan, offer: &str, need: &str) -> i64 {
    let found = plan.assignments.iter().find(|a| a.offer == offer && a.need == need);
    found.map_or(0, |a| a.quantity)
}

impl Trial<'_> {
    /// Accepts a claim on top of `ledger`, whose plan is `plan`.
    pub(super) fn accept(&self, ledger: &Ledger, plan: &Plan, id: &str) -> Result<Outcome, Error> {
        let delta = Delta { id: Some(id.to_owned()), ..Delta::new(DeltaOp::AcceptClaim) };
        let Some(claim) = ledger.claims.iter().find(|c| c.id == id) else {
            return Ok(Outcome::Barred(Vec::new()));
        };
        let same = ledger.claims.iter().filter(|c| {
            c.state == ClaimState::Accepted && (&c.offer, &c.need) == (&claim.offer, &claim.need)
        });
        let lock = claim.quantity + same.map(|c| c.quantity).sum::<i64>();
        self.run(ledger, plan, &delta, (&claim.offer, &claim.need, lock))
    }

    /// Locks a pair on top of `ledger`, whose plan is `plan`.
    pub(super) fn pin(
        &self,
        ledger: &Ledger,
        plan: &Plan,
        offer: &str,
        need: &str,
        quantity: i64,
    ) -> Result<Outcome, Error> {
        let delta = Delta {
            offer: Some(offer.to_owned()),
            need: Some(need.to_owned()),
            value: Some(quantity.into()),
            ..Delta::new(DeltaOp::Pin)
        };
        self.run(ledger, plan, &delta, (offer, need, quantity))
    }

    fn run(
        &self,
        ledger: &Ledger,
        plan: &Plan,
        delta: &Delta,
        (offer, need, lock): (&str, &str, i64),
    ) -> Result<Outcome, Error> {
        let told = |issues: Vec<crate::error::Issue>| {
            Outcome::Barred(issues.into_iter().map(|issue| issue.message).collect())
        };
        let next = match apply_deltas(ledger, std::slice::from_ref(delta), "claims") {
            Ok(next) => next,
            Err(issues) => return Ok(told(issues)),
        };
        let valid = match validate(next) {
            Ok(valid) => self.with_baseline(valid),
            Err(issues) => return Ok(told(issues)),
        };
        let served = if service(plan, offer, need) >= lock {
            plan.clone()
        } else {
            self.engine.match_valid(&valid, self.control)?
        };
        if is_empty(&served) {
            let why = match served.contradiction() {
                Some(why) if served.conflict.is_empty() => vec![why],
                _ => served.conflict,
            };
            return Ok(Outcome::Barred(why));
        }
        let lost = self.lost(&served);
        let ledger = Box::new(valid.ledger().clone());
        Ok(Outcome::Holds { ledger, plan: Box::new(served), lost })
    }

    fn with_baseline(&self, valid: ValidLedger) -> ValidLedger {
        let Some(lines) = self.baseline.baseline() else { return valid };
        let ledger = self.baseline.ledger();
        let ids = lines.iter().map(|&((o, n), quantity)| {
            let (offer, need) = (&ledger.offers[o as usize], &ledger.needs[n as usize]);
            (offer.id.as_str(), need.id.as_str(), quantity)
        });
        valid.with_baseline(ids)
    }

    /// Whether a level of coverage is lower than in the base plan. Levels that are not
    /// proved exact on both sides may differ by a ten-thousandth for no reason of theirs.
    fn lost(&self, plan: &Plan) -> bool {
        let both = self.base.levels.iter().zip(&plan.levels);
        both.into_iter().any(|(base, level)| is_coverage(base) && worse(base, level))
    }

    /// Levels that differ from the base plan's.
    pub(super) fn changed(&self, plan: &Plan) -> Vec<LevelChange> {
        let levels = PlanDiff::between(self.base, plan).levels;
        levels.into_iter().filter(|level| level.before != level.after).collect()
    }
}

fn is_coverage(level: &LevelRecord) -> bool {
    ["cover", "tier", "fair"].iter().any(|goal| level.goal.starts_with(goal))
}

fn worse(base: &LevelRecord, level: &LevelRecord) -> bool {
    let exact = [base, level].iter().all(|l| l.proof == ProofName::ProvedExact);
    let slack = if exact { 0 } else { base.value.0.abs() / 10_000 };
    match base.sense {
        SenseName::Maximize => level.value.0 < base.value.0 - slack,
        SenseName::Minimize => level.value.0 > base.value.0 + slack,
    }
}
