//! Golden plans of the sample ledgers: what a change of the engine must not change unseen.
//!
//! In: a plan just made, and the one in `tests/golden`. Out: the same plan to the last unit
//! where it is a network; the same values of all levels where it is solved to its optimum;
//! values within the accepted gap where a clock ended the search. Must not know how plans
//! are made. `CONCENTRIC_BLESS=1` writes the files anew. Outcomes and sums follow from the
//! assignments and are left out, so that a change can be read.

use concentric_matcher::plan::{LevelRecord, Plan, SenseName, TerminationReason};
use concentric_matcher::{Engine, ValidLedger, io};

/// Relative gap that the engine accepts.
const GAP: f64 = 1e-4;

/// Holds a plan of the ledger `name` against the golden one, which is verified as well.
pub fn agrees(name: &str, valid: &ValidLedger, plan: &Plan) {
    let path = format!("{}/tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let now = kept(plan);
    if std::env::var_os("CONCENTRIC_BLESS").is_some() {
        std::fs::write(&path, io::write_plan(&now)).unwrap();
    }
    let golden = io::read_plan(&std::fs::read(&path).unwrap()).unwrap();
    let verdict = Engine::default().verify(valid, &golden).unwrap();
    assert!(verdict.is_ok(), "{name}: the golden plan: {verdict:?}");
    let values = |plan: &Plan| -> Vec<LevelRecord> {
        let level = |level: &LevelRecord| LevelRecord { work: 0, ..level.clone() };
        plan.levels.iter().map(level).collect()
    };
    let networks = plan.certificate.levels.iter().all(|level| level.multipliers.is_empty());
    match plan.termination.as_ref().unwrap().reason {
        TerminationReason::Optimal if networks => {
            assert!(golden == now, "{name}: another plan; see {path} with CONCENTRIC_BLESS=1");
        }
        TerminationReason::Optimal => assert_eq!(values(&golden), values(&now), "{name}"),
        _ => near(name, &golden, &now),
    }
}

/// Without what follows from the rest, and without what is no matter of the plan.
fn kept(plan: &Plan) -> Plan {
    Plan {
        engine: None,
        deterministic: false,
        termination: None,
        outcomes: Vec::new(),
        idle: Vec::new(),
        coverage: Default::default(),
        components: Vec::new(),
        ..plan.clone()
    }
}

/// Level by level, until one differs by more than nothing and the next stand on other
/// ground: neither plan is worse than the other by more than the gap, and neither is better
/// than the other's bound.
fn near(name: &str, golden: &Plan, now: &Plan) {
    for (golden, now) in golden.levels.iter().zip(&now.levels) {
        let worse = |value: i128, than: i128| {
            let by = match now.sense {
                SenseName::Maximize => than - value,
                SenseName::Minimize => value - than,
            };
            by as f64 / (value.abs().max(1)) as f64
        };
        let goal = &now.goal;
        for (one, other) in [(golden, now), (now, golden)] {
            let bound = one.bound.unwrap_or(one.value).0;
            assert!(worse(bound, other.value.0) <= 1e-9, "{name}, {goal}: beyond a bound");
        }
        let by = worse(now.value.0, golden.value.0);
        if goal.starts_with("cover") {
            assert!(by.abs() <= GAP, "{name}, {goal}: {:?} for {:?}", now.value, golden.value);
        }
        if now.value != golden.value {
            break;
        }
    }
}
