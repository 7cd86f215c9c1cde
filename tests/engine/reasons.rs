//! Reasons against enumeration: what is said to be impossible is, and moves cost what
//! they are said to cost.
//!
//! In: plans of seeded ledgers. Out: nothing. Must not know the checker.

use concentric_matcher::certify::ReasonCode;
use concentric_matcher::io::load;
use concentric_matcher::ledger::Ledger;
use concentric_matcher::plan::{SenseName, TerminationReason};
use concentric_matcher::{Control, Engine};
use concentric_testkit::brute::{self, LevelValue};
use concentric_testkit::random::{self, Profile};

use super::{cases, matched, triples};

/// Optimal plans of both profiles, with their ledgers in canonical order.
fn each(visit: &mut dyn FnMut(&str, &Ledger, &concentric_matcher::Plan)) {
    for seed in 0..cases(1_000) {
        for profile in [Profile::default(), Profile::with_fair()] {
            let (valid, plan) = matched(&random::ledger(seed, &profile));
            let plan = plan.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            if plan.termination.as_ref().unwrap().reason == TerminationReason::Optimal {
                visit(&format!("seed {seed}, fair {}", profile.fair), valid.ledger(), &plan);
            }
        }
    }
}

#[test]
fn every_short_need_has_a_reason_and_dead_ends_are_dead_ends() {
    let (mut short, mut dead) = (0, 0);
    each(&mut |name, ledger, plan| {
        let arcs = brute::arcs(ledger).unwrap();
        for outcome in &plan.outcomes {
            if outcome.covered == outcome.asked {
                assert!(outcome.reasons.is_empty(), "{name}, {}", outcome.need);
                continue;
            }
            short += 1;
            let codes: Vec<ReasonCode> = outcome.reasons.iter().map(|r| r.code).collect();
            let explains =
                |c: &ReasonCode| !matches!(c, ReasonCode::NotProved | ReasonCode::BeyondLevel);
            assert!(codes.iter().any(explains), "{name}, {}: {codes:?}", outcome.need);
            let alone = !arcs.iter().any(|a| a.need == outcome.need);
            let funnel = codes.iter().any(|c| c.is_funnel());
            assert_eq!(alone, funnel, "{name}, {}: {codes:?}", outcome.need);
            dead += u32::from(alone);
        }
    });
    assert!(short > 500 && dead > 100, "{short} {dead}");
}

#[test]
fn no_plan_gives_a_closed_set_more_than_is_said() {
    let mut sets = 0;
    each(&mut |name, ledger, plan| {
        for outcome in &plan.outcomes {
            for reason in outcome.reasons.iter().filter(|r| r.available.is_some()) {
                let needs: Vec<&str> = reason.needs.iter().map(String::as_str).collect();
                let most = brute::most(ledger, &needs).unwrap().unwrap();
                let said = reason.available.unwrap();
                assert!(most <= said, "{name}, {}: {most} beyond {said}", outcome.need);
                assert!(said < reason.asked.unwrap(), "{name}, {}", outcome.need);
                sets += 1;
            }
        }
    });
    assert!(sets > 300, "only {sets} sets");
}

#[test]
fn exchanges_cost_what_they_are_said_to_cost() {
    let mut moves = 0;
    each(&mut |name, ledger, plan| {
        let before = brute::evaluate(ledger, &triples(plan)).unwrap();
        let of_needs = plan.outcomes.iter().flat_map(|o| &o.reasons);
        let reasons = of_needs.chain(plan.idle.iter().filter_map(|i| i.reason.as_ref()));
        for exchange in reasons.flat_map(|r| &r.exchanges) {
            let mut moved = triples(plan);
            for change in &exchange.changes {
                let own =
                    |t: &&mut (String, String, i64)| t.0 == change.offer && t.1 == change.need;
                match moved.iter_mut().find(own) {
                    Some(row) => row.2 += change.by,
                    None => moved.push((change.offer.clone(), change.need.clone(), change.by)),
                }
            }
            let after = brute::evaluate(ledger, &moved).unwrap_or_else(|rule| {
                panic!("{name}: {exchange:?} breaks {rule}");
            });
            let first = before.iter().zip(&after).position(|(a, b)| a != b);
            let level = first.map(|l| plan.levels[l].goal.clone());
            assert_eq!(level, exchange.level, "{name}: {exchange:?}");
            if let Some(l) = first {
                assert!(worse(plan, l, &before[l], &after[l]), "{name}: {exchange:?}");
            }
            moves += 1;
        }
    });
    assert!(moves > 300, "only {moves} moves");
}

#[test]
fn less_than_a_unit_of_service_draws_is_left() {
    // Each hour of service draws 3 of the 4; one need gets its hour, the other cannot.
    let text = r#"{"format": "concentric.ledger/v1", "arcs": "explicit",
        "units": [{"id": "u"}], "offers": [{"id": "o", "unit": "u", "quantity": 4}],
        "needs": [{"id": "a", "quantity": 1}, {"id": "b", "quantity": 1}],
        "pairs": [{"offer": "o", "need": "a", "consumption": 3},
                  {"offer": "o", "need": "b", "consumption": 3}]}"#;
    let valid = load(text.as_bytes()).unwrap();
    let plan = Engine::default().match_valid(&valid, &Control::default()).unwrap();
    let idle = plan.idle.iter().map(|i| (i.left, i.reason.as_ref().unwrap().code));
    assert_eq!(idle.collect::<Vec<_>>(), [(1, ReasonCode::Capacity)]);
    assert!(Engine::default().verify(&valid, &plan).unwrap().is_ok());
}

/// Whether the level got worse, fractions compared one by one from the smallest.
fn worse(
    plan: &concentric_matcher::Plan,
    l: usize,
    before: &LevelValue,
    after: &LevelValue,
) -> bool {
    match (before, after) {
        (LevelValue::Number(before), LevelValue::Number(after)) => match plan.levels[l].sense {
            SenseName::Maximize => after < before,
            SenseName::Minimize => after > before,
        },
        (LevelValue::Fractions(before), LevelValue::Fractions(after)) => {
            let pairs = before.iter().zip(after);
            pairs
                .map(|(b, a)| (a.0 * b.1, b.0 * a.1))
                .find(|(a, b)| a != b)
                .is_some_and(|(a, b)| a < b)
        }
        _ => false,
    }
}
