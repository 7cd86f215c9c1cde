//! The funnel on random ledgers against the sentences of the format, word by word.
//!
//! In: seeded small ledgers. Out: a verdict. The oracle climbs parents and compares
//! words and days as they stand in the records; it knows no table.

use super::arc_test::{Test, first_failed_test};
use super::validate;
use crate::ledger::{Category, Ledger, Measure, Need, Offer, Period, Place, PlaceLevel, Unit};

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn of<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.below(words.len() as u64) as usize]
    }
}

fn ledger(random: &mut Random) -> Ledger {
    let mut ledger = Ledger::new();
    ledger.measures = vec![Measure::new("h"), Measure::new("y")];
    for (id, start, end) in [
        ("z", "2026-01-01", "2026-01-31"),
        ("a", "2026-02-01", "2026-02-28"),
        ("m", "2026-03-01", "2026-03-31"),
    ] {
        let (start, end) = (start.to_owned(), end.to_owned());
        let id = id.to_owned();
        ledger.periods.push(Period { id, name: None, start, end });
    }
    ledger.places.push(Place::new("r", PlaceLevel::District, None));
    for (id, level, parent) in [
        ("c2", PlaceLevel::Community, "r"),
        ("c1", PlaceLevel::Community, "r"),
        ("g", PlaceLevel::Grid, "c2"),
    ] {
        let mut place = Place::new(id, level, Some(parent));
        place.x_m = random.below(100) as i64 - 50;
        place.y_m = random.below(100) as i64 - 50;
        ledger.places.push(place);
    }
    for (id, parent) in [("k", None), ("k1", Some("k")), ("k2", Some("k")), ("l", None)] {
        ledger.categories.push(Category::new(id, parent));
    }
    let places = ["r", "c1", "c2", "g"];
    for id in ["u", "v"] {
        let mut unit = Unit::new(id);
        unit.home = Some(random.of(&places).to_owned());
        ledger.units.push(unit);
    }
    let windows = [("z", "z"), ("z", "a"), ("z", "m"), ("a", "a"), ("a", "m"), ("m", "m")];
    for k in 0..4 {
        let mut offer = Offer::new(format!("o{}", 3 - k), random.of(&["u", "v"]), 5);
        offer.measure = Some(random.of(&["h", "h", "y"]).to_owned());
        offer.category = Some(random.of(&["k", "k1", "k2", "l"]).to_owned());
        offer.area = Some(random.of(&["r", "r", "c1", "c2", "g"]).to_owned());
        let (from, to) = windows[random.below(6) as usize];
        (offer.from, offer.to) = (Some(from.to_owned()), Some(to.to_owned()));
        offer.proficiency = 50 + random.below(3) as i64 * 25;
        if random.below(2) == 0 {
            offer.audiences =
                vec![random.of(&["resident", "all", "old"]).to_owned(), "x".to_owned()];
        }
        if random.below(2) == 0 {
            offer.shifts = vec![random.of(&["day", "night"]).to_owned()];
        }
        offer.radius_m = (random.below(2) == 0).then(|| random.below(150) as i64);
        ledger.offers.push(offer);

        let mut need = Need::new(format!("n{}", (k + 2) % 4), 5);
        need.measure = Some(random.of(&["h", "h", "y"]).to_owned());
        need.category = Some(random.of(&["k", "k1", "k2", "l"]).to_owned());
        need.place = Some(random.of(&places).to_owned());
        let (from, to) = windows[random.below(6) as usize];
        (need.from, need.to) = (Some(from.to_owned()), Some(to.to_owned()));
        need.min_proficiency = random.below(4) as i64 * 30;
        need.audience = random.of(&["resident", "all", "old"]).to_owned();
        need.shift = (random.below(3) == 0).then(|| random.of(&["day", "night"]).to_owned());
        need.owner = (random.below(2) == 0).then(|| random.of(&["u", "v"]).to_owned());
        ledger.needs.push(need);
    }
    ledger
}

/// Whether `low` is `high` or below it.
fn below(parent: impl Fn(&str) -> Option<String>, low: &str, high: &str) -> bool {
    let mut at = Some(low.to_owned());
    while let Some(id) = at {
        if id == high {
            return true;
        }
        at = parent(&id);
    }
    false
}

fn oracle(ledger: &Ledger, offer: &Offer, need: &Need) -> Option<Test> {
    let place = |id: &str| ledger.places.iter().find(|p| p.id == id).unwrap();
    let place_up = |id: &str| place(id).parent.clone();
    let category_up = |id: &str| {
        let found = ledger.categories.iter().find(|c| c.id == id).unwrap();
        found.parent.clone()
    };
    let day = |id: &Option<String>, end: bool| {
        let period = ledger.periods.iter().find(|p| Some(&p.id) == id.as_ref()).unwrap();
        if end { &period.end } else { &period.start }
    };
    let word = |text: &Option<String>| text.clone().unwrap();
    let (ours, theirs) = (word(&offer.category), word(&need.category));
    let there = word(&need.place);
    let unit = ledger.units.iter().find(|u| u.id == offer.unit).unwrap();
    let (home, at) = (place(&word(&unit.home)), place(&there));
    let metres = (home.x_m - at.x_m).abs() + (home.y_m - at.y_m).abs();
    let serves = |list: &[String], word: &String| list.is_empty() || list.contains(word);
    let tests = [
        (Test::Measure, offer.measure == need.measure),
        (Test::Category, below(category_up, &ours, &theirs) || below(category_up, &theirs, &ours)),
        (Test::Area, below(place_up, &there, &word(&offer.area))),
        (
            Test::Window,
            day(&offer.from, false) <= day(&need.to, true)
                && day(&need.from, false) <= day(&offer.to, true),
        ),
        (
            Test::AudienceOrShift,
            serves(&offer.audiences, &need.audience)
                && need.shift.as_ref().is_none_or(|shift| serves(&offer.shifts, shift)),
        ),
        (Test::Proficiency, offer.proficiency >= need.min_proficiency),
        (Test::OwnNeed, need.owner.as_ref() != Some(&offer.unit)),
        (Test::Radius, offer.radius_m.is_none_or(|radius| metres <= radius)),
    ];
    tests.into_iter().find(|(_, passed)| !passed).map(|(test, _)| test)
}

#[test]
fn the_funnel_is_the_text_of_the_format() {
    let mut random = Random(5);
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..1500 {
        let ledger = ledger(&mut random);
        let valid = validate(ledger.clone()).unwrap();
        for (o, offer) in valid.ledger().offers.iter().enumerate() {
            for (n, need) in valid.ledger().needs.iter().enumerate() {
                let given = ledger.offers.iter().find(|x| x.id == offer.id).unwrap();
                let asked = ledger.needs.iter().find(|x| x.id == need.id).unwrap();
                let wanted = oracle(&ledger, given, asked);
                assert_eq!(first_failed_test(&valid, o as u32, n as u32), wanted);
                *seen.entry(wanted).or_insert(0) += 1;
            }
        }
    }
    // All eight tests and the arcs themselves came up.
    assert_eq!(seen.len(), 9);
    assert!(seen.values().all(|&count| count > 50), "{seen:?}");
}
