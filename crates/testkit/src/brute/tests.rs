//! Ledgers small enough to solve with pencil and paper.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use concentric_matcher::ledger::Ledger;
use serde_json::{Value, json};

use super::LevelValue::{self, Fractions, Number};
use super::{evaluate, solve};

/// Two units with an offer of 3 each; east asks 4 (priority 2), west 2.
fn village(extra: Value) -> Ledger {
    let mut tree = json!({
        "format": "concentric.ledger/v1",
        "places": [
            {"id": "st", "level": "street"},
            {"id": "east", "level": "community", "parent": "st", "x_m": 10},
            {"id": "west", "level": "community", "parent": "st", "y_m": -4}],
        "units": [{"id": "u1", "home": "east"}, {"id": "u2", "home": "west", "fixed_cost": 7}],
        "offers": [
            {"id": "o1", "unit": "u1", "quantity": 3, "proficiency": 90, "unit_cost": 1},
            {"id": "o2", "unit": "u2", "quantity": 3, "proficiency": 60}],
        "needs": [
            {"id": "e", "place": "east", "quantity": 4, "priority": 2, "kind": "hot_spot"},
            {"id": "w", "place": "west", "quantity": 2}],
        "goals": [{"what": "cover"}]
    });
    let map = tree.as_object_mut().unwrap();
    map.extend(extra.as_object().unwrap().clone());
    serde_json::from_value(tree).unwrap()
}

fn levels(extra: Value) -> Vec<LevelValue> {
    solve(&village(extra)).unwrap().levels
}

fn plan(rows: &[(&str, &str, i64)]) -> Vec<(String, String, i64)> {
    let own = |&(o, n, q): &(&str, &str, i64)| (o.to_owned(), n.to_owned(), q);
    rows.iter().map(own).collect()
}

const WHOLE: i128 = 1_000_000_000_000;

#[test]
fn everything_is_covered_and_the_nearest_serve() {
    // Supply equals demand: o1 3 + o2 1 in the east, o2 2 in the west is nearest.
    // near: 3 * 0/4, then one unit over 14 metres at floor(14e12 / 4), then 0.
    // fit: 3 * floor(10e12/4) + 1 * floor(40e12/4) + 2 * floor(40e12/2).
    let oracle = solve(&village(json!({"goals": [
        {"what": "cover"}, {"what": "near"}, {"what": "fit"}, {"what": "escalate"}, {"what": "spend"}]})))
    .unwrap();
    assert_eq!(oracle.plan, plan(&[("o1", "e", 3), ("o2", "e", 1), ("o2", "w", 2)]));
    assert_eq!(
        oracle.levels,
        [
            Number(3 * WHOLE),
            Number(3_500_000_000_000),
            Number(7_500_000_000_000 + 10 * WHOLE + 40 * WHOLE),
            // All offers cover the street, rank 2: 4 * 2/4 + 2 * 2/2.
            Number(4 * WHOLE),
            // 3 units of o1 at 1, and u2 is used.
            Number(3 + 7),
        ]
    );
}

#[test]
fn scarcity_follows_priority_per_need() {
    // 3 units in all (o2 gone): east is worth 2/4 a unit, west 1/2: equal, so any split;
    // hot spots first decides: 3 in the east.
    let only_o1 = json!([{"id": "o1", "unit": "u1", "quantity": 3}]);
    let goals = json!([{"what": "cover", "where": {"kind": "hot_spot"}}, {"what": "cover", "by": "amount"}]);
    let oracle = solve(&village(json!({"offers": only_o1, "goals": goals}))).unwrap();
    assert_eq!(oracle.names, ["cover:hot_spot", "cover"]);
    assert_eq!(oracle.levels, [Number(1_500_000_000_000), Number(6)]);
    assert_eq!(oracle.plan, plan(&[("o1", "e", 3)]));
}

#[test]
fn fairness_is_exact_in_both_forms() {
    // 3 units for 4 and 2: 2/4 and 1/2 is the only split whose smallest share is 1/2.
    let only_o1 = json!([{"id": "o1", "unit": "u1", "quantity": 3}]);
    let fair = |form: &str| {
        levels(json!({"offers": only_o1.clone(), "goals": [
            {"what": "fair", "per": "place:community", "by": "amount", "form": form}]}))
    };
    assert_eq!(fair("leximin"), [Fractions(vec![(1, 2), (1, 2)])]);
    assert_eq!(fair("maximin"), [Fractions(vec![(1, 2)])]);
    // One group, priorities 2 and 1: (2 * c_e/4 + c_w/2) / 3 is 1/2 for every split.
    let share =
        levels(json!({"offers": only_o1, "goals": [{"what": "fair", "per": "place:street"}]}));
    assert_eq!(share, [Fractions(vec![(1, 2)])]);
}

#[test]
fn a_tier_lifts_all_to_the_breakpoint_first() {
    // First 2 of 4 in the east (2 * 1/2) and 1 of 2 in the west (1/2); nothing left.
    let only_o1 = json!([{"id": "o1", "unit": "u1", "quantity": 3}]);
    let tier = levels(json!({"offers": only_o1, "goals": [{"what": "tier", "at_ppm": 500_000}]}));
    assert_eq!(tier, [Number(1_500_000_000_000), Number(0)]);
}

#[test]
fn soft_limits_come_before_all_goals() {
    // At most 2 in all, softly: any third unit costs floor(1e12/2). The lower bound 6
    // of the other is missed by 4 * floor(1e12/6): together least when ... each unit
    // above 2 costs 5e11 and saves 166666666666, so exactly 2 are served.
    let limits = json!([
        {"id": "a", "counts": "amount", "upper": 2, "hard": false},
        {"id": "b", "counts": "amount", "lower": 6, "hard": false}]);
    let found = solve(&village(json!({"limits": limits}))).unwrap();
    assert_eq!(found.names, ["soft", "cover"]);
    assert_eq!(found.levels, [Number(4 * 166_666_666_666), Number(WHOLE)]);
}

#[test]
fn hard_limits_bind_by_group_and_can_be_infeasible() {
    let upper =
        |per: &str| json!({"limits": [{"id": "a", "counts": "amount", "per": per, "upper": 1}]});
    assert_eq!(levels(upper("unit")), [Number(WHOLE)]);
    assert_eq!(levels(upper("need")), [Number(WHOLE)]);
    let limit = |counts: &str, lower: i64| json!({"limits": [{"id": "a", "counts": counts, "lower": lower, "pair_level": "community"}]});
    assert!(!solve(&village(limit("amount", 7))).unwrap().feasible);
    assert!(solve(&village(limit("share_ppm", 1_000_000))).unwrap().feasible);
    assert!(!solve(&village(limit("share_ppm", 1_000_001))).unwrap().feasible);
    assert!(solve(&village(limit("pairs", 4))).unwrap().feasible);
    assert!(!solve(&village(limit("pairs", 5))).unwrap().feasible);
    assert!(!solve(&village(limit("served", 3))).unwrap().feasible);
    assert!(!solve(&village(limit("yuan", 4))).unwrap().feasible);
}

#[test]
fn whole_number_features_bind() {
    let rows = |pairs: Value| village(json!({"pairs": pairs}));
    // A lot of 3 or nothing from u2 in the west: 2 of u1 there, and only 1 + 3 east.
    let lots = rows(json!([{"unit": "u2", "place": "west", "min_lot": 3}]));
    assert_eq!(solve(&lots).unwrap().levels, [Number(3 * WHOLE)]);
    assert_eq!(evaluate(&lots, &plan(&[("o2", "w", 2)])), Err("pair u2/west".to_owned()));
    // Each unit of service in the east draws 2 of o1: 1 + 3 there or 0 + 3 and 2.
    let heavy = rows(json!([{"offer": "o1", "need": "e", "consumption": 2}]));
    assert_eq!(solve(&heavy).unwrap().levels, [Number(5 * WHOLE / 2)]);
    let mut picky = village(json!({}));
    picky.needs[0].max_providers = Some(1);
    picky.needs[0].min_useful = 4;
    assert_eq!(solve(&picky).unwrap().levels, [Number(WHOLE)]);
    let mut bundled = picky.clone();
    bundled.needs.iter_mut().for_each(|n| n.bundle = Some("b".to_owned()));
    assert_eq!(solve(&bundled).unwrap().levels, [Number(0)]);
}

#[test]
fn keep_counts_up_to_the_standing_quantity() {
    let projects = json!([
        {"id": "p", "offer": "o2", "need": "e", "quantity": 2, "state": "agreed"},
        {"id": "q", "offer": "o2", "need": "e", "quantity": 1, "state": "proposed"},
        {"id": "r", "offer": "o1", "need": "w", "quantity": 1, "state": "closed"}]);
    let kept = levels(json!({"projects": projects, "goals": [{"what": "keep"}]}));
    assert_eq!(kept, [Number(2 * 250_000_000_000 + 500_000_000_000)]);
}

/// Standing: 2 of o2 in the east, 1 of o1 in the west. Only the west counts, so that o1
/// and o2 both go there, unless the work in the east is to stay.
#[test]
fn a_budget_of_changes_binds_before_any_level() {
    let projects = json!([
        {"id": "p", "offer": "o2", "need": "e", "quantity": 2, "state": "agreed"},
        {"id": "q", "offer": "o1", "need": "w", "quantity": 1, "state": "closed"}]);
    let with = |keep: Value| {
        let goals = json!([{"what": "cover", "where": {"need": "w"}}, {"what": "near"}, keep]);
        village(json!({"projects": projects, "goals": goals}))
    };
    let changed = |budget: i64| {
        let ledger = with(json!({"what": "keep", "change_budget": budget}));
        let own = solve(&ledger).unwrap();
        let x = |o: &str, n: &str| {
            own.plan.iter().find(|row| row.0 == o && row.1 == n).map_or(0, |row| row.2)
        };
        (i64::from(x("o2", "e") < 2) + i64::from(x("o1", "w") < 1), own.levels)
    };
    // Nearest for the west is u2: 2 of o2. With one change that of the west is given up,
    // or that of the east; 14 metres for each unit of o1 in the west and of o2 in the east.
    let far = |east: i128, west: i128| Number(east * (14 * WHOLE / 4) + west * (14 * WHOLE / 2));
    assert_eq!(changed(2), (2, vec![Number(WHOLE), far(0, 0), Number(0)]));
    assert_eq!(changed(1), (1, vec![Number(WHOLE), far(2, 0), Number(WHOLE / 2)]));
    assert_eq!(changed(0), (0, vec![Number(WHOLE), far(2, 1), Number(WHOLE)]));
    // More than stood is no change; a pair outside the goal's needs is none of its own.
    let ledger = with(json!({"what": "keep", "change_budget": 0}));
    let told = |rows: &[(&str, &str, i64)]| evaluate(&ledger, &plan(rows)).err();
    assert_eq!(told(&[("o1", "w", 2), ("o2", "e", 3)]), None);
    assert_eq!(told(&[("o1", "w", 2), ("o2", "e", 1)]), Some("changes of goal keep".to_owned()));
    let west = with(json!({"what": "keep", "where": {"need": "w"}, "change_budget": 0}));
    assert!(evaluate(&west, &plan(&[("o1", "w", 1)])).is_ok());
}

#[test]
fn tolerance_gives_later_levels_room() {
    // cover by amount: 6, a third of tolerance: at least 6 - floor(2) = 4; money then
    // takes the 3 free units of o2 and one of o1: 1 + 7, against 3 + 7 without.
    let spend = |ppm: i64| {
        levels(json!({"needs": [{"id": "e", "place": "east", "quantity": 6}],
            "goals": [{"what": "cover", "by": "amount", "tolerance_ppm": ppm}, {"what": "spend"}]}))
    };
    assert_eq!(spend(0), [Number(6), Number(10)]);
    assert_eq!(spend(333_334), [Number(6), Number(8)]);
}

#[test]
fn evaluation_names_the_broken_rule() {
    let ledger =
        village(json!({"pairs": [{"offer": "o1", "need": "w", "locked": 1, "capacity": 1}],
        "limits": [{"id": "cap", "counts": "amount", "upper": 5}]}));
    let told = |rows: &[(&str, &str, i64)]| evaluate(&ledger, &plan(rows)).unwrap_err();
    assert_eq!(told(&[]), "pair o1/w");
    assert_eq!(told(&[("o1", "w", 1), ("o1", "e", 3)]), "offer o1");
    assert_eq!(told(&[("o1", "w", 1), ("o2", "w", 2)]), "need w");
    assert_eq!(
        told(&[("o1", "w", 1), ("o1", "e", 2), ("o2", "e", 2), ("o2", "w", 1)]),
        "limit cap"
    );
    assert_eq!(told(&[("o3", "w", 1)]), "no arc o3/w");
    assert_eq!(evaluate(&ledger, &plan(&[("o1", "w", 1)])), Ok(vec![Number(WHOLE / 2)]));
}
