//! Values worked out by hand, and every sample taken to its next cycle.

use super::feedback::step;
use super::{Adjusted, reconcile};
use crate::io::read_ledger;
use crate::ledger::{AgreementStatus, Ledger};
use crate::validate::validate;

const STREET: &str = r#"{"format": "concentric.ledger/v1",
"periods": [{"id": "p2", "start": "2026-02-01", "end": "2026-02-28"},
            {"id": "p1", "start": "2026-01-01", "end": "2026-01-31"}],
"units": [{"id": "a"}, {"id": "b"}],
"offers": [{"id": "o1", "unit": "a", "quantity": 30, "proficiency": 80},
           {"id": "o2", "unit": "b", "quantity": 6},
           {"id": "o3", "unit": "b", "quantity": 20, "proficiency": 70}],
"needs": [{"id": "n1", "quantity": 20, "min_useful": 8}, {"id": "n2", "quantity": 5},
          {"id": "n3", "quantity": 9}, {"id": "n4", "quantity": 4, "min_proficiency": 65}],
"pairs": [{"offer": "o1", "need": "n1", "consumption": 2, "locked": 7}],
"limits": [{"id": "cap", "counts": "amount", "demand": {"need": ["n1", "n2"]}, "upper": 99}],
"agreements": [{"id": "ag1", "unit": "a", "place": "all", "to": "p1"},
               {"id": "ag2", "unit": "a", "place": "all", "to": "p2"}],
"claims": [{"id": "c1", "offer": "o1", "need": "n1", "quantity": 8, "state": "accepted"},
           {"id": "c2", "offer": "o2", "need": "n1", "quantity": 1, "state": "declined"},
           {"id": "c3", "offer": "o2", "need": "n3", "quantity": 1, "period": "p1"},
           {"id": "c4", "offer": "o3", "need": "n1", "quantity": 30, "period": "p2"}],
"projects": [{"id": "j1", "offer": "o1", "need": "n1", "quantity": 6, "state": "delivered", "period": "p1"},
             {"id": "j2", "offer": "o2", "need": "n2", "quantity": 9, "state": "closed"},
             {"id": "j3", "offer": "o1", "need": "n1", "quantity": 10, "state": "in_progress"},
             {"id": "j4", "offer": "o3", "need": "n3", "quantity": 2, "state": "cancelled"},
             {"id": "j5", "offer": "o3", "need": "n2", "quantity": 3, "state": "in_progress"},
             {"id": "j6", "offer": "o3", "need": "n3", "quantity": 4, "state": "agreed"},
             {"id": "j7", "offer": "o3", "need": "n3", "quantity": 1, "state": "delivered"},
             {"id": "j8", "offer": "o3", "need": "n4", "quantity": 2, "state": "in_progress"}],
"evaluations": [{"id": "e0", "project": "j1", "by": "supervisor", "score": 70, "period": "p2"},
                {"id": "e2", "project": "j1", "by": "resident", "score": 60},
                {"id": "e1", "project": "j1", "by": "jury", "score": 95, "period": "p1"},
                {"id": "e3", "project": "j7", "by": "jury", "score": 10},
                {"id": "e4", "project": "j3", "by": "jury", "score": 0}],
"scenarios": [{"id": "s1", "deltas": [{"op": "set", "list": "needs", "id": "n2", "field": "quantity", "value": 3}]},
              {"id": "s2", "parent": "s1", "deltas": []},
              {"id": "s3", "deltas": [{"op": "add", "list": "needs", "id": "n1", "field": "quantity", "value": 1}]}],
"expected": [1]}"#;

fn street() -> Ledger {
    let ledger = read_ledger(STREET.as_bytes()).unwrap();
    validate(ledger).unwrap().ledger().clone()
}

fn told(list: &[Adjusted]) -> Vec<String> {
    list.iter().map(|a| format!("{}: {} -> {}", a.id, a.before, a.after)).collect()
}

#[test]
fn proficiency_is_rounded_half_up_and_the_past_fades() {
    // (4*80 + 3*95) / 7 = 86.43; (7*86 + 60) / 8 = 82.75; (8*83 + 2*70) / 10 = 80.4
    assert_eq!(step(80, 4, 3, 95), (86, 7));
    assert_eq!(step(86, 7, 1, 60), (83, 8));
    assert_eq!(step(83, 8, 2, 70), (80, 10));
    // 483 / 6 = 80.5
    assert_eq!(step(80, 5, 1, 83), (81, 6));
    assert_eq!(step(50, 19, 3, 50), (50, 20));
    assert_eq!(step(100, 20, 3, 100), (100, 20));
    assert_eq!(step(0, 4, 1, 0), (0, 5));
}

#[test]
fn deliveries_and_scores_make_the_next_ledger() {
    let done = reconcile(&street(), None).unwrap();
    assert_eq!(done.delivered, ["j1", "j2", "j7"]);
    // j1 gives 6 to n1 and draws 12; j2 delivered more than n2 asked and o2 had.
    assert_eq!(told(&done.needs), ["n1: 20 -> 14", "n2: 5 -> 0", "n3: 9 -> 8"]);
    assert_eq!(told(&done.offers), ["o1: 30 -> 18", "o2: 6 -> 0", "o3: 20 -> 19"]);
    // j3 would draw 20 of 18; j5 ran for n2, which is met; 6 of c1's 8 are done.
    assert_eq!(told(&done.commitments), ["c1: 8 -> 2", "j3: 10 -> 9", "j5: 3 -> 0"]);
    // o3: (280 + 30) / 7 = 44, but n4's running work asks 65.
    assert_eq!(told(&done.proficiency), ["o3: 70 -> 65"]);
    let next = &done.ledger;
    let ids = |list: Vec<&String>| list.into_iter().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(ids(next.needs.iter().map(|n| &n.id).collect()), "n1 n3 n4");
    assert_eq!(ids(next.projects.iter().map(|p| &p.id).collect()), "j3 j6 j8");
    assert_eq!(ids(next.evaluations.iter().map(|e| &e.id).collect()), "e4");
    assert_eq!(ids(next.claims.iter().map(|c| &c.id).collect()), "c1 c3 c4");
    assert_eq!(ids(next.scenarios.iter().map(|s| &s.id).collect()), "s3");
    assert_eq!(done.scenarios, ["s1", "s2"]);
    assert_eq!(next.needs[0].min_useful, 2);
    assert_eq!(next.claims[2].quantity, 14, "a pending claim asks no more than is left");
    assert_eq!(next.pairs[0].locked, Some(1));
    assert!(next.expected.is_null());
    // 80 -> 86 -> 83 -> 80, in the order of period and id: the same number by another way.
    assert_eq!(next.offers[0].proficiency, 80);
    assert_eq!(next.offers[0].tags, ["evaluated:10"]);
    assert!(next.offers[1].tags.is_empty(), "nobody scored it");
    validate(next.clone()).unwrap();
}

#[test]
fn nothing_is_subtracted_twice_and_the_weight_is_carried() {
    let first = reconcile(&street(), None).unwrap().ledger;
    let again = reconcile(&first, None).unwrap();
    assert_eq!(again.ledger, first);
    // A second cycle: the work in progress is delivered, its score weighs 3 against 10.
    let mut second = first;
    second.projects[0].state = crate::ledger::ProjectState::Delivered;
    let next = reconcile(&second, None).unwrap();
    // (10*80 + 0) / 13 = 61.5
    assert_eq!(told(&next.proficiency), ["o1: 80 -> 62"]);
    assert_eq!(next.ledger.offers[0].tags, ["evaluated:13"]);
    assert_eq!(told(&next.offers), ["o1: 18 -> 0"]);
}

#[test]
fn time_passes_only_when_told() {
    let still = reconcile(&street(), None).unwrap();
    assert!(still.expired.is_empty() && still.ended.is_empty());
    let closed = reconcile(&street(), Some("p1")).unwrap();
    assert_eq!((closed.expired, closed.ended), (vec!["c3".to_owned()], vec!["ag1".to_owned()]));
    assert_eq!(closed.ledger.agreements[0].status, AgreementStatus::Ended);
    let issues = reconcile(&street(), Some("p9")).unwrap_err();
    assert_eq!(issues[0].code.as_str(), "UNKNOWN_REFERENCE");
}

#[test]
fn every_sample_has_a_next_cycle_that_is_valid() {
    for name in ["first", "luotang", "yixin", "lizhou", "xijindu", "checkin"] {
        let path = format!("{}/../../examples/ledgers/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let ledger = read_ledger(&std::fs::read(path).unwrap()).unwrap();
        let ledger = validate(ledger).unwrap().ledger().clone();
        let last = ledger.periods.last().map(|p| p.id.clone());
        for closing in [None, last.as_deref()] {
            let next = reconcile(&ledger, closing).unwrap();
            let lost: i64 = next.needs.iter().map(|n| n.before - n.after).sum();
            let done = ledger.projects.iter().filter(|p| next.delivered.contains(&p.id));
            let given: i64 = done.map(|p| p.quantity).sum();
            assert!(lost <= given, "{name}");
            assert_eq!(given > 0, ["yixin", "xijindu"].contains(&name), "{name}");
            validate(next.ledger).unwrap_or_else(|issues| panic!("{name}: {issues:?}"));
        }
    }
}
