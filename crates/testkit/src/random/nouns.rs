//! Places, categories, units, offers and needs of a random ledger.
//!
//! In: choices. Out: a ledger without pairs, limits, goals. Must not know which
//! arcs come out of it.

use concentric_matcher::ledger::{
    ArcMode, Category, Ledger, Measure, Need, NeedKind, Offer, Period, Place, PlaceLevel, Unit,
};

use super::Profile;
use crate::rng::Rng;

/// Kinds of units with their groups: a kind lies in one group, so that limits on
/// kinds and groups nest.
pub(super) const KINDS: [(&str, &str); 3] =
    [("bank", "east"), ("school", "east"), ("pool", "west")];

/// Ids `prefix0..`, in random order so that order of ids and of drawing differ.
fn ids(rng: &mut Rng, prefix: &str, count: i64) -> Vec<String> {
    let mut ids: Vec<String> = (0..count).map(|k| format!("{prefix}{k}")).collect();
    rng.shuffle(&mut ids);
    ids
}

/// A count up to `most`, mostly in the upper half.
fn many(rng: &mut Rng, most: i64) -> i64 {
    let least = if rng.chance(75) { (most + 2) / 2 } else { 1 };
    rng.range(least, most)
}

/// `Some` of one of the items, or `None` in `percent` of 100 cases.
fn maybe(rng: &mut Rng, percent: i64, items: &[String]) -> Option<String> {
    if items.is_empty() || rng.chance(percent) { None } else { Some(rng.pick(items).clone()) }
}

/// Draws the nouns.
pub(super) fn ledger(rng: &mut Rng, profile: &Profile) -> Ledger {
    let mut ledger = Ledger::new();
    ledger.id = Some("random".to_owned());
    if profile.explicit && rng.chance(15) {
        ledger.arcs = ArcMode::Explicit;
    }
    // Filters multiply: with all of them at work hardly an arc is left, so most
    // ledgers have few.
    let strict = rng.chance(30);
    let measures = if strict { rng.range(1, 2) } else { rng.range(0, 8) / 4 };
    ledger.measures = ids(rng, "m", measures).into_iter().map(Measure::new).collect();
    periods(rng, &mut ledger);
    places(rng, &mut ledger);
    categories(rng, &mut ledger, strict);
    units(rng, &mut ledger, profile);
    offers(rng, &mut ledger, profile, strict);
    needs(rng, &mut ledger, profile, strict);
    ledger
}

fn periods(rng: &mut Rng, ledger: &mut Ledger) {
    let count = rng.range(0, 3);
    for (k, id) in ids(rng, "t", count).into_iter().enumerate() {
        ledger.periods.push(Period {
            id,
            name: None,
            start: format!("2026-{:02}-01", 3 * k + 1),
            end: format!("2026-{:02}-28", 3 * k + 3),
        });
    }
}

/// One to six places; each hangs below an earlier one that is not a micro grid, or is
/// a second root.
fn places(rng: &mut Rng, ledger: &mut Ledger) {
    let count = rng.range(1, 6);
    let mut levels: Vec<usize> = Vec::new();
    for (k, id) in ids(rng, "a", count).into_iter().enumerate() {
        let above: Vec<usize> = (0..k).filter(|&p| levels[p] < 7).collect();
        let root = above.is_empty() || (k == 1 && rng.chance(10));
        let (level, parent) = if root {
            (rng.range(0, 2) as usize, None)
        } else {
            let p = *rng.pick(&above);
            // The next level or the one after: enough depth, and shared levels.
            let level = (levels[p] + rng.range(1, 2) as usize).min(7);
            (level, Some(ledger.places[p].id.clone()))
        };
        let mut place = Place::new(id, PlaceLevel::ALL[level], parent.as_deref());
        place.x_m = rng.range(-9, 9);
        place.y_m = rng.range(-9, 9);
        if rng.chance(30) {
            place.tags.push("weak".to_owned());
        }
        levels.push(level);
        ledger.places.push(place);
    }
}

fn categories(rng: &mut Rng, ledger: &mut Ledger, strict: bool) {
    let count = if strict { rng.range(1, 3) } else { *rng.pick(&[1, 1, 2, 3]) };
    let roots = if strict { 30 } else { 10 };
    for id in ids(rng, "c", count) {
        let known: Vec<String> = ledger.categories.iter().map(|c| c.id.clone()).collect();
        let parent = maybe(rng, roots, &known);
        ledger.categories.push(Category::new(id, parent.as_deref()));
    }
}

fn units(rng: &mut Rng, ledger: &mut Ledger, profile: &Profile) {
    let places: Vec<String> = ledger.places.iter().map(|p| p.id.clone()).collect();
    let count = rng.range(1, profile.max_units);
    for id in ids(rng, "u", count) {
        let mut unit = Unit::new(id);
        let (kind, group) = *rng.pick(&KINDS);
        unit.kind = kind.to_owned();
        unit.group = Some(group.to_owned());
        unit.home = Some(rng.pick(&places).clone());
        if rng.chance(30) {
            unit.tags.push("young".to_owned());
        }
        ledger.units.push(unit);
    }
    if one_root(ledger) && rng.chance(20) {
        ledger.units[0].home = None;
    }
}

fn one_root(ledger: &Ledger) -> bool {
    ledger.places.iter().filter(|p| p.parent.is_none()).count() == 1
}

/// A random window over the periods, ends in order, each end sometimes left out.
fn window(rng: &mut Rng, ledger: &Ledger, strict: bool) -> (Option<String>, Option<String>) {
    if ledger.periods.is_empty() || (!strict && rng.chance(75)) {
        return (None, None);
    }
    let a = rng.below(ledger.periods.len());
    let b = rng.range(a as i64, ledger.periods.len() as i64 - 1) as usize;
    let from = (a > 0 || rng.chance(50)).then(|| ledger.periods[a].id.clone());
    let open = b + 1 == ledger.periods.len() && rng.chance(50);
    (from, (!open).then(|| ledger.periods[b].id.clone()))
}

/// A category or measure, left out only where there is no choice.
fn reference(rng: &mut Rng, ids: &[String]) -> Option<String> {
    match ids {
        [] => None,
        [_] => maybe(rng, 50, ids),
        _ => maybe(rng, 0, ids),
    }
}

fn offers(rng: &mut Rng, ledger: &mut Ledger, profile: &Profile, strict: bool) {
    let filter = |percent: i64| if strict { percent } else { percent / 4 };
    let places: Vec<String> = ledger.places.iter().map(|p| p.id.clone()).collect();
    let roots: Vec<String> =
        ledger.places.iter().filter(|p| p.parent.is_none()).map(|p| p.id.clone()).collect();
    let categories: Vec<String> = ledger.categories.iter().map(|c| c.id.clone()).collect();
    let measures: Vec<String> = ledger.measures.iter().map(|m| m.id.clone()).collect();
    let count = many(rng, profile.max_offers);
    for id in ids(rng, "o", count) {
        let unit = rng.pick(&ledger.units).id.clone();
        let least = i64::from(!rng.chance(filter(40)));
        let mut offer = Offer::new(id, unit, rng.range(least, profile.max_quantity));
        offer.category = reference(rng, &categories);
        offer.measure = reference(rng, &measures);
        offer.area = match (roots.len(), !rng.chance(filter(60))) {
            (1, true) => maybe(rng, 50, &roots),
            (_, true) => Some(rng.pick(&roots).clone()),
            (_, false) => Some(rng.pick(&places).clone()),
        };
        offer.level = rng.chance(30).then(|| *rng.pick(&PlaceLevel::ALL));
        offer.proficiency = 20 * rng.range(1, 5);
        offer.unit_cost = rng.range(0, 3);
        if rng.chance(filter(25)) {
            offer.audiences = vec![rng.pick(&["resident", "tourist", "all"]).to_string()];
        }
        if rng.chance(filter(25)) {
            offer.shifts = vec![rng.pick(&["day", "night"]).to_string()];
        }
        (offer.from, offer.to) = window(rng, ledger, strict);
        offer.radius_m = rng.chance(filter(30)).then(|| rng.range(0, 20));
        ledger.offers.push(offer);
    }
}

fn needs(rng: &mut Rng, ledger: &mut Ledger, profile: &Profile, strict: bool) {
    let filter = |percent: i64| if strict { percent } else { percent / 4 };
    let places: Vec<String> = ledger.places.iter().map(|p| p.id.clone()).collect();
    let categories: Vec<String> = ledger.categories.iter().map(|c| c.id.clone()).collect();
    let measures: Vec<String> = ledger.measures.iter().map(|m| m.id.clone()).collect();
    let count = many(rng, profile.max_needs);
    for id in ids(rng, "n", count) {
        let mut need = Need::new(id, rng.range(1, profile.max_quantity));
        need.place = if one_root(ledger) {
            maybe(rng, 10, &places)
        } else {
            Some(rng.pick(&places).clone())
        };
        need.category = reference(rng, &categories);
        need.measure = reference(rng, &measures);
        if rng.chance(40) {
            need.kind = NeedKind::HotSpot;
        }
        need.priority = rng.range(1, 5);
        if rng.chance(filter(15)) {
            need.owner = Some(rng.pick(&ledger.units).id.clone());
        }
        if rng.chance(filter(20)) {
            need.min_proficiency = 20 * rng.range(1, 5);
        }
        if rng.chance(filter(25)) {
            need.audience = rng.pick(&["tourist", "all"]).to_string();
        }
        if rng.chance(filter(20)) {
            need.shift = Some(rng.pick(&["day", "night"]).to_string());
        }
        (need.from, need.to) = window(rng, ledger, strict);
        ledger.needs.push(need);
    }
}
