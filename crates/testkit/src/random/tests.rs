//! Which features the random ledgers cover, and that the copies keep their content.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use concentric_matcher::ledger::{ArcMode, By, FairForm, Goal, Ledger, Per, ProjectState, What};

use super::{Profile, ledger, relabel, shuffle};
use crate::brute::{self, Oracle};

const SEEDS: u64 = 2_000;

/// Names of the features that a ledger has.
fn features(l: &Ledger) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut has = |name: &str, yes: bool| {
        if yes {
            found.push(name.to_owned());
        }
    };
    has("explicit", l.arcs == ArcMode::Explicit);
    has("two measures", l.measures.len() > 1);
    has("category tree", l.categories.iter().any(|c| c.parent.is_some()));
    has("three periods", l.periods.len() == 3);
    has("no periods", l.periods.is_empty());
    has("two roots", l.places.iter().filter(|p| p.parent.is_none()).count() > 1);
    has("deep places", l.places.len() >= 5);
    has("audience", l.offers.iter().any(|o| !o.audiences.is_empty()));
    has("audience all", l.needs.iter().any(|n| n.audience == "all"));
    has("shift", l.needs.iter().any(|n| n.shift.is_some()));
    has("radius", l.offers.iter().any(|o| o.radius_m.is_some()));
    has("owner", l.needs.iter().any(|n| n.owner.is_some()));
    has("min_proficiency", l.needs.iter().any(|n| n.min_proficiency > 0));
    has("quantity 0", l.offers.iter().any(|o| o.quantity == 0));
    has("unit cost", l.offers.iter().any(|o| o.unit_cost > 0));
    for p in &l.pairs {
        let kind = if p.offer.is_some() { "arc" } else { "between" };
        has(&format!("{kind} value"), p.value.is_some());
        has(&format!("{kind} cost"), p.cost.is_some());
        has(&format!("{kind} forbidden"), p.forbidden == Some(true));
        has(&format!("{kind} capacity"), p.capacity.is_some());
        has(&format!("{kind} locked"), p.locked.is_some());
    }
    for m in &l.limits {
        let strength = if m.hard { "hard" } else { "soft" };
        has(&format!("{strength} upper"), m.upper.is_some());
        has(&format!("{strength} lower"), m.lower.is_some());
        has("limit on a unit", m.supply.unit.is_some());
        has("limit on a kind", m.supply.unit_kind.is_some());
        has("limit on a group", m.supply.unit_group.is_some());
        has("limit on a place", m.demand.place.is_some());
        has("limit per unit", m.per == Some(Per::Unit));
        has("limit per kind", m.per == Some(Per::UnitKind));
        has("limit per place", matches!(m.per, Some(Per::Place(_))));
    }
    for p in &l.projects {
        has("in progress", p.state == ProjectState::InProgress);
        has("standing", p.state.in_baseline());
    }
    has("claim", !l.claims.is_empty());
    has("default goals", l.goals.is_empty());
    for g in &l.goals {
        has(g.what.as_str(), true);
        let by_amount = g.by == By::Amount;
        has("cover by amount", g.what == What::Cover && by_amount);
        has("cover where place", g.what == What::Cover && g.filter.place.is_some());
        has("maximin", g.what == What::Fair && g.form == FairForm::Maximin);
        has("leximin", g.what == What::Fair && g.form == FairForm::Leximin);
        has("inner breakpoint", g.at_ppm.is_some_and(|at| at < 1_000_000));
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn two_thousand_seeds_cover_every_feature() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..SEEDS {
        for feature in features(&ledger(seed, &Profile::with_fair())) {
            *counts.entry(feature).or_default() += 1;
        }
    }
    let rare: Vec<_> = counts.iter().filter(|(_, n)| **n < 20).collect();
    assert!(rare.is_empty(), "{rare:?}");
    assert_eq!(counts.len(), ALL_FEATURES, "{counts:?}");
}

/// Every name that `features` knows, but for the locks and capacities of (unit, place)
/// rows, which no network holds and the generator never writes.
const ALL_FEATURES: usize = 53;

#[test]
fn few_are_infeasible_and_most_have_something_to_decide() {
    let (mut infeasible, mut open, mut worst) = (0, 0, 0);
    for seed in 0..SEEDS {
        let oracle: Oracle = brute::solve(&ledger(seed, &Profile::default())).unwrap();
        infeasible += usize::from(!oracle.feasible);
        open += usize::from(oracle.plans > 5);
        worst = worst.max(oracle.plans);
    }
    assert!((20..160).contains(&infeasible), "{infeasible}");
    assert!(open > 1_000, "{open}");
    assert!((2_000..=8_000).contains(&worst), "{worst}");
}

/// Whether one of two sorted sets contains the other, or they share nothing.
fn nested(a: &[usize], b: &[usize]) -> bool {
    let common = a.iter().filter(|x| b.contains(x)).count();
    common == 0 || common == a.len() || common == b.len()
}

#[test]
fn limits_and_fair_groups_nest_on_their_side() {
    let mut pairs = 0;
    for seed in 0..SEEDS {
        let l = ledger(seed, &Profile::with_fair());
        let rows = brute::row_sets(&l);
        let on_supply = |limit: usize| {
            let m = &l.limits[limit];
            let grouped = matches!(m.per, Some(Per::Unit | Per::UnitKind));
            let whole = m.supply == Default::default() && m.demand == Default::default();
            (m.demand == Default::default() && (m.per.is_none() || grouped))
                || (whole && m.per.is_none())
        };
        for (k, (limit, offers, needs)) in rows.iter().enumerate() {
            let m = &l.limits[*limit];
            assert!(
                m.supply == Default::default() || m.demand == Default::default(),
                "seed {seed}: {m:?} cuts across"
            );
            for (other, more_offers, more_needs) in &rows[..k] {
                if on_supply(*limit) != on_supply(*other) {
                    continue;
                }
                pairs += 1;
                if on_supply(*limit) {
                    assert!(nested(offers, more_offers), "seed {seed}: limits {limit}, {other}");
                } else {
                    assert!(nested(needs, more_needs), "seed {seed}: limits {limit}, {other}");
                }
            }
        }
        for need in &l.needs {
            assert!(need.min_useful == 0 && need.max_providers.is_none() && need.bundle.is_none());
        }
        assert!(l.pairs.iter().all(|p| p.consumption.unwrap_or(1) == 1));
    }
    assert!(pairs > 1_000, "{pairs}");
}

#[test]
fn the_best_plan_has_the_levels_it_is_said_to_have() {
    for seed in 0..500 {
        let l = ledger(seed, &Profile::with_fair());
        let oracle = brute::solve(&l).unwrap();
        if oracle.feasible {
            assert_eq!(brute::evaluate(&l, &oracle.plan), Ok(oracle.levels), "seed {seed}");
        }
    }
}

/// Largest total service by augmenting paths (Ford and Fulkerson, 1956), one unit at a
/// time: a formulation that shares nothing with the enumeration but the arcs.
fn largest_flow(l: &Ledger) -> i64 {
    let arcs = brute::arcs(l).unwrap();
    let mut x = vec![0; arcs.len()];
    let used = |x: &[i64], key: &dyn Fn(usize) -> bool| -> i64 {
        (0..x.len()).filter(|&a| key(a)).map(|a| x[a]).sum()
    };
    loop {
        // Reach needs from offers with something left, and offers back along service.
        let mut from_offer: Vec<Option<usize>> = vec![None; l.offers.len()];
        let mut seen_offer: Vec<bool> =
            l.offers.iter().map(|o| used(&x, &|a| arcs[a].offer == o.id) < o.quantity).collect();
        let mut from_need: Vec<Option<usize>> = vec![None; l.needs.len()];
        let offer = |a: usize| l.offers.iter().position(|o| o.id == arcs[a].offer).unwrap();
        let need = |a: usize| l.needs.iter().position(|n| n.id == arcs[a].need).unwrap();
        for _ in 0..=arcs.len() {
            for a in 0..arcs.len() {
                if seen_offer[offer(a)] && from_need[need(a)].is_none() {
                    from_need[need(a)] = Some(a);
                }
                if from_need[need(a)].is_some() && x[a] > 0 && !seen_offer[offer(a)] {
                    seen_offer[offer(a)] = true;
                    from_offer[offer(a)] = Some(a);
                }
            }
        }
        let open = (0..l.needs.len())
            .find(|&n| from_need[n].is_some() && used(&x, &|a| need(a) == n) < l.needs[n].quantity);
        let Some(mut n) = open else {
            return x.iter().sum();
        };
        while let Some(a) = from_need[n] {
            x[a] += 1;
            let Some(back) = from_offer[offer(a)] else {
                break;
            };
            x[back] -= 1;
            n = need(back);
        }
    }
}

#[test]
fn the_oracle_agrees_with_augmenting_paths() {
    for seed in 0..300 {
        let mut l = ledger(seed, &Profile::plain());
        let mut cover = Goal::new(What::Cover);
        cover.by = By::Amount;
        l.goals = vec![cover];
        l.needs.iter_mut().for_each(|n| n.priority = 1);
        let expected = brute::LevelValue::Number(i128::from(largest_flow(&l)));
        assert_eq!(brute::solve(&l).unwrap().levels, [expected], "seed {seed}");
    }
}

#[test]
fn plain_ledgers_have_no_bounds() {
    for seed in 0..200 {
        let l = ledger(seed, &Profile::plain());
        assert!(l.pairs.is_empty() && l.limits.is_empty() && l.projects.is_empty());
        assert!(brute::solve(&l).unwrap().feasible);
    }
}

#[test]
fn order_and_ids_change_no_level() {
    for seed in 0..300 {
        let one = ledger(seed, &Profile::with_fair());
        let solved = brute::solve(&one).unwrap();
        let mixed = brute::solve(&shuffle(&one, seed)).unwrap();
        assert_eq!(mixed.levels, solved.levels, "seed {seed}");
        let renamed = brute::solve(&relabel(&one, seed)).unwrap();
        assert_eq!((renamed.plans, renamed.levels), (solved.plans, solved.levels), "seed {seed}");
    }
}

#[test]
fn no_old_id_survives_relabelling() {
    let text = r#"{"format": "concentric.ledger/v1",
      "places": [{"id": "old_st", "level": "street"}],
      "units": [{"id": "old_u", "home": "old_st"}],
      "offers": [{"id": "old_o", "unit": "old_u", "quantity": 1}],
      "needs": [{"id": "old_n", "place": "old_st", "quantity": 1}],
      "limits": [{"id": "old_l", "counts": "amount", "upper": 1,
                  "supply": {"unit": ["old_u"]}, "demand": {"place": "old_st"}}],
      "goals": [{"what": "cover", "where": {"need": "old_n"}}],
      "claims": [{"id": "old_k", "offer": "old_o", "need": "old_n", "quantity": 1}],
      "scenarios": [{"id": "old_s", "deltas": [
        {"op": "set", "list": "needs", "id": "old_n", "field": "owner", "value": "old_u"},
        {"op": "remove", "list": "offers", "where": {"unit": ["old_u"], "id": "old_o"}},
        {"op": "insert", "list": "limits", "value": {"id": "new", "counts": "amount",
          "demand": {"place": "old_st"}, "upper": 3}},
        {"op": "pin", "unit": "old_u", "place": "old_st"},
        {"op": "accept_claim", "id": "old_k"}]},
        {"id": "old_t", "parent": "old_s"}]}"#;
    let before: Ledger = serde_json::from_str(text).unwrap();
    let after = serde_json::to_string(&relabel(&before, 4)).unwrap();
    assert!(!after.contains("old_"), "{after}");
    assert!(after.contains("\"new\""));
}
