//! Contradictions against enumeration: the named rules alone, and not one too many.
//!
//! In: infeasible seeded ledgers. Out: nothing. Must not know how names are found. A
//! limit with groups is given up, or kept, as a whole, which only makes more feasible
//! what should be, and keeps infeasible what should be.

use concentric_matcher::ledger::{ClaimState, Ledger, ProjectState};
use concentric_matcher::plan::TerminationReason;
use concentric_testkit::brute;
use concentric_testkit::random::{self, Profile};

use super::{cases, matched};

/// Whether a rule called `id` is among the names: itself, one of its groups, or joined.
fn named(names: &[String], id: &str) -> bool {
    let part = |name: &String| {
        name.split('+').any(|n| n == id || n.strip_prefix(id).is_some_and(|r| r.starts_with('[')))
    };
    names.iter().any(part)
}

/// The ledger without every rule that `gone` takes.
fn without(ledger: &Ledger, gone: impl Fn(&str) -> bool) -> Ledger {
    let mut ledger = ledger.clone();
    ledger.limits.retain(|l| !l.hard || l.untouchable || !gone(&l.id));
    for project in &mut ledger.projects {
        if project.state == ProjectState::InProgress && gone(&project.id) {
            project.state = ProjectState::Proposed;
        }
    }
    for claim in &mut ledger.claims {
        if claim.state == ClaimState::Accepted && gone(&claim.id) {
            claim.state = ClaimState::Pending;
        }
    }
    for pair in &mut ledger.pairs {
        let at = |id: &Option<String>| id.clone().unwrap_or_default();
        let arc = format!("{}/{}", at(&pair.offer), at(&pair.need));
        let between = format!("{}/{}", at(&pair.unit), at(&pair.place));
        if pair.offer.is_some() && gone(&arc) {
            pair.locked = None;
        }
        if pair.unit.is_some() && gone(&between) {
            (pair.locked, pair.capacity) = (None, None);
        }
    }
    ledger
}

/// The lock of a pair also falls with the records that hold its arc.
fn arc_locks(ledger: &Ledger, names: &[String]) -> Vec<String> {
    let mut arcs = Vec::new();
    let held = |id: &String| named(names, id);
    let projects = ledger.projects.iter().filter(|p| held(&p.id));
    arcs.extend(projects.map(|p| format!("{}/{}", p.offer, p.need)));
    let claims = ledger.claims.iter().filter(|c| held(&c.id));
    arcs.extend(claims.map(|c| format!("{}/{}", c.offer, c.need)));
    arcs
}

#[test]
fn conflicts_are_contradictions_and_minimal() {
    let (mut seen, mut removed) = (0, 0);
    for seed in 0..cases(4_000) {
        for profile in [Profile::default(), Profile::with_fair()] {
            let (valid, plan) = matched(&random::ledger(seed, &profile));
            let Ok(plan) = plan else { continue };
            if plan.termination.as_ref().unwrap().reason != TerminationReason::Infeasible {
                continue;
            }
            seen += 1;
            let ledger = valid.ledger();
            let name = format!("seed {seed}, fair {}: {:?}", profile.fair, plan.conflict);
            let arcs = arc_locks(ledger, &plan.conflict);
            let kept =
                without(ledger, |id| !named(&plan.conflict, id) && !arcs.iter().any(|a| a == id));
            assert!(!brute::solve(&kept).unwrap().feasible, "{name}: not a contradiction");
            for one in &plan.conflict {
                let one = [one.clone()];
                let arcs = arc_locks(ledger, &one);
                let less = without(&kept, |id| named(&one, id) || arcs.iter().any(|a| a == id));
                let feasible = brute::solve(&less).unwrap().feasible;
                assert!(feasible, "{name}: without {one:?} it remains");
                removed += 1;
            }
        }
    }
    assert!(seen > 50 && removed > 80, "{seen} contradictions, {removed} rules");
}

/// Names after the colon of a detail that blames nothing.
fn told(detail: &str) -> Vec<String> {
    let (_, names) = detail.split_once("to blame: ").unwrap_or_default();
    names.split(['(', ')']).next().unwrap_or_default().split(", ").map(str::to_owned).collect()
}

/// Where limits alone clash and none may be touched, those that are told are a minimal
/// contradiction as well, and nothing is blamed.
#[test]
fn untouchable_contradictions_are_told_and_minimal() {
    let (mut seen, mut removed) = (0, 0);
    for seed in 0..cases(4_000) {
        for profile in [Profile::default(), Profile { commitments: false, ..Profile::with_fair() }]
        {
            let mut ledger = random::ledger(seed, &profile);
            ledger.limits.iter_mut().for_each(|limit| limit.untouchable = limit.hard);
            let (_, plan) = matched(&ledger);
            let Ok(plan) = plan else { continue };
            let termination = plan.termination.as_ref().unwrap();
            if termination.reason != TerminationReason::Infeasible || !plan.conflict.is_empty() {
                continue;
            }
            seen += 1;
            let names = told(&termination.detail);
            let name = format!("seed {seed}, fair {}: {}", profile.fair, termination.detail);
            for limit in &mut ledger.limits {
                limit.untouchable = false;
            }
            let only = |keep: &dyn Fn(&str) -> bool| {
                let mut ledger = ledger.clone();
                ledger.limits.retain(|limit| !limit.hard || keep(&limit.id));
                brute::solve(&ledger).unwrap().feasible
            };
            assert!(!only(&|id| named(&names, id)), "{name}: not a contradiction");
            for one in &names {
                let one = [one.clone()];
                let feasible = only(&|id| named(&names, id) && !named(&one, id));
                assert!(feasible, "{name}: without {one:?} it remains");
                removed += 1;
            }
        }
    }
    assert!(seen > 20 && removed > 30, "{seen} contradictions, {removed} limits");
}
