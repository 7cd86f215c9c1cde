//! Sentences of reasons.
//! Every code has a sentence of its own, built from its evidence.

#![allow(clippy::unwrap_used)]

use super::Speaker;
use crate::report::names::Names;
use crate::words::{EN, ZH};
use concentric_matcher::certify::{Change, Exchange, Reason, ReasonCode};
use concentric_matcher::io::{load, read_plan};

const CODES: [ReasonCode; 21] = [
    ReasonCode::NoMeasure,
    ReasonCode::NoCategory,
    ReasonCode::OutOfArea,
    ReasonCode::OutOfWindow,
    ReasonCode::AudienceOrShift,
    ReasonCode::BelowProficiency,
    ReasonCode::OwnNeed,
    ReasonCode::Radius,
    ReasonCode::Forbidden,
    ReasonCode::Capacity,
    ReasonCode::Outranked,
    ReasonCode::PartnerCap,
    ReasonCode::MaxProviders,
    ReasonCode::Budget,
    ReasonCode::Limit,
    ReasonCode::BelowMinimum,
    ReasonCode::Bundle,
    ReasonCode::BeyondLevel,
    ReasonCode::NotProved,
    ReasonCode::NeedsMet,
    ReasonCode::NoNeed,
];

const LEDGER: &[u8] = br#"{"format": "concentric.ledger/v1",
    "units": [{"id": "u1", "name": "Clinic"}],
    "offers": [{"id": "o1", "unit": "u1", "quantity": 3}, {"id": "o2", "unit": "u1", "quantity": 2}],
    "needs": [{"id": "n1", "quantity": 4}, {"id": "n2", "quantity": 4}]}"#;

const PLAN: &[u8] = br#"{"format": "concentric.plan/v1", "assignments": []}"#;

/// A reason that carries all the evidence there is.
fn full(code: ReasonCode) -> Reason {
    let mut reason = Reason::new(code);
    reason.funnel = vec![
        ("no_measure".to_owned(), 45),
        ("no_category".to_owned(), 0),
        ("out_of_area".to_owned(), 201),
    ];
    reason.needs = vec!["n1".to_owned(), "n2".to_owned()];
    reason.offers = vec!["o1".to_owned()];
    reason.limits = vec!["hours[u1]".to_owned()];
    reason.level = Some("street".to_owned());
    reason.exchanges = vec![exchange(&[("o1", "n1", 1), ("o1", "n2", -1)], Some("cover:hot_spot"))];
    reason
}

fn exchange(changes: &[(&str, &str, i64)], level: Option<&str>) -> Exchange {
    let changes = changes.iter().map(|&(offer, need, by)| Change {
        offer: offer.to_owned(),
        need: need.to_owned(),
        by,
    });
    Exchange { changes: changes.collect(), level: level.map(str::to_owned) }
}

#[test]
fn every_code_has_its_own_full_sentence_in_both_languages() {
    let (valid, plan) = (load(LEDGER).unwrap(), read_plan(PLAN).unwrap());
    for words in [&EN, &ZH] {
        let names = Names::new(valid.ledger(), words);
        let speaker = Speaker { words, names: &names, plan: &plan };
        let mut seen: Vec<String> = Vec::new();
        for code in CODES {
            let idle = matches!(code, ReasonCode::NeedsMet | ReasonCode::NoNeed);
            let reason = full(code);
            let said =
                if idle { speaker.idle(&reason) } else { speaker.need("n1", &reason, &|_| false) };
            let text = said.join(" ");
            assert!(!text.is_empty() && !text.contains(['{', '}']), "{code:?}: {text}");
            assert!(!seen.contains(&text), "{code:?} says what another code says: {text}");
            seen.push(text);
        }
    }
}

#[test]
fn sentences_are_built_from_the_evidence() {
    let (valid, plan) = (load(LEDGER).unwrap(), read_plan(PLAN).unwrap());
    let names = Names::new(valid.ledger(), &EN);
    let speaker = Speaker { words: &EN, names: &names, plan: &plan };
    let say = |reason: &Reason| speaker.need("n1", reason, &|_| false).join("|");

    let text = say(&full(ReasonCode::OutOfArea));
    assert!(text.ends_with("246 offers → 201 in measure → 0 in area"), "{text}");

    let mut capacity = Reason::new(ReasonCode::Capacity);
    capacity.needs = vec!["n1".to_owned(), "n2".to_owned()];
    capacity.offers = vec!["o1".to_owned(), "o2".to_owned()];
    (capacity.asked, capacity.available) = (Some(8), Some(5));
    assert_eq!(
        say(&capacity),
        "These 2 needs ask for 8 together; their 2 offers can give 5. Needs: n1, n2. \
         Offers: o1 (Clinic), o2 (Clinic)."
    );

    // A cut through pairs names no offers.
    capacity.offers.clear();
    capacity.needs.pop();
    assert_eq!(
        say(&capacity),
        "It asks for 8; all offers that may serve it can give it no more than 5."
    );

    let left = |code| speaker.idle(&Reason::new(code)).join("|");
    assert_eq!(left(ReasonCode::NoNeed), "No need can use it: the ledger has no needs");
    assert_eq!(
        left(ReasonCode::BelowMinimum),
        "What is left of it is below the useful minimum of the needs it could serve."
    );

    let more = exchange(&[("o1", "n1", 1), ("o1", "n2", -1)], Some("cover:hot_spot"));
    let mut outranked = Reason::new(ReasonCode::Outranked);
    outranked.exchanges = vec![more];
    assert_eq!(
        say(&outranked),
        "o1 (Clinic) serves n2, which counts for more at level “cover: hot spots”."
    );
    outranked.exchanges = vec![exchange(&[("o1", "n1", 1), ("o1", "n2", -1)], None)];
    assert!(say(&outranked).ends_with("which counts just as much: they are tied."));
    outranked.exchanges = vec![exchange(&[("o1", "n1", 1), ("o1", "n2", -1)], Some("near"))];
    assert!(say(&outranked).contains("worse"));
    let path = [("o1", "n1", 1), ("o1", "n3", -1), ("o2", "n3", 1), ("o2", "n2", -1)];
    outranked.exchanges = vec![exchange(&path, Some("cover"))];
    assert_eq!(
        say(&outranked),
        "More for it would have to come, by way of other needs, from n2, and would make level “cover” worse."
    );
}
