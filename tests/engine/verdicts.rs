//! Right plans are never refused: after a round trip, unexplained, cut off, of others.
//!
//! In: seeded ledgers. Out: verdicts. Must not know how the checker works. Rejected:
//! recorded plans (they would tie the test to one way of breaking ties).

use concentric_matcher::control::Reason;
use concentric_matcher::io::{read_plan, write_plan};
use concentric_matcher::plan::{Plan, SenseName, TerminationReason};
use concentric_matcher::validate::validate;
use concentric_matcher::{Control, Engine, Options, ValidLedger};
use concentric_testkit::random::{self, Profile};
use concentric_testkit::{brute, domain};

use super::{cases, matched};

fn accepted(name: &str, valid: &ValidLedger, plan: &Plan) {
    let read = read_plan(write_plan(plan).as_bytes()).unwrap();
    assert_eq!(read, *plan, "{name}: the round trip");
    let verdict = Engine::default().verify(valid, &read).unwrap();
    assert!(verdict.is_ok(), "{name}: {verdict:?}");
}

#[test]
fn plans_pass_after_a_round_trip_explained_or_not() {
    let silent = Engine::new(Options { explain: false, ..Options::default() });
    for seed in 0..cases(1_000) {
        for profile in [Profile::default(), Profile::with_fair()] {
            let (valid, plan) = matched(&random::ledger(seed, &profile));
            let Ok(plan) = plan else { continue };
            accepted(&format!("seed {seed}, fair {}", profile.fair), &valid, &plan);
            let plan = silent.match_valid(&valid, &Control::default()).unwrap();
            assert!(plan.outcomes.iter().all(|o| o.reasons.is_empty()), "seed {seed}");
            accepted(&format!("seed {seed}, unexplained"), &valid, &plan);
        }
    }
}

/// Bounds of the first level that differs from the optimum must lie beyond it.
fn bounds_hold(name: &str, plan: &Plan, best: &Plan) {
    for (level, best) in plan.levels.iter().zip(&best.levels) {
        if let Some(bound) = level.bound {
            let beyond = match level.sense {
                SenseName::Maximize => bound >= best.value,
                SenseName::Minimize => bound <= best.value,
            };
            assert!(beyond, "{name}, {}: {bound} against {}", level.goal, best.value);
        }
        if level.value != best.value {
            // Bounds behind it speak of plans that are as good as this one so far.
            return;
        }
    }
}

#[test]
fn plans_cut_off_by_work_pass_and_their_bounds_hold() {
    let mut short = 0;
    for seed in 0..cases(3) {
        let valid = validate(domain::ledger(20_000, seed)).unwrap();
        let best = Engine::default().match_valid(&valid, &Control::default()).unwrap();
        assert_eq!(best.termination.as_ref().unwrap().reason, TerminationReason::Optimal);
        for work in [1, 50, 500, 5_000, 20_000] {
            let options = Options { work_limit: Some(work), ..Options::default() };
            let plan = Engine::new(options).match_valid(&valid, &Control::default()).unwrap();
            let name = format!("seed {seed}, work {work}");
            accepted(&name, &valid, &plan);
            bounds_hold(&name, &plan, &best);
            short += u32::from(plan.termination != best.termination);
        }
    }
    assert!(short >= 6, "only {short} plans were cut off");
}

#[test]
fn small_plans_cut_off_by_work_pass_and_their_bounds_hold() {
    for seed in 0..cases(500) {
        let (valid, best) = matched(&random::ledger(seed, &Profile::with_fair()));
        let Ok(best) = best else { continue };
        for work in [0, 1, 2, 4, 8] {
            let options = Options { work_limit: Some(work), ..Options::default() };
            let plan = Engine::new(options).match_valid(&valid, &Control::default()).unwrap();
            let name = format!("seed {seed}, work {work}");
            accepted(&name, &valid, &plan);
            bounds_hold(&name, &plan, &best);
        }
    }
}

#[test]
fn assignments_alone_are_judged() {
    let (mut good, mut bad) = (0, 0);
    for seed in 0..cases(1_000) {
        let (valid, plan) = matched(&random::ledger(seed, &Profile::default()));
        let (ledger, plan) = (valid.ledger(), plan.unwrap());
        if plan.assignments.is_empty() {
            continue;
        }
        let text = |by: i64| {
            let mut rows = serde_json::json!([]);
            for (k, a) in plan.assignments.iter().enumerate() {
                let quantity = a.quantity + if k == 0 { by } else { 0 };
                let row =
                    serde_json::json!({"offer": a.offer, "need": a.need, "quantity": quantity});
                rows.as_array_mut().unwrap().push(row);
            }
            serde_json::json!({"format": "concentric.plan/v1", "assignments": rows}).to_string()
        };
        let verdict = |by| {
            let foreign = read_plan(text(by).as_bytes()).unwrap();
            Engine::default().verify(&valid, &foreign).unwrap()
        };
        let verdict_of_it = verdict(0).unwrap();
        assert_eq!(verdict_of_it.reason, Reason::Feasible, "seed {seed}");
        let values = |levels: &[concentric_matcher::plan::LevelRecord]| -> Vec<i128> {
            levels.iter().map(|l| l.value.0).collect()
        };
        assert_eq!(values(&verdict_of_it.levels), values(&plan.levels), "seed {seed}");
        good += 1;
        let mut triples = super::triples(&plan);
        triples[0].2 += 1;
        match (brute::evaluate(ledger, &triples), verdict(1)) {
            (Ok(_), Ok(_)) => {}
            (Err(_), Err(violation)) => {
                let (offer, need) = (&triples[0].0, &triples[0].1);
                let own =
                    [format!("offer {offer}"), format!("need {need}"), format!("{offer}/{need}")];
                let named = own.iter().any(|row| violation.row.ends_with(row.as_str()))
                    || ["limit", "pair"].iter().any(|list| violation.row.starts_with(list));
                assert!(named, "seed {seed}: {violation}");
                bad += 1;
            }
            (oracle, ours) => panic!("seed {seed}: {oracle:?} against {ours:?}"),
        }
    }
    assert!(good > 500 && bad > 300, "{good} {bad}");
}
