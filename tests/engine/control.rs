//! What a caller hears and decides while a plan is made.
//!
//! In: ledgers of the samples. Out: incumbents and bounds that agree with the plan, an end
//! without a plan where nobody waits, a plan without reasons where there is no time. Must
//! not know how the engine polls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use concentric_matcher::control::{ProgressEvent, ProgressSink};
use concentric_matcher::plan::{Plan, SenseName};
use concentric_matcher::{Control, Engine, Error, ValidLedger, io};

fn sample(name: &str) -> ValidLedger {
    let path = format!("{}/examples/ledgers/{name}.json", env!("CARGO_MANIFEST_DIR"));
    io::load(&std::fs::read(path).unwrap()).unwrap()
}

fn heard(valid: &ValidLedger) -> (Plan, Vec<ProgressEvent>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink: ProgressSink = {
        let events = events.clone();
        Arc::new(move |event: &ProgressEvent| events.lock().unwrap().push(event.clone()))
    };
    let control = Control { progress: Some(sink), ..Control::default() };
    let plan = Engine::default().match_valid(valid, &control).unwrap();
    assert!(Engine::default().verify(valid, &plan).unwrap().is_ok());
    let events = events.lock().unwrap().clone();
    (plan, events)
}

#[test]
fn incumbents_only_improve_and_end_at_the_value_of_the_plan() {
    // A network, and a ledger that needs integers and is solved to its optimum.
    for name in ["luotang", "xijindu"] {
        let valid = sample(name);
        let (plan, events) = heard(&valid);
        let mut levels: BTreeMap<String, Vec<ProgressEvent>> = BTreeMap::new();
        for event in events.into_iter().filter(|event| event.stage == "solve") {
            levels.entry(event.level.clone().unwrap()).or_default().push(event);
        }
        assert_eq!(levels.len(), plan.levels.len());
        let mut better = 0;
        for level in &plan.levels {
            let events = &levels[&level.goal];
            let last = events.last().unwrap();
            assert_eq!(last.value, Some(level.value.0), "{name}, {}", level.goal);
            assert_eq!(last.bound, Some(level.value.0), "{name}, {}", level.goal);
            assert_eq!(last.gap_ppm(), Some(0));
            assert!(last.done >= 1 && last.of == plan.levels.len() as u64);
            let values: Vec<i128> = events.iter().filter_map(|event| event.value).collect();
            let improves = |pair: &[i128]| match level.sense {
                SenseName::Maximize => pair[0] <= pair[1],
                SenseName::Minimize => pair[0] >= pair[1],
            };
            assert!(values.windows(2).all(improves), "{name}, {}: {values:?}", level.goal);
            better += usize::from(values.first() != values.last());
            // Not one for each of the hundred networks.
            assert!(events.len() < 30, "{name}, {}: {} events", level.goal, events.len());
        }
        assert!(better > 0, "{name}: no level was seen to improve");
    }
}

#[test]
fn who_waits_no_more_gets_no_plan_at_any_stage() {
    for name in ["luotang", "lizhou"] {
        let valid = sample(name);
        for stage in ["build", "start", "solve", "certify", "explain"] {
            let control = Control::default();
            let cancel = control.cancel.clone();
            let reached = Arc::new(Mutex::new(Vec::new()));
            let seen = reached.clone();
            let sink: ProgressSink = Arc::new(move |event: &ProgressEvent| {
                seen.lock().unwrap().push(event.stage);
                if event.stage == stage {
                    cancel.abandon();
                }
            });
            let control = Control { progress: Some(sink), ..control };
            let end = Engine::default().match_valid(&valid, &control);
            assert!(matches!(end, Err(Error::Abandoned)), "{name}, {stage}: {end:?}");
            assert_eq!(reached.lock().unwrap().last(), Some(&stage), "nothing came after it");
        }
    }
}

#[test]
fn reasons_that_come_too_late_are_left_out_whole() {
    let valid = sample("luotang");
    let control = Control { reasons_until: Some(Instant::now()), ..Control::default() };
    let plan = Engine::default().match_valid(&valid, &control).unwrap();
    assert!(plan.outcomes.iter().all(|outcome| outcome.reasons.is_empty()));
    assert!(plan.outcomes.iter().any(|outcome| outcome.covered < outcome.asked));
    assert!(plan.idle.iter().all(|idle| idle.reason.is_none()));
    assert!(!plan.deterministic);
    assert!(plan.termination.as_ref().unwrap().detail.ends_with("there was no time for reasons"));
    assert!(Engine::default().verify(&valid, &plan).unwrap().is_ok());
    let usual = Engine::default().match_valid(&valid, &Control::default()).unwrap();
    assert_eq!(plan.assignments, usual.assignments);
    assert!(usual.outcomes.iter().any(|outcome| !outcome.reasons.is_empty()));
}
