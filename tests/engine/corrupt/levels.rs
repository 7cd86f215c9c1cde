//! Levels that say something else than the assignments, and proofs that prove nothing.

use concentric_matcher::plan::{Big, LevelRecord, Plan, ProofName, SenseName};
use concentric_testkit::brute;

use super::tools::{Case, Found, Kind, edit, remade, service};

pub const KINDS: &[Kind] = &[
    Kind { name: "value", least: 500, make: |c| each(c, |l| l.value.0 += 1) },
    Kind { name: "bound", least: 500, make: |c| each(c, better_bound) },
    Kind {
        name: "of",
        least: 500,
        make: |c| each(c, |l| l.of = Some(Big(l.of.map_or(7, |o| o.0 + 1)))),
    },
    Kind { name: "scale", least: 500, make: |c| each(c, |l| l.scale += 1) },
    Kind { name: "sense", least: 500, make: |c| each(c, turn) },
    Kind { name: "goal", least: 500, make: |c| each(c, |l| l.goal.push('x')) },
    Kind { name: "proof by a solver", least: 500, make: |c| claims(c, ProofName::Claimed) },
    Kind { name: "proof understated", least: 500, make: |c| claims(c, ProofName::ProvedBound) },
    Kind { name: "vector", least: 50, make: vector },
    Kind {
        name: "level dropped",
        least: 500,
        make: |c| {
            (0..c.plan.levels.len())
                .map(|k| edit(c, "levels", |p| drop(p.levels.remove(k))))
                .collect()
        },
    },
    Kind { name: "a worse plan", least: 200, make: worse },
    Kind { name: "no potentials", least: 100, make: zeroed },
    Kind { name: "too few potentials", least: 100, make: short },
    Kind { name: "witnesses dropped, a solver's word instead", least: 200, make: word },
];

fn each(case: &Case, change: fn(&mut LevelRecord)) -> Found {
    let levels = case.plan.levels.iter().enumerate();
    levels
        .map(|(k, l)| edit(case, &format!("level {}", l.goal), |p| change(&mut p.levels[k])))
        .collect()
}

/// One better than what is proved.
fn better_bound(level: &mut LevelRecord) {
    let by = if level.sense == SenseName::Maximize { -1 } else { 1 };
    level.bound = Some(Big(level.value.0 + by));
}

fn turn(level: &mut LevelRecord) {
    level.sense = match level.sense {
        SenseName::Maximize => SenseName::Minimize,
        SenseName::Minimize => SenseName::Maximize,
    };
}

fn claims(case: &Case, proof: ProofName) -> Found {
    let levels = 0..case.plan.levels.len();
    levels.map(|k| edit(case, "level", |p| p.levels[k].proof = proof)).collect()
}

fn vector(case: &Case) -> Found {
    let mut found = Vec::new();
    for (k, level) in case.plan.levels.iter().enumerate() {
        if level.vector.as_ref().is_some_and(|v| !v.is_empty()) {
            found.push(edit(case, &format!("level {}", level.goal), |plan| {
                plan.levels[k].vector.as_mut().unwrap()[0].1.0 += 1;
            }));
        }
    }
    found
}

/// Feasible plans that are worse somewhere, with all sums right and the old proof.
fn worse(case: &Case) -> Found {
    let ledger = case.valid.ledger();
    if ledger.needs.len() > 9 {
        return Vec::new();
    }
    let own = super::super::triples(&case.plan);
    let best = brute::evaluate(ledger, &own).unwrap();
    let (network, service) = service(case);
    let mut found = Vec::new();
    for k in 0..own.len() {
        let mut less = own.clone();
        less[k].2 -= 1;
        if brute::evaluate(ledger, &less).is_ok_and(|values| values != best) {
            let o = ledger.offers.iter().position(|o| o.id == own[k].0).unwrap();
            let n = ledger.needs.iter().position(|n| n.id == own[k].1).unwrap();
            let mut service = service.clone();
            service[network.arcs.find(o as u32, n as u32).unwrap() as usize] -= 1;
            found.push((remade(case, &network, &service), "level ".to_owned()));
        }
    }
    found
}

/// Without potentials a level over bounds of 0 and what is there proves only what all
/// service at its best end proves; where that is not reached, the proof is gone.
fn zeroed(case: &Case) -> Found {
    let (network, service) = service(case);
    let flows = network.edge_flows(&service);
    let mut found = Vec::new();
    for (k, witness) in case.plan.certificate.levels.iter().enumerate() {
        let level = &network.levels[k];
        // The sum of every edge at its own best end, beyond which nothing is excluded.
        let (mut own, mut loose) = (0i128, 0i128);
        for (e, &x) in flows.iter().enumerate() {
            let (edge, cost) = (network.edge(e), i128::from(network.cost(level, e)));
            own += cost * i128::from(x);
            loose += cost * i128::from(if cost > 0 { edge.lower } else { edge.upper });
        }
        // On the face of earlier levels less is possible, so only the first level is sure.
        if k == 0 && own != loose && !witness.potentials.is_empty() {
            let row = format!("level {}", case.plan.levels[k].goal);
            found.push(edit(case, &row, |p| p.certificate.levels[k].potentials.clear()));
        }
    }
    found
}

fn short(case: &Case) -> Found {
    let mut found = Vec::new();
    for (k, witness) in case.plan.certificate.levels.iter().enumerate() {
        if !witness.potentials.is_empty() && case.plan.levels[k].vector.is_none() {
            found.push(edit(case, "certificate", |p| {
                p.certificate.levels[k].potentials.pop();
            }));
        }
    }
    found
}

/// A network needs nobody's word.
fn word(case: &Case) -> Found {
    if case.plan.levels.is_empty() {
        return Vec::new();
    }
    let change = |plan: &mut Plan| {
        plan.certificate.levels.clear();
        plan.levels.iter_mut().for_each(|l| l.proof = ProofName::Claimed);
        plan.components.iter_mut().for_each(|c| c.proof = ProofName::Feasible);
    };
    vec![edit(case, "level", change)]
}
