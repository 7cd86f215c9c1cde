//! Plans of small ledgers against enumeration of all whole-number plans.
//! Every level must agree exactly, and the checker must accept every plan.

use concentric_matcher::plan::{Plan, TerminationReason};
use concentric_matcher::{Engine, ledger::Ledger};
use concentric_testkit::brute::{self, LevelValue};
use concentric_testkit::random::{self, Profile};

use super::{cases, cost_of_missed, matched, triples};

/// Level values in the oracle's form; `maximin` shows its worst group alone.
fn levels(ledger: &Ledger, plan: &Plan) -> Vec<LevelValue> {
    use concentric_matcher::ledger::{FairForm, What};
    let maximin = ledger.goals.iter().any(|g| g.what == What::Fair && g.form == FairForm::Maximin);
    plan.levels
        .iter()
        .map(|level| match &level.vector {
            None => LevelValue::Number(level.value.0),
            Some(vector) => {
                let count = if maximin { 1 } else { vector.len() };
                LevelValue::fractions(vector.iter().take(count).map(|row| (row.1.0, row.2.0)))
            }
        })
        .collect()
}

/// Compares the engine's plan of a seeded ledger with enumeration.
fn compare(seed: u64, profile: &Profile) {
    let ledger = random::ledger(seed, profile);
    let oracle = brute::solve(&ledger).unwrap();
    let (valid, plan) = matched(&ledger);
    let plan = plan.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    let reason = plan.termination.as_ref().unwrap().reason;
    if !oracle.feasible {
        assert_eq!(reason, TerminationReason::Infeasible, "seed {seed}");
        assert!(!plan.conflict.is_empty(), "seed {seed}: a contradiction has names");
    } else {
        assert_eq!(reason, TerminationReason::Optimal, "seed {seed}");
        assert_eq!(levels(&ledger, &plan), oracle.levels, "seed {seed}: {:?}", oracle.names);
        let again = brute::evaluate(&ledger, &triples(&plan)).unwrap();
        assert_eq!(again, oracle.levels, "seed {seed}: the plan's own assignments");
        if oracle.names.first().is_some_and(|name| name == "soft") {
            let told = cost_of_missed(&valid, &plan).map(LevelValue::Number);
            assert_eq!(told.as_ref(), oracle.levels.first(), "seed {seed}: soft limits missed");
        }
    }
    let verdict = Engine::default().verify(&valid, &plan).unwrap();
    assert!(verdict.is_ok(), "seed {seed}: {verdict:?}");
}

#[test]
fn plans_equal_enumeration_on_every_level() {
    for seed in 0..cases(2_000) {
        compare(seed, &Profile::default());
    }
}

/// A search ended with its bound between two steps of the costs.
#[test]
fn a_bound_between_two_steps_proves_the_optimum() {
    compare(4_242, &Profile::with_fair());
}

#[test]
fn fair_plans_equal_enumeration_on_every_level() {
    for seed in 0..cases(2_000) {
        compare(seed, &Profile::with_fair());
    }
}
