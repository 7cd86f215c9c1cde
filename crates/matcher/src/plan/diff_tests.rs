//! Differences of two small plans, derived by hand: in both directions, and where a need,
//! an offer or a level is in one plan only.

use super::{PlanDiff, Trend};
use crate::plan::{Big, LevelRecord, Plan, ProofName, SenseName};

/// `offer need quantity` lines and the values of two levels.
fn plan(lines: &[(&str, &str, i64)], levels: &[(&str, SenseName, i128)], asked: i64) -> Plan {
    let assignments: Vec<serde_json::Value> = lines
        .iter()
        .map(|(offer, need, quantity)| {
            let unit = format!("u_{offer}");
            let place = format!("p_{need}");
            serde_json::json!({"offer": offer, "need": need, "quantity": quantity, "unit": unit, "place": place})
        })
        .collect();
    let mut plan: Plan = serde_json::from_value(
        serde_json::json!({"format": "concentric.plan/v1", "assignments": assignments,
            "outcomes": [{"need": "n1", "asked": asked, "covered": 0, "status": "unmet"}]}),
    )
    .unwrap_or_else(|error| unreachable!("{error}"));
    plan.levels = levels
        .iter()
        .map(|&(goal, sense, value)| LevelRecord {
            goal: goal.to_owned(),
            sense,
            value: Big(value),
            bound: None,
            of: None,
            scale: 10,
            proof: ProofName::Feasible,
            work: 0,
            vector: None,
        })
        .collect();
    plan
}

#[test]
fn every_kind_of_change_is_told_once() {
    use SenseName::{Maximize, Minimize};
    let before = plan(
        &[("a", "n1", 5), ("b", "n1", 3), ("c", "n2", 4), ("d", "n3", 1)],
        &[("cover", Maximize, 90), ("near", Minimize, 70), ("fit", Minimize, 5)],
        8,
    );
    let after = plan(
        &[("a", "n1", 1), ("b", "n1", 4), ("e", "n1", 4), ("d", "n3", 1), ("d", "n4", 2)],
        &[
            ("cover", Maximize, 95),
            ("near", Minimize, 75),
            ("fit", Minimize, 5),
            ("keep", Maximize, 1),
        ],
        9,
    );
    let diff = PlanDiff::between(&before, &after);
    let keys = |list: &[super::Changed]| -> Vec<String> {
        list.iter().map(|c| format!("{}/{}:{}->{}", c.offer, c.need, c.before, c.after)).collect()
    };
    assert_eq!(keys(&diff.added), ["d/n4:0->2", "e/n1:0->4"]);
    assert_eq!(keys(&diff.dropped), ["c/n2:4->0"]);
    assert_eq!(keys(&diff.changed), ["a/n1:5->1", "b/n1:3->4"]);
    assert_eq!(diff.unchanged, 1);
    // n1 loses 4 at a, gains 1 at b and 4 at e: 4 moved, 1 is new.
    let moved: Vec<(&str, &str, &str, i64)> =
        diff.moved.iter().map(|m| (&*m.need, &*m.from, &*m.to, m.quantity)).collect();
    assert_eq!(moved, [("n1", "a", "b", 1), ("n1", "a", "e", 3)]);
    let won: Vec<(&str, i64, i64)> =
        diff.won.iter().map(|n| (&*n.need, n.before, n.after)).collect();
    assert_eq!(won, [("n1", 8, 9), ("n4", 0, 2)]);
    assert_eq!(diff.won[0].asked, Some(9));
    // Met before (8 of 8) and now (9 of 9): neither new nor lost.
    assert!(!diff.won[0].newly_met && !diff.won[0].no_longer_met);
    assert_eq!(diff.lost.len(), 1);
    assert_eq!((diff.opened.len(), diff.closed.len()), (2, 1));
    assert_eq!(diff.closed[0].unit, "u_c");
    let trends: Vec<(&str, Trend)> = diff.levels.iter().map(|l| (&*l.goal, l.trend)).collect();
    assert_eq!(
        trends,
        [
            ("cover", Trend::Better),
            ("near", Trend::Worse),
            ("fit", Trend::Same),
            ("keep", Trend::Same)
        ]
    );
    assert_eq!(diff.levels[3].before, None);
    assert_eq!(diff.levels[1].by, Some(Big(5)));
}

#[test]
fn a_plan_does_not_differ_from_itself() {
    let plan = plan(&[("a", "n1", 5)], &[("cover", SenseName::Maximize, 90)], 8);
    let diff = PlanDiff::between(&plan, &plan);
    assert!(diff.is_empty());
    assert_eq!(diff.unchanged, 1);
}

#[test]
fn the_way_back_is_the_mirror() {
    let first = plan(&[("a", "n1", 5), ("b", "n1", 3)], &[], 8);
    let second = plan(&[("a", "n1", 7), ("c", "n2", 3)], &[], 8);
    let (there, back) = (PlanDiff::between(&first, &second), PlanDiff::between(&second, &first));
    assert_eq!(there.added.len(), back.dropped.len());
    assert_eq!(there.won.len(), back.lost.len());
    assert_eq!(there.opened, back.closed);
    let sum = |diff: &PlanDiff| diff.moved.iter().map(|m| m.quantity).sum::<i64>();
    assert_eq!(sum(&there), sum(&back));
}

#[test]
fn a_need_that_became_larger_is_no_longer_met() {
    let first = plan(&[("a", "n1", 8)], &[], 8);
    let second = plan(&[("a", "n1", 7)], &[], 9);
    let diff = PlanDiff::between(&first, &second);
    assert!(diff.lost[0].no_longer_met);
}
