//! How jobs end when nobody interferes.

use std::sync::Arc;

use concentric_matcher::plan::TerminationReason;
use concentric_matcher::validate::validate;
use concentric_matcher::{Engine, Ledger, Options, Plan};
use concentric_proto::v1;
use concentric_server::runner::Settings;
use concentric_server::store::{EventKind, JobState};
use prost::Message;

use super::support::{Desk, IMPOSSIBLE, Stuck, WHOLE, example, ledger, quick};

/// What the library says to the same question.
fn bare(ledger: Ledger) -> Plan {
    Engine::new(Options { threads: 1, ..Options::default() }).match_ledger(ledger).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_ends_with_the_plan_of_the_library() {
    let desk = Desk::new().await;
    for name in ["first.json", "luotang.json"] {
        desk.job(name, &example(name), "", v1::Options::default()).await;
    }
    let runner = desk.runner(quick());
    for name in ["first.json", "luotang.json"] {
        let row = desk.end_of(name).await;
        assert_eq!((row.state, row.attempt, &row.failure), (JobState::Succeeded, 1, &None));
        let plan = desk.plan(&row).await;
        assert_eq!(plan, bare(example(name)));
        let valid = validate(example(name)).unwrap();
        assert!(Engine::default().verify(&valid, &plan).unwrap().is_ok());
        let head = desk.store.plan("t", &row.plan).await.unwrap();
        assert_eq!(Some(head.digest), plan.ledger_digest);
        assert_eq!(head.termination, v1::TerminationReason::Optimal as i64);
        use JobState::{Queued, Running, Succeeded};
        assert_eq!(desk.states(name).await, [Queued, Running, Succeeded]);
        // Progress came while it ran, and says what the library said.
        let events = desk.store.events("t", name, 0, 1000).await.unwrap();
        let steps: Vec<v1::Progress> = events
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::Progress(bytes) => Some(v1::Progress::decode(bytes.as_slice()).unwrap()),
                _ => None,
            })
            .collect();
        assert!(!steps.is_empty() && steps.iter().all(|step| !step.stage.is_empty()));
    }
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn options_and_scenario_reach_the_solver() {
    let desk = Desk::new().await;
    let base = example("luotang.json");
    let scenario = base.scenarios[0].id.clone();
    let options = v1::Options { seed: 77, explain: Some(false), ..v1::Options::default() };
    desk.job("j", &base, &scenario, options).await;
    let runner = desk.runner(quick());
    let row = desk.end_of("j").await;
    assert_eq!(row.state, JobState::Succeeded, "{:?}", row.failure);
    let plan = desk.plan(&row).await;
    assert_eq!((plan.seed, plan.scenario.as_ref()), (77, Some(&scenario)));
    assert!(plan.outcomes.iter().all(|outcome| outcome.reasons.is_empty()));
    let changed = Engine::default().scenario(&base, &scenario).unwrap();
    assert_eq!(plan.assignments, bare(changed).assignments);
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_solved_fails_with_its_reason_at_the_first_attempt() {
    let desk = Desk::new().await;
    let wrong = r#"{"format": "concentric.ledger/v1",
        "units": [{"id": "u"}], "offers": [{"id": "o", "unit": "nobody", "quantity": 2}],
        "needs": [{"id": "n", "quantity": 0}]}"#;
    desk.job("wrong", &ledger(wrong), "", v1::Options::default()).await;
    desk.bytes("rubbish", vec![0xff; 40], "", v1::Options::default()).await;
    desk.job("scenario", &example("first.json"), "nowhere", v1::Options::default()).await;
    let runner = desk.runner(quick());
    let expected = [
        ("wrong", "UNKNOWN_REFERENCE", "offers[0].unit"),
        ("rubbish", "FILE_MALFORMED", "concentric.v1.Ledger"),
        ("scenario", "UNKNOWN_REFERENCE", "no such scenario"),
    ];
    for (id, reason, part) in expected {
        let row = desk.end_of(id).await;
        let (found, text) = row.failure.unwrap();
        assert_eq!(
            (row.state, row.attempt, found.as_str()),
            (JobState::Failed, 1, reason),
            "{text}"
        );
        assert!(text.contains(part), "{text}");
        use JobState::{Failed, Queued, Running};
        assert_eq!(desk.states(id).await, [Queued, Running, Failed]);
    }
    let two = desk.store.job("t", "wrong").await.unwrap().failure.unwrap().1;
    assert!(two.ends_with("(and 1 more)"), "{two}");
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn infeasible_is_a_plan_that_says_so() {
    let desk = Desk::new().await;
    desk.job("j", &ledger(IMPOSSIBLE), "", v1::Options::default()).await;
    let runner = desk.runner(quick());
    let row = desk.end_of("j").await;
    assert_eq!((row.state, row.attempt), (JobState::Succeeded, 1));
    let plan = desk.plan(&row).await;
    assert_eq!(plan.termination.unwrap().reason, TerminationReason::Infeasible);
    assert_eq!(plan.conflict, ["floor"]);
    let head = desk.store.plan("t", &row.plan).await.unwrap();
    assert_eq!(head.termination, v1::TerminationReason::Infeasible as i64);
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_solver_that_breaks_down_takes_nothing_with_it() {
    let desk = Desk::new().await;
    desk.job("bad", &ledger(WHOLE), "", v1::Options::default()).await;
    let stuck = Stuck { panics: true, ..Stuck::default() };
    let runner = desk.runner(Settings { backend: Some(Arc::new(stuck)), ..quick() });
    let row = desk.end_of("bad").await;
    assert_eq!((row.state, row.failure.unwrap().0.as_str()), (JobState::Failed, "HANDLER_PANIC"));
    // The same runner goes on, and the slot was given back.
    desk.job("good", &example("first.json"), "", v1::Options::default()).await;
    assert_eq!(desk.end_of("good").await.state, JobState::Succeeded);
    runner.stop().await;
    assert_eq!(desk.pool.taken(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_runners_share_a_queue() {
    let desk = Desk::new().await;
    for k in 0..12 {
        desk.job(&format!("j{k}"), &example("first.json"), "", v1::Options::default()).await;
    }
    let settings = || Settings { at_once: 1, ..quick() };
    let runners = [desk.runner(settings()), desk.runner(settings())];
    for k in 0..12 {
        let id = format!("j{k}");
        assert_eq!(desk.end_of(&id).await.attempt, 1);
        use JobState::{Queued, Running, Succeeded};
        assert_eq!(desk.states(&id).await, [Queued, Running, Succeeded]);
    }
    for runner in runners {
        runner.stop().await;
    }
}
