//! Ledgers and plans go over the wire and come back as they were.
#![allow(clippy::unwrap_used)]

use concentric_matcher::io::{read_ledger, write_ledger};
use concentric_matcher::{Engine, Ledger, Options};
use concentric_proto::v1;
use concentric_server::wire::{
    ledger_from_wire, ledger_to_wire, plan_from_wire, plan_to_wire, valid_from_wire,
};
use concentric_testkit::{effort::cases, random::whole};
use prost::Message;

/// To the message, to bytes, and back.
fn there_and_back(ledger: &Ledger) -> Ledger {
    let bytes = ledger_to_wire(ledger).encode_to_vec();
    ledger_from_wire(v1::Ledger::decode(bytes.as_slice()).unwrap()).unwrap()
}

fn examples() -> Vec<(String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/ledgers");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|p| (p.display().to_string(), std::fs::read(p).unwrap())).collect()
}

#[test]
fn every_example_ledger_survives_the_wire() {
    let examples = examples();
    assert!(examples.len() >= 5);
    for (name, text) in examples {
        let ledger = read_ledger(&text).unwrap();
        let back = there_and_back(&ledger);
        assert_eq!(write_ledger(&back), write_ledger(&ledger), "{name}");
    }
}

#[test]
fn random_ledgers_survive_the_wire() {
    for seed in 0..cases(500) {
        let ledger = whole(seed);
        let back = there_and_back(&ledger);
        assert_eq!(write_ledger(&back), write_ledger(&ledger), "seed {seed}");
    }
}

#[test]
fn plans_survive_the_wire_with_their_evidence() {
    let engine = Engine::new(Options { work_limit: Some(20_000), ..Options::default() });
    for seed in 0..cases(60) {
        let Ok(plan) = engine.match_ledger(whole(seed)) else { continue };
        let bytes = plan_to_wire(plan.clone()).encode_to_vec();
        let back = plan_from_wire(v1::Plan::decode(bytes.as_slice()).unwrap()).unwrap();
        assert_eq!(back, plan, "seed {seed}");
    }
}

#[test]
fn a_broken_message_names_every_fault() {
    let first = read_ledger(&examples()[1].1).unwrap();
    let mut message = ledger_to_wire(&first);
    message.needs[0].kind = 99;
    message.needs[1].quantity = 0;
    message.facts_json = Some("{".to_owned());
    let issues = valid_from_wire(message, &Default::default()).unwrap_err();
    let found: Vec<(&str, &str)> =
        issues.iter().map(|i| (i.code.as_str(), i.path.as_str())).collect();
    assert!(found.contains(&("UNKNOWN_ENUM", "needs[0].kind")), "{found:?}");
    assert!(found.contains(&("VALUE_OUT_OF_RANGE", "needs[1].quantity")), "{found:?}");
    assert!(found.contains(&("FIELD_INVALID", "facts")), "{found:?}");
}
