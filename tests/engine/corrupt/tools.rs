//! What all kinds share: a plan with its ledger, and the plan after a change of service.
//!
//! In: a case and changes `(offer, need, units)`. Out: a plan whose sums, levels and
//! outcomes all follow from the changed service, so that only the touched row is wrong.

use concentric_matcher::ValidLedger;
use concentric_matcher::certify::level_values;
use concentric_matcher::network::{Network, build};
use concentric_matcher::plan::{Plan, Status, Totals, assignments, idle, levels, outcomes, sums};

/// A right plan and its ledger.
pub struct Case {
    pub valid: ValidLedger,
    pub plan: Plan,
}

/// Wrong plans, each with a part of the name of the row that is wrong.
pub type Found = Vec<(Plan, String)>;

/// One kind of corruption.
pub struct Kind {
    pub name: &'static str,
    /// How often it must have been tried over all plans.
    pub least: u64,
    pub make: fn(&Case) -> Found,
}

/// One wrong plan, made by an edit of a copy.
pub fn edit(case: &Case, row: &str, change: impl FnOnce(&mut Plan)) -> (Plan, String) {
    let mut plan = case.plan.clone();
    change(&mut plan);
    (plan, row.to_owned())
}

/// The network and the service of the case.
pub fn service(case: &Case) -> (Network<'_>, Vec<i64>) {
    let network = build(&case.valid, 1 << 20).unwrap();
    let mut service = vec![0; network.arcs.len()];
    let ledger = case.valid.ledger();
    for a in &case.plan.assignments {
        let o = ledger.offers.iter().position(|o| o.id == a.offer).unwrap();
        let n = ledger.needs.iter().position(|n| n.id == a.need).unwrap();
        service[network.arcs.find(o as u32, n as u32).unwrap() as usize] = a.quantity;
    }
    (network, service)
}

/// The plan with another service and everything that follows from it; claims of proof
/// stay, and reasons where there still is something to explain.
pub fn remade(case: &Case, network: &Network, service: &[i64]) -> Plan {
    let valid = &case.valid;
    let mut plan = case.plan.clone();
    let totals = Totals::new(network, service);
    let values = level_values(valid, network, service);
    for (level, own) in plan.levels.iter_mut().zip(levels(network, &values, None, &[], 0, &[])) {
        level.value = own.value;
        level.bound = Some(own.value);
        level.vector = own.vector;
    }
    plan.assignments = assignments(valid, network, service);
    let old = plan.outcomes.clone();
    plan.outcomes = outcomes(valid, &totals, Vec::new());
    for (outcome, old) in plan.outcomes.iter_mut().zip(old) {
        if outcome.status != Status::Met {
            outcome.reasons = old.reasons;
        }
    }
    let old = plan.idle.clone();
    plan.idle = idle(valid, &totals, |_| None);
    for idle in &mut plan.idle {
        idle.reason = old.iter().find(|i| i.offer == idle.offer).and_then(|i| i.reason.clone());
    }
    plan.coverage = sums(valid, network, service, &totals);
    plan
}
