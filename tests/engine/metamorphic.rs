//! What must not change a plan, and what may only change it one way.
//! Orders of lists, names, threads, limits tightened and loosened.

use concentric_matcher::plan::TerminationReason;
use concentric_matcher::{Control, Engine, Options, io};
use concentric_testkit::random::{self, Profile};

use super::{cases, matched};

#[test]
fn shuffled_lists_give_the_same_bytes() {
    for seed in 0..cases(2_000) {
        let ledger = random::ledger(seed, &Profile::with_fair());
        let other = random::shuffle(&ledger, seed + 1);
        let bytes = |ledger| match matched(ledger).1 {
            Ok(plan) => serde_json::to_string(&plan).unwrap(),
            Err(error) => error.to_string(),
        };
        assert_eq!(bytes(&ledger), bytes(&other), "seed {seed}");
    }
}

#[test]
fn other_names_give_the_same_level_values() {
    for seed in 0..cases(2_000) {
        let ledger = random::ledger(seed, &Profile::default());
        let other = random::relabel(&ledger, seed + 1);
        let (a, b) = (matched(&ledger).1.unwrap(), matched(&other).1.unwrap());
        let values = |plan: &concentric_matcher::Plan| -> Vec<i128> {
            plan.levels.iter().map(|l| l.value.0).collect()
        };
        assert_eq!(values(&a), values(&b), "seed {seed}");
        assert_eq!(a.termination.unwrap().reason, b.termination.unwrap().reason, "seed {seed}");
    }
}

#[test]
fn threads_do_not_change_a_byte() {
    let text = std::fs::read("examples/ledgers/luotang.json").unwrap();
    let valid = io::load(&text).unwrap();
    let plan = |threads| {
        let options = Options { threads, ..Options::default() };
        let plan = Engine::new(options).match_valid(&valid, &Control::default()).unwrap();
        serde_json::to_string(&plan).unwrap()
    };
    let one = plan(1);
    for threads in [2, 3, 8] {
        assert_eq!(one, plan(threads), "{threads} threads");
    }
}

#[test]
fn tighter_limits_never_help_and_looser_ones_never_hurt() {
    let mut compared = 0;
    for seed in 0..cases(2_000) {
        let ledger = random::ledger(seed, &Profile { soft: false, ..Profile::default() });
        let mut tighter = ledger.clone();
        let mut looser = ledger.clone();
        for (limit, by) in tighter.limits.iter_mut().zip([1, 2, 1, 2].into_iter().cycle()) {
            limit.upper = limit.upper.map(|u| (u - by).max(limit.lower.unwrap_or(0)));
        }
        for limit in &mut looser.limits {
            limit.upper = limit.upper.map(|u| u + 2);
            limit.lower = limit.lower.map(|l| (l - 1).max(0));
        }
        let base = matched(&ledger).1.unwrap();
        for (other, better) in [(tighter, false), (looser, true)] {
            let Ok(valid) = concentric_matcher::validate::validate(other) else { continue };
            let other = Engine::default().match_valid(&valid, &Control::default()).unwrap();
            compare(seed, &base, &other, better);
            compared += 1;
        }
    }
    assert!(compared > 1_000, "only {compared} pairs were compared");
}

/// Whether `other` is at least as good (`better`) or at most as good as `base`.
fn compare(
    seed: u64,
    base: &concentric_matcher::Plan,
    other: &concentric_matcher::Plan,
    better: bool,
) {
    use concentric_matcher::plan::SenseName;
    let infeasible = |plan: &concentric_matcher::Plan| {
        plan.termination.as_ref().unwrap().reason == TerminationReason::Infeasible
    };
    if infeasible(base) || infeasible(other) {
        let (worse, name) = if better { (base, "looser") } else { (other, "tighter") };
        assert!(infeasible(worse), "seed {seed}: {name} limits");
        return;
    }
    for (a, b) in base.levels.iter().zip(&other.levels) {
        let gain = match a.sense {
            SenseName::Maximize => b.value.0 - a.value.0,
            SenseName::Minimize => a.value.0 - b.value.0,
        };
        if gain != 0 {
            assert_eq!(gain > 0, better, "seed {seed}: level {}", a.goal);
            return;
        }
    }
}
