//! The scenarios of the example ledgers: each applies, and leaves the values that
//! reading the files by hand leads one to expect.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::apply;
use crate::ledger::{Goal, Ledger, Offer};

fn example(name: &str) -> Ledger {
    let path = format!("{}/../../examples/ledgers/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn labels(ledger: &Ledger) -> Vec<String> {
    ledger.goals.iter().map(Goal::label).collect()
}

fn quantity(offers: &[Offer], id: &str) -> i64 {
    offers.iter().find(|o| o.id == id).unwrap().quantity
}

#[test]
fn every_scenario_of_every_example_applies_and_leaves_the_base() {
    let mut count = 0;
    for name in ["yixin", "lizhou", "luotang", "checkin", "xijindu"] {
        let ledger = example(name);
        let copy = ledger.clone();
        for scenario in &ledger.scenarios {
            let after = apply(&ledger, &scenario.id).unwrap();
            assert_ne!(after, ledger, "{name}/{} changes nothing", scenario.id);
            count += 1;
        }
        assert_eq!(ledger, copy);
    }
    assert_eq!(count, 14);
}

#[test]
fn yixin() {
    let ledger = example("yixin");
    let upper = |scenario: &str, id: &str| {
        let after = apply(&ledger, scenario).unwrap();
        after.limits.iter().find(|l| l.id == id).unwrap().upper
    };
    assert_eq!(upper("no_fund", "community_fund"), Some(0));
    assert_eq!(upper("one_more_partner", "unit_partners"), Some(4));
    let left = apply(&ledger, "unit_leaves").unwrap();
    assert!(left.units.iter().all(|u| u.id != "u05"));
    let sizes = (left.offers.len(), left.needs.len(), left.projects.len(), left.evaluations.len());
    assert_eq!(sizes, (201 - 3, 152, 57 - 3, 96 - 6));
}

#[test]
fn lizhou() {
    let ledger = example("lizhou");
    let sum = |l: &Ledger| -> i64 {
        l.offers
            .iter()
            .filter(|o| o.measure.as_deref() == Some("pairing"))
            .map(|o| o.quantity)
            .sum()
    };
    assert_eq!(sum(&ledger), 170);
    assert_eq!(sum(&apply(&ledger, "plus_one").unwrap()), 170 + 98);
    let keep = apply(&ledger, "keep_first").unwrap();
    assert_eq!(labels(&keep), ["keep", "cover:hot_spot", "cover:general", "near", "spend"]);
    let cut = apply(&ledger, "cut_fiscal").unwrap();
    assert_eq!(
        (quantity(&ledger.offers, "o0122"), quantity(&cut.offers, "o0122")),
        (6_500_000, 4_500_000)
    );
    assert_eq!(apply(&ledger, "all_projects").unwrap().limits[0].lower, Some(30));
}

#[test]
fn luotang() {
    let ledger = example("luotang");
    let shared = apply(&ledger, "shared_leader").unwrap();
    assert_eq!(quantity(&shared.offers, "o0002"), 6);
    let grown = shared.offers.iter().zip(&ledger.offers);
    assert_eq!(grown.filter(|(a, b)| a.quantity == b.quantity + 1).count(), 10);
    let without = apply(&ledger, "no_street_team").unwrap();
    assert_eq!((without.units.len(), without.offers.len()), (85, 245));
    assert!(without.offers.iter().all(|o| o.id != "o0241"));
}

#[test]
fn checkin() {
    let ledger = example("checkin");
    let order = ["cover:hot_spot", "cover:general", "near"];
    assert_eq!(labels(&apply(&ledger, "no_fair").unwrap()), order);
    let floor = apply(&ledger, "weak_floor").unwrap();
    assert_eq!(labels(&floor), order);
    assert_eq!((floor.limits.len(), floor.limits[24].lower), (25, Some(600_000)));
    assert!(!floor.limits[24].hard);
}

#[test]
fn xijindu() {
    let ledger = example("xijindu");
    let peak = apply(&ledger, "peak_plus").unwrap();
    let changed: Vec<(&str, i64)> = peak
        .needs
        .iter()
        .zip(&ledger.needs)
        .filter(|(a, b)| a != b)
        .map(|(a, _)| (a.id.as_str(), a.quantity))
        .collect();
    assert_eq!(
        changed,
        [("n0005", 36_000), ("n0006", 18_000), ("n0007", 14_400), ("n0008", 3_600)]
    );
    let without = apply(&ledger, "no_drivers_home").unwrap();
    assert_eq!((without.offers.len(), without.claims.len()), (153, 23));
    assert!(without.claims.iter().all(|c| c.id != "cl24"));
}
