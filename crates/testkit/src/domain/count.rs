//! How many arcs a city has, without making them.
//!
//! In: a ledger whose arcs depend on category and area alone. Out: their number. Must
//! not know how the city was drawn.

use std::collections::BTreeMap;

use concentric_matcher::ledger::Ledger;

/// Number of derived arcs of a ledger in which only category (equal) and area (the
/// need's place or an ancestor of it) decide, as in [`ledger`](super::ledger).
///
/// # Complexity
/// O((needs * depth + offers) log n).
pub fn arc_count(ledger: &Ledger) -> u64 {
    let parents: BTreeMap<&str, Option<&str>> =
        ledger.places.iter().map(|p| (p.id.as_str(), p.parent.as_deref())).collect();
    let mut asked: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for need in &ledger.needs {
        let mut place = need.place.as_deref();
        while let Some(at) = place {
            *asked.entry((at, need.category.as_deref().unwrap_or(""))).or_default() += 1;
            place = parents.get(at).copied().flatten();
        }
    }
    let reached = |area: &str, category: &str| asked.get(&(area, category)).copied().unwrap_or(0);
    ledger
        .offers
        .iter()
        .map(|o| {
            let category = o.category.as_deref().unwrap_or("");
            o.area.as_deref().map_or(0, |area| reached(area, category))
        })
        .sum()
}
