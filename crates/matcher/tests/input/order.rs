//! The order of records, and spelling out a default, change nothing but paths.

use concentric_matcher::io::load;
use serde_json::Value;

use super::examples::text;
use super::sample::{edit, good};

/// A small generator with a fixed seed; the same shuffles on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }
}

/// Every list whose order means nothing, shuffled.
fn shuffled(mut ledger: Value, random: &mut Random) -> String {
    for (name, list) in ledger.as_object_mut().unwrap() {
        if let (Some(items), false) = (list.as_array_mut(), name == "goals") {
            for k in (1..items.len()).rev() {
                items.swap(k, random.below(k + 1));
            }
        }
    }
    ledger.to_string()
}

#[test]
fn shuffled_lists_have_the_same_digest_and_tables() {
    let mut random = Random(7);
    let mut ledgers = vec![good()];
    for name in ["yixin", "lizhou", "luotang", "checkin", "xijindu"] {
        ledgers.push(serde_json::from_slice(&text(name)).unwrap());
    }
    for ledger in ledgers {
        let first = load(ledger.to_string().as_bytes()).unwrap();
        for _ in 0..3 {
            let other = load(shuffled(ledger.clone(), &mut random).as_bytes()).unwrap();
            assert_eq!(other.digest(), first.digest());
            assert_eq!(other.policy_digest(), first.policy_digest());
            // The digest leaves out what only readers use, so the tables are compared too.
            assert_eq!(other.needs(), first.needs());
            assert_eq!(other.offers(), first.offers());
            assert_eq!(other.pairs(), first.pairs());
            assert_eq!(other.places(), first.places());
            assert_eq!(other.categories(), first.categories());
            assert_eq!(other.unit_home(), first.unit_home());
            assert_eq!(other.agreements(), first.agreements());
            assert_eq!(other.claims(), first.claims());
            assert_eq!(other.projects(), first.projects());
        }
    }
}

/// Rows stand beside their records: every resolved position leads to the named record.
#[test]
fn rows_agree_with_their_records() {
    for name in ["yixin", "lizhou", "luotang", "checkin", "xijindu"] {
        let mut random = Random(11);
        let ledger: Value = serde_json::from_slice(&text(name)).unwrap();
        let valid = load(shuffled(ledger, &mut random).as_bytes()).unwrap();
        let l = valid.ledger();
        let id = |text: &str| Some(text.to_owned());
        for (offer, row) in l.offers.iter().zip(valid.offers()) {
            assert_eq!(offer.unit, l.units[row.unit as usize].id);
            assert_eq!(offer.category, id(&l.categories[row.category as usize].id));
            assert_eq!(offer.measure, id(&l.measures[row.measure as usize].id));
            assert_eq!(offer.area, id(&l.places[row.area as usize].id));
            assert_eq!(offer.from, id(&l.periods[row.from as usize].id));
            assert_eq!(offer.to, id(&l.periods[row.to as usize].id));
            let words: Vec<&String> =
                row.audiences.iter().map(|&w| &valid.audiences()[w as usize]).collect();
            assert!(words.into_iter().eq(&offer.audiences));
            let words: Vec<&String> =
                row.shifts.iter().map(|&w| &valid.shifts()[w as usize]).collect();
            assert!(words.into_iter().eq(&offer.shifts));
        }
        for (need, row) in l.needs.iter().zip(valid.needs()) {
            assert_eq!(need.place, id(&l.places[row.place as usize].id));
            assert_eq!(need.category, id(&l.categories[row.category as usize].id));
            assert_eq!(need.audience, valid.audiences()[row.audience as usize]);
            assert_eq!(need.shift.as_ref(), valid.shifts().get(row.shift as usize));
            assert_eq!(need.owner.as_ref(), l.units.get(row.owner as usize).map(|u| &u.id));
            assert_eq!(need.bundle.as_ref(), l.bundles.get(row.bundle as usize).map(|b| &b.id));
        }
        for (unit, &home) in l.units.iter().zip(valid.unit_home()) {
            assert_eq!(unit.home, id(&l.places[home as usize].id));
        }
        for (project, &(offer, need)) in l.projects.iter().zip(valid.projects()) {
            assert_eq!(project.offer, l.offers[offer as usize].id);
            assert_eq!(project.need, l.needs[need as usize].id);
        }
        // Below: by climbing parents, against the preorder intervals.
        for (a, node) in valid.places().iter().enumerate() {
            for (b, other) in valid.places().iter().enumerate().take(60) {
                let mut at = b as u32;
                while at != concentric_matcher::validate::NONE && at as usize != a {
                    at = valid.places()[at as usize].parent;
                }
                assert_eq!(node.covers(other), at as usize == a);
            }
        }
    }
}

#[test]
fn only_what_decides_a_plan_changes_the_digest() {
    let digest = |path: &str, value: Value| {
        let mut ledger = good();
        edit(&mut ledger, path, value);
        let valid = load(ledger.to_string().as_bytes()).unwrap();
        (valid.digest(), valid.policy_digest())
    };
    let (whole, policy) = digest("id", "good".into());
    assert_eq!(whole.len(), "sha256:".len() + 64);
    for (path, value) in [
        ("note", "other".into()),
        ("source", "other".into()),
        ("facts", serde_json::json!({"a": [1.5]})),
        ("expected", serde_json::json!([1])),
        ("needs[0].audience", "resident".into()),
        ("needs[2].from", "q1".into()),
        ("offers[0].area", "city".into()),
        ("limits[0].supply.unit", serde_json::json!(["u2", "u1", "u2"])),
        ("goals[0].where.kind", serde_json::json!(["hot_spot"])),
    ] {
        assert_eq!(digest(path, value), (whole.clone(), policy.clone()), "{path}");
    }
    let (other, same) = digest("needs[2].quantity", 11.into());
    assert!(other != whole && same == policy);
    let (other, changed) = digest("limits[0].upper", 89.into());
    assert!(other != whole && changed != policy);
}
