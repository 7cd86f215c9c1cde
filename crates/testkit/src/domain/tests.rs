//! Size, balance, connectedness and determinism of cities.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use concentric_matcher::ledger::{Ledger, NeedKind};
use sha2::{Digest, Sha256};

use super::{arc_count, ledger};
use crate::brute;

#[test]
fn the_count_agrees_with_the_rules_of_arcs() {
    for arcs in [40, 300] {
        let city = ledger(arcs, 5);
        assert_eq!(arc_count(&city), brute::arcs(&city).unwrap().len() as u64);
    }
}

#[test]
fn sizes_come_out_within_a_tenth() {
    for arcs in [1_000, 4_000, 6_000, 13_000, 50_000, 100_000, 1_000_000] {
        for seed in [1, 2] {
            let found = arc_count(&ledger(arcs, seed));
            assert!(found.abs_diff(arcs) * 10 <= arcs, "{arcs}: {found}");
        }
    }
}

#[test]
fn supply_is_short_by_a_twentieth_and_a_fifth_are_hot_spots() {
    for arcs in [1_000, 4_000, 100_000] {
        let city = ledger(arcs, 3);
        let asked: i64 = city.needs.iter().map(|n| n.quantity).sum();
        let strengths = |u: &str| city.offers.iter().filter(|o| o.unit == u).count() as i64;
        let may_give: i64 = if arcs > 4_000 {
            28 * city.offers.len() as i64
        } else {
            city.units.iter().map(|u| 28 * strengths(&u.id)).sum()
        };
        let percent = 100 * may_give / asked;
        assert!((93..=97).contains(&percent), "{arcs}: {percent}");
        let hot = city.needs.iter().filter(|n| n.kind == NeedKind::HotSpot).count();
        let percent = 100 * hot / city.needs.len();
        assert!((12..=28).contains(&percent), "{arcs}: {percent}");
    }
}

/// Follows links to the end of the chain, halving the way (Tarjan and van Leeuwen, 1984).
fn root(links: &mut BTreeMap<String, String>, id: &str) -> String {
    let mut at = id.to_owned();
    while let Some(up) = links.get(&at).cloned() {
        if let Some(top) = links.get(&up).cloned() {
            links.insert(at, top);
        }
        at = up;
    }
    at
}

#[test]
fn a_city_is_one_component() {
    let city = ledger(40_000, 9);
    let parents: BTreeMap<&str, Option<&str>> =
        city.places.iter().map(|p| (p.id.as_str(), p.parent.as_deref())).collect();
    let mut links: BTreeMap<String, String> = BTreeMap::new();
    let mut join = |a: String, b: String| {
        let (a, b) = (root(&mut links, &a), root(&mut links, &b));
        if a != b {
            links.insert(a, b);
        }
    };
    // A unit total joins the offers of a unit; an offer joins all needs of its
    // category below its area, which stand for one another as (area, category).
    let mut reached: BTreeMap<String, usize> = BTreeMap::new();
    for offer in &city.offers {
        let spot =
            format!("{} {}", offer.area.as_deref().unwrap(), offer.category.as_deref().unwrap());
        join(offer.unit.clone(), spot.clone());
        *reached.entry(spot).or_default() += 1;
    }
    let mut alone = 0;
    for need in &city.needs {
        let mut place = need.place.as_deref();
        let mut served = false;
        while let Some(at) = place {
            let spot = format!("{at} {}", need.category.as_deref().unwrap());
            if reached.contains_key(&spot) {
                join(need.id.clone(), spot);
                served = true;
            }
            place = parents[at];
        }
        alone += usize::from(!served);
    }
    let mut roots: Vec<String> = city.units.iter().map(|u| root(&mut links, &u.id)).collect();
    roots.sort();
    roots.dedup();
    assert_eq!((roots.len(), alone), (1, 0));
}

fn digest(ledger: &Ledger) -> String {
    let bytes = serde_json::to_vec(ledger).unwrap();
    Sha256::digest(bytes).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[test]
fn the_bytes_of_a_seed_are_pinned() {
    assert_eq!(digest(&ledger(20_000, 7)), PINNED);
    assert_ne!(digest(&ledger(20_000, 8)), PINNED);
}

/// Taken once; benches are comparable between machines and releases only as long as
/// it stands.
const PINNED: &str = "70f2036213c4efcc";
