//! Claims on a small street, answered by hand.

use super::{Advice, Answer, advise};
use crate::io::load;
use crate::plan::Trend;
use crate::{Control, Engine, Options};

/// Two shops with ten hours each; a desk that needs ten, a hot spot that only shop b can
/// serve, and a stall that only shop a can.
const STREET: &str = r#"{"format": "concentric.ledger/v1",
"categories": [{"id": "any"}, {"id": "desk", "parent": "any"}, {"id": "spot", "parent": "any"}, {"id": "stall", "parent": "any"}],
"units": [{"id": "a"}, {"id": "b"}, {"id": "c"}],
"offers": [{"id": "oa", "unit": "a", "category": "any", "quantity": 10},
           {"id": "ob", "unit": "b", "category": "any", "quantity": 10},
           {"id": "oc", "unit": "c", "category": "desk", "quantity": 3}],
"needs": [{"id": "n1", "category": "desk", "quantity": 10},
          {"id": "n2", "category": "spot", "quantity": 4, "kind": "hot_spot", "min_proficiency": 100},
          {"id": "n3", "category": "stall", "quantity": 9}],
"claims": [CLAIMS]}"#;

fn answers(claims: &str) -> Advice {
    let valid = load(STREET.replace("CLAIMS", claims).as_bytes()).unwrap();
    let options = Options { explain: false, ..Options::default() };
    advise(&Engine::new(options), &valid, &Control::default()).unwrap()
}

fn told(advice: &Advice) -> Vec<String> {
    let each = advice.claims.iter();
    each.map(|c| match &c.answer {
        Answer::Accept => format!("{}: accept", c.claim),
        Answer::Redirect { need, quantity } => format!("{}: {quantity} to {need}", c.claim),
        Answer::Decline => format!("{}: decline", c.claim),
    })
    .collect()
}

#[test]
fn of_two_claims_on_one_need_one_is_accepted_and_the_other_redirected() {
    let advice = answers(
        r#"{"id": "c2", "offer": "oa", "need": "n1", "quantity": 7},
           {"id": "c1", "offer": "ob", "need": "n1", "quantity": 7}"#,
    );
    // Ten hours: each claim alone is free, both together ask for fourteen. The second
    // goes to the hot spot, which the first leaves open.
    assert_eq!(told(&advice), ["c1: accept", "c2: 4 to n2"]);
    assert_eq!(advice.contests.len(), 1);
    let contest = &advice.contests[0];
    assert_eq!((contest.list, &*contest.id), ("needs", "n1"));
    assert_eq!((contest.asked, contest.available), (14, 10));
    assert_eq!(advice.claims[0].conflicts, ["c2"]);
    assert_eq!(advice.claims[1].conflicts, ["c1"]);
    assert!(advice.claims.iter().all(|c| !c.costs_coverage));
}

#[test]
fn claims_that_are_free_alone_can_cost_coverage_together() {
    let advice = answers(
        r#"{"id": "c1", "offer": "oa", "need": "n1", "quantity": 7},
           {"id": "c2", "offer": "ob", "need": "n3", "quantity": 9},
           {"id": "c3", "offer": "ob", "need": "n1", "quantity": 1}"#,
    );
    assert!(advice.claims.iter().all(|c| !c.costs_coverage), "alone, each is free");
    // All 23 hours are asked for, so oc must work its three at the desk: with seven of
    // oa there is no room for one of ob, which goes to the hot spot.
    assert_eq!(told(&advice), ["c1: accept", "c2: accept", "c3: 1 to n2"]);
    assert!(advice.contests.is_empty(), "no two of them ask for more than there is");
}

#[test]
fn a_claim_can_cost_coverage_by_itself() {
    let claims = r#"{"id": "c1", "offer": "oa", "need": "n1", "quantity": 9},
                    {"id": "c2", "offer": "ob", "need": "n1", "quantity": 1}"#;
    let advice = answers(claims);
    // Nine of oa at the desk leave room for one of oc's three hours, which fit nowhere else.
    let alone = &advice.claims[0];
    assert!(alone.costs_coverage);
    assert_eq!(alone.levels[0].trend, Trend::Worse);
    assert!(matches!(alone.answer, Answer::Redirect { .. }));
    assert_eq!(told(&advice)[1], "c2: accept");
}

#[test]
fn a_claim_that_breaks_a_rule_is_barred_with_the_rule() {
    let advice = answers(r#"{"id": "c1", "offer": "oc", "need": "n2", "quantity": 1}"#);
    assert!(advice.claims[0].costs_coverage);
    assert!(advice.claims[0].barred[0].contains("stands on no arc"), "{:?}", advice.claims[0]);
    // The desk is where oc is wanted.
    assert_eq!(told(&advice), ["c1: 1 to n1"]);
    assert!(advice.contests.is_empty());
}

#[test]
fn what_the_first_need_does_not_take_goes_on_to_others() {
    // c1 has the desk. Shop b's nine: four to the hot spot, which only it can serve, and five
    // to the stall of nine, which oa's three other hours cannot fill.
    let advice = answers(
        r#"{"id": "c1", "offer": "oa", "need": "n1", "quantity": 7},
           {"id": "c2", "offer": "ob", "need": "n1", "quantity": 9}"#,
    );
    assert_eq!(told(&advice), ["c1: accept", "c2: 4 to n2"]);
    let further: Vec<(&str, i64)> =
        advice.claims[1].further.iter().map(|part| (&*part.need, part.quantity)).collect();
    assert_eq!(further, [("n3", 5)]);
    assert!(advice.claims[0].further.is_empty());
}

#[test]
fn without_claims_there_is_only_the_plan() {
    let advice = answers("");
    assert!(advice.claims.is_empty() && advice.contests.is_empty());
    assert!(!advice.base.assignments.is_empty());
}
