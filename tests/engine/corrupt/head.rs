//! What a plan says of itself as a whole.

use concentric_matcher::Engine;
use concentric_matcher::plan::{
    Big, Certificate, Coverage, LevelRecord, LimitName, Plan, ProofName, SenseName,
    TerminationReason,
};
use concentric_testkit::brute;

use super::tools::{Case, Found, Kind, edit, remade, service};

pub const KINDS: &[Kind] = &[
    Kind { name: "format", least: 400, make: |c| one(c, "format", |p| p.format.push('x')) },
    Kind {
        name: "ledger digest",
        least: 400,
        make: |c| one(c, "ledger_digest", |p| p.ledger_digest = p.policy_digest.clone()),
    },
    Kind {
        name: "policy digest",
        least: 400,
        make: |c| one(c, "policy_digest", |p| p.policy_digest = None),
    },
    Kind {
        name: "conflict beside a plan",
        least: 400,
        make: |c| one(c, "conflict", |p| p.conflict.push("l1".into())),
    },
    Kind {
        name: "infeasible beside a plan",
        least: 400,
        make: |c| one(c, "termination", |p| reason(p, TerminationReason::Infeasible)),
    },
    Kind { name: "infeasible though it is not", least: 400, make: contradiction },
    Kind {
        name: "optimal and a limit",
        least: 400,
        make: |c| {
            one(c, "termination", |p| p.termination.as_mut().unwrap().limit = Some(LimitName::Work))
        },
    },
    Kind { name: "deterministic by the clock", least: 400, make: clock },
    Kind {
        name: "no termination",
        least: 400,
        make: |c| one(c, "termination", |p| p.termination = None),
    },
    Kind { name: "component exact with a gap", least: 100, make: |c| gap(c, "component ", false) },
    Kind { name: "optimal with a gap", least: 100, make: |c| gap(c, "termination", true) },
];

pub const INFEASIBLE: &[Kind] = &[
    Kind {
        name: "cut emptied",
        least: 20,
        make: |c| one(c, "infeasible cut", |p| p.certificate.infeasible_cut.clear()),
    },
    Kind {
        name: "cut beyond the network",
        least: 20,
        make: |c| one(c, "infeasible cut", |p| p.certificate.infeasible_cut.push(1 << 30)),
    },
    Kind {
        name: "rule dropped",
        least: 20,
        make: |c| {
            let all = 0..c.plan.conflict.len();
            all.map(|k| edit(c, "conflict", |p| drop(p.conflict.remove(k)))).collect()
        },
    },
    Kind {
        name: "rule added",
        least: 20,
        make: |c| one(c, "conflict", |p| p.conflict.push("zzz".into())),
    },
    Kind {
        name: "level beside a contradiction",
        least: 20,
        make: |c| {
            one(c, "termination", |p| {
                p.levels.push(LevelRecord {
                    goal: "cover".into(),
                    sense: SenseName::Maximize,
                    value: Big(0),
                    bound: None,
                    of: None,
                    scale: 1,
                    proof: ProofName::Feasible,
                    work: 0,
                    vector: None,
                });
            })
        },
    },
    Kind {
        name: "component of a contradiction",
        least: 20,
        make: |c| {
            one(c, "component", |p| p.components.truncate(p.components.len().saturating_sub(1)))
        },
    },
];

fn one(case: &Case, row: &str, change: impl FnOnce(&mut Plan)) -> Found {
    vec![edit(case, row, change)]
}

fn reason(plan: &mut Plan, reason: TerminationReason) {
    plan.termination.as_mut().unwrap().reason = reason;
}

/// An empty plan that says there is none, with every offer as the cut.
fn contradiction(case: &Case) -> Found {
    let cuts = [Vec::new(), (1..=case.valid.ledger().offers.len() as u32).collect()];
    let plan = |cut: &Vec<u32>| {
        edit(case, "infeasible cut", |plan| {
            reason(plan, TerminationReason::Infeasible);
            plan.assignments.clear();
            plan.outcomes.clear();
            plan.levels.clear();
            plan.idle.clear();
            plan.coverage = Coverage::default();
            plan.certificate = Certificate { infeasible_cut: cut.clone(), ..Default::default() };
            plan.components.iter_mut().for_each(|c| c.proof = ProofName::Feasible);
        })
    };
    cuts.iter().map(plan).collect()
}

fn clock(case: &Case) -> Found {
    one(case, "deterministic", |plan| {
        reason(plan, TerminationReason::Feasible);
        plan.termination.as_mut().unwrap().limit = Some(LimitName::Time);
    })
}

/// A worse plan that owns to its gap at every level, but not everywhere.
fn gap(case: &Case, row: &str, parts: bool) -> Found {
    let ledger = case.valid.ledger();
    if ledger.needs.len() > 9 {
        return Vec::new();
    }
    let own = super::super::triples(&case.plan);
    let best = brute::evaluate(ledger, &own).unwrap();
    let (network, service) = service(case);
    for k in 0..own.len() {
        let mut less = own.clone();
        less[k].2 -= 1;
        if !brute::evaluate(ledger, &less).is_ok_and(|values| values != best) {
            continue;
        }
        let o = ledger.offers.iter().position(|o| o.id == own[k].0).unwrap();
        let n = ledger.needs.iter().position(|n| n.id == own[k].1).unwrap();
        let mut service = service.clone();
        service[network.arcs.find(o as u32, n as u32).unwrap() as usize] -= 1;
        let mut plan = remade(case, &network, &service);
        plan.outcomes.iter_mut().for_each(|o| o.reasons.clear());
        plan.idle.iter_mut().for_each(|i| i.reason = None);
        // The levels as a plan of others is told them.
        let mut foreign = plan.clone();
        (foreign.engine, foreign.termination) = (None, None);
        foreign.levels.clear();
        foreign.components.clear();
        plan.levels = Engine::default().verify(&case.valid, &foreign).unwrap().unwrap().levels;
        if parts {
            plan.components.iter_mut().for_each(|c| c.proof = ProofName::Feasible);
        }
        return vec![(plan, row.to_owned())];
    }
    Vec::new()
}
