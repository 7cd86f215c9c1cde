//! Commitments, claims and answers: what the workflow tells the engine, and what everyone
//! gets told.

use concentric_matcher::certify::ReasonCode;

use super::{all_covered, covered, given, ledger, level, plan, reasons, solved};

/// One offer of four, a general need that has a project, and a hot spot.
fn with_project(state: &str) -> String {
    format!(
        r#""units": [{{"id": "u"}}], "offers": [{{"id": "o", "unit": "u", "quantity": 4}}],
        "needs": [{{"id": "hot", "quantity": 4, "kind": "hot_spot"}}, {{"id": "mild", "quantity": 4}}],
        "projects": [{{"id": "j", "offer": "o", "need": "mild", "quantity": 3, "state": "{state}"}}]"#
    )
}

#[test]
fn a_project_binds_as_far_as_it_is_committed() {
    for (state, mild, kept) in [
        ("proposed", 0, None),
        ("agreed", 0, Some(0)),
        ("in_progress", 3, Some(3)),
        ("delivered", 0, Some(0)),
    ] {
        let plan = plan(&with_project(state));
        // Running work stands before any goal; what is agreed only where none suffers;
        // what is delivered is history, which `reconcile` subtracts.
        assert_eq!(all_covered(&plan, ["hot", "mild"]), [4 - mild, mild], "{state}");
        let keep = level(&plan, "keep");
        assert_eq!(keep.value.0 * 4, kept.unwrap_or(0) * i128::from(keep.scale), "{state}");
    }
}

#[test]
fn a_claim_counts_from_when_it_is_accepted() {
    let body = |state: &str| {
        format!(
            r#""units": [{{"id": "u"}}], "offers": [{{"id": "o", "unit": "u", "quantity": 4}}],
            "needs": [{{"id": "hot", "quantity": 4, "kind": "hot_spot"}}, {{"id": "mild", "quantity": 4}}],
            "claims": [{{"id": "c", "offer": "o", "need": "mild", "quantity": 2, "state": "{state}"}}]"#
        )
    };
    assert_eq!(all_covered(&plan(&body("pending")), ["hot", "mild"]), [4, 0]);
    assert_eq!(all_covered(&plan(&body("declined")), ["hot", "mild"]), [4, 0]);
    assert_eq!(all_covered(&plan(&body("accepted")), ["hot", "mild"]), [2, 2]);
}

#[test]
fn several_claims_share_one_need() {
    let plan = plan(
        r#""units": [{"id": "u"}, {"id": "v"}],
        "offers": [{"id": "o1", "unit": "u", "quantity": 3}, {"id": "o2", "unit": "v", "quantity": 3}],
        "needs": [{"id": "party", "quantity": 5}, {"id": "hot", "quantity": 6, "kind": "hot_spot"}],
        "claims": [{"id": "c1", "offer": "o1", "need": "party", "quantity": 2, "state": "accepted"},
                   {"id": "c2", "offer": "o2", "need": "party", "quantity": 1, "state": "accepted"}]"#,
    );
    assert_eq!(
        (given(&plan, "u", "party"), given(&plan, "v", "party"), covered(&plan, "hot")),
        (2, 1, 3)
    );
}

#[test]
fn every_need_has_one_answer_and_short_ones_a_reason() {
    let plan = plan(
        r#""categories": [{"id": "law"}, {"id": "art"}], "units": [{"id": "u"}],
        "offers": [{"id": "o", "unit": "u", "category": "law", "quantity": 5}],
        "needs": [{"id": "n1", "category": "law", "quantity": 3}, {"id": "n2", "category": "law", "quantity": 4},
                  {"id": "n3", "category": "art", "quantity": 1}]"#,
    );
    let named: Vec<&str> = plan.outcomes.iter().map(|o| o.need.as_str()).collect();
    assert_eq!(named, ["n1", "n2", "n3"]);
    assert!(plan.outcomes.iter().all(|o| (o.covered == o.asked) == o.reasons.is_empty()));
    // A third of n1 is more than a quarter of n2, so n2 goes short; the two sums are there
    // to be added up.
    let capacity = reasons(&plan, "n2").iter().find(|r| r.code == ReasonCode::Capacity).unwrap();
    assert_eq!((capacity.asked, capacity.available), (Some(7), Some(5)));
    assert_eq!(
        (&capacity.needs[..], &capacity.offers[..]),
        (&["n1".to_owned(), "n2".to_owned()][..], &["o".to_owned()][..])
    );
}

#[test]
fn who_is_willing_and_not_asked_learns_why() {
    let plan = plan(
        r#""categories": [{"id": "law"}, {"id": "opera"}], "units": [{"id": "u"}, {"id": "singer"}],
        "offers": [{"id": "o1", "unit": "u", "category": "law", "quantity": 5},
                   {"id": "o2", "unit": "singer", "category": "opera", "quantity": 8}],
        "needs": [{"id": "n", "category": "law", "quantity": 3}]"#,
    );
    let idle: Vec<_> = plan
        .idle
        .iter()
        .map(|i| (i.offer.as_str(), i.left, i.reason.as_ref().unwrap().code))
        .collect();
    assert_eq!(idle, [("o1", 2, ReasonCode::NeedsMet), ("o2", 8, ReasonCode::NoNeed)]);
}

#[test]
fn a_plan_of_last_month_can_be_kept_and_a_new_unit_changes_little() {
    let old = ledger(
        r#""units": [{"id": "u"}], "offers": [{"id": "o1", "unit": "u", "quantity": 3}],
        "needs": [{"id": "n1", "quantity": 3}, {"id": "n2", "quantity": 3}], "goals": [{"what": "cover"}, {"what": "keep"}]"#,
    );
    let before = solved(&old);
    let kept = before.assignments[0].clone();
    let new = ledger(
        r#""units": [{"id": "u"}, {"id": "new"}],
        "offers": [{"id": "o0", "unit": "new", "quantity": 3}, {"id": "o1", "unit": "u", "quantity": 3}],
        "needs": [{"id": "n1", "quantity": 3}, {"id": "n2", "quantity": 3}], "goals": [{"what": "cover"}, {"what": "keep"}]"#,
    );
    let lines = before.assignments.iter().map(|a| (a.offer.as_str(), a.need.as_str(), a.quantity));
    let after = solved(&new.with_baseline(lines));
    assert_eq!(all_covered(&after, ["n1", "n2"]), [3, 3]);
    assert_eq!(given(&after, "u", &kept.need), 3);
}
