//! The canonical ledger: records sorted, defaults filled in, rows beside their records.
//!
//! In: the ledger, its resolved rows in the caller's order, and the orders. Out: a
//! [`ValidLedger`] and the way back to the caller's positions. Must not judge: it
//! runs on broken ledgers too (with [`NONE`] where a reference is broken), so that
//! the checks that need the whole picture can add to the list of issues.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::tables::{AgreementRow, NONE, NeedRow, OfferRow, PairRow, TreeNode, ValidLedger};
use crate::ledger::{Counts, DemandSelector, Goal, Ledger, OneOrMany, PlaceLevel, SupplySelector};

/// `orders.needs[canonical] = caller`, for every list that is sorted.
#[derive(Debug)]
pub(super) struct Orders {
    pub measures: Vec<u32>,
    pub periods: Vec<u32>,
    pub places: Vec<u32>,
    pub categories: Vec<u32>,
    pub units: Vec<u32>,
    pub offers: Vec<u32>,
    pub needs: Vec<u32>,
    pub bundles: Vec<u32>,
    pub pairs: Vec<u32>,
    pub limits: Vec<u32>,
    pub agreements: Vec<u32>,
    pub claims: Vec<u32>,
    pub projects: Vec<u32>,
    pub evaluations: Vec<u32>,
    pub scenarios: Vec<u32>,
}

/// Resolved rows in the caller's order; trees by canonical position.
#[derive(Debug)]
pub(super) struct Rows {
    pub places: Vec<TreeNode>,
    pub categories: Vec<TreeNode>,
    pub unit_home: Vec<u32>,
    pub offers: Vec<OfferRow>,
    pub needs: Vec<NeedRow>,
    pub pairs: Vec<Option<PairRow>>,
    pub agreements: Vec<AgreementRow>,
    pub claims: Vec<(u32, u32)>,
    pub projects: Vec<(u32, u32)>,
    pub audiences: (Vec<String>, Vec<u32>),
    pub shifts: (Vec<String>, Vec<u32>),
}

/// Puts `items` into `order` (`order[new] = old`), by following the cycles of the
/// permutation: O(n) swaps, one bit of memory per item.
fn arrange<T>(items: &mut [T], order: &[u32]) {
    let mut placed = vec![false; items.len()];
    for start in 0..items.len() {
        if placed[start] {
            continue;
        }
        let mut at = start;
        loop {
            placed[at] = true;
            let from = order[at] as usize;
            if from == start {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

fn sort_words(words: &mut Vec<String>) {
    words.sort_unstable();
    words.dedup();
}

/// Sorts and fills everything.
pub(super) fn assemble(mut ledger: Ledger, mut rows: Rows, orders: &Orders) -> ValidLedger {
    macro_rules! arrange_all {
        ($target:expr, $($list:ident),*) => { $(arrange(&mut $target.$list, &orders.$list);)* };
    }
    arrange_all!(
        ledger,
        measures,
        periods,
        places,
        categories,
        units,
        offers,
        needs,
        bundles,
        pairs,
        limits,
        agreements,
        claims,
        projects,
        evaluations,
        scenarios
    );
    arrange_all!(rows, offers, needs, pairs, agreements, claims, projects);
    arrange(&mut rows.unit_home, &orders.units);
    let (audiences, audience_number) = rows.audiences;
    let (shifts, shift_number) = rows.shifts;
    for row in &mut rows.offers {
        renumber(&mut row.audiences, &audience_number);
        renumber(&mut row.shifts, &shift_number);
    }
    for row in &mut rows.needs {
        row.audience = audience_number[row.audience as usize];
        if row.shift != NONE {
            row.shift = shift_number[row.shift as usize];
        }
    }
    fill_supply(&mut ledger, &rows.unit_home, &rows.offers);
    fill_demand(&mut ledger, &rows.needs);
    fill_policy(&mut ledger);
    fill_rest(&mut ledger, &rows.agreements);
    ValidLedger {
        ledger,
        notices: Vec::new(),
        places: rows.places,
        categories: rows.categories,
        unit_home: rows.unit_home,
        offers: rows.offers,
        needs: rows.needs,
        // Broken rows only occur beside an issue, and sort to the end.
        pairs: rows.pairs.into_iter().map_while(|row| row).collect(),
        agreements: rows.agreements,
        claims: rows.claims,
        projects: rows.projects,
        audiences,
        shifts,
        baseline: None,
        digest: OnceLock::new(),
    }
}

fn renumber(words: &mut Box<[u32]>, number: &[u32]) {
    let mut list: Vec<u32> = words.iter().map(|&word| number[word as usize]).collect();
    list.sort_unstable();
    list.dedup();
    *words = list.into_boxed_slice();
}

/// Writes the id of `records[position]` into an empty reference.
macro_rules! fill {
    ($field:expr, $records:expr, $position:expr) => {
        if $field.is_none() {
            $field = $records.get($position as usize).map(|record| record.id.clone());
        }
    };
}

fn fill_supply(ledger: &mut Ledger, homes: &[u32], rows: &[OfferRow]) {
    for (unit, &home) in ledger.units.iter_mut().zip(homes) {
        fill!(unit.home, ledger.places, home);
        sort_words(&mut unit.tags);
    }
    for (offer, row) in ledger.offers.iter_mut().zip(rows) {
        fill!(offer.category, ledger.categories, row.category);
        fill!(offer.measure, ledger.measures, row.measure);
        fill!(offer.area, ledger.places, row.area);
        fill!(offer.from, ledger.periods, row.from);
        fill!(offer.to, ledger.periods, row.to);
        if offer.level.is_none() {
            offer.level = ledger.places.get(row.area as usize).map(|place| place.level);
        }
        sort_words(&mut offer.audiences);
        sort_words(&mut offer.shifts);
        sort_words(&mut offer.tags);
    }
}

fn fill_demand(ledger: &mut Ledger, rows: &[NeedRow]) {
    for (need, row) in ledger.needs.iter_mut().zip(rows) {
        fill!(need.place, ledger.places, row.place);
        fill!(need.category, ledger.categories, row.category);
        fill!(need.measure, ledger.measures, row.measure);
        fill!(need.from, ledger.periods, row.from);
        fill!(need.to, ledger.periods, row.to);
        sort_words(&mut need.tags);
    }
}

fn fill_policy(ledger: &mut Ledger) {
    for limit in &mut ledger.limits {
        sort_supply(&mut limit.supply);
        sort_demand(&mut limit.demand);
        if limit.counts == Counts::Pairs && limit.pair_level.is_none() {
            limit.pair_level = Some(PlaceLevel::Community);
        }
    }
    if ledger.goals.is_empty() {
        ledger.goals = Goal::default_order();
    }
    for goal in &mut ledger.goals {
        sort_demand(&mut goal.filter);
    }
}

fn fill_rest(ledger: &mut Ledger, agreements: &[AgreementRow]) {
    for place in &mut ledger.places {
        sort_words(&mut place.tags);
    }
    for category in &mut ledger.categories {
        sort_words(&mut category.tags);
    }
    for (agreement, row) in ledger.agreements.iter_mut().zip(agreements) {
        fill!(agreement.from, ledger.periods, row.from);
        fill!(agreement.to, ledger.periods, row.to);
        sort_words(&mut agreement.tags);
    }
    for claim in &mut ledger.claims {
        sort_words(&mut claim.tags);
    }
    for project in &mut ledger.projects {
        sort_words(&mut project.tags);
    }
    for evaluation in &mut ledger.evaluations {
        sort_words(&mut evaluation.tags);
    }
    for delta in ledger.scenarios.iter_mut().flat_map(|scenario| &mut scenario.deltas) {
        if let Some(filter) = delta.filter.take() {
            delta.filter = Some(sort_keys(filter));
        }
        if let Some(value) = delta.value.take() {
            delta.value = Some(sort_value(value));
        }
    }
}

/// Objects with their keys ascending. Whether the JSON library keeps the order of
/// insertion is decided by the features of the whole build, so it is settled here.
/// The depth of a value that came from a file is bounded by the reader.
fn sort_value(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(sort_keys(map)),
        Value::Array(items) => Value::Array(items.into_iter().map(sort_value).collect()),
        other => other,
    }
}

fn sort_keys(map: Map<String, Value>) -> Map<String, Value> {
    let mut entries: Vec<(String, Value)> = map.into_iter().collect();
    entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    entries.into_iter().map(|(key, value)| (key, sort_value(value))).collect()
}

/// One spelling for one selection: sorted, without repetition, a single word bare.
fn sort_selection(words: &mut Option<OneOrMany>) {
    let Some(OneOrMany::Many(many)) = words else {
        return;
    };
    sort_words(many);
    if let [_] = many.as_slice() {
        *words = many.pop().map(OneOrMany::One);
    }
}

fn sort_supply(selector: &mut SupplySelector) {
    let SupplySelector { unit, unit_kind, unit_group, unit_tag, offer } = selector;
    for words in [unit, unit_kind, unit_group, unit_tag, offer] {
        sort_selection(words);
    }
}

fn sort_demand(selector: &mut DemandSelector) {
    let DemandSelector { need, kind, category, place, place_tag, measure, audience, period } =
        selector;
    for words in [need, kind, category, place, place_tag, measure, audience, period] {
        sort_selection(words);
    }
}

#[cfg(test)]
mod tests {
    use super::arrange;

    #[test]
    fn arranging_is_the_permutation() {
        let items: Vec<char> = "abcdefg".chars().collect();
        for order in [
            [0, 1, 2, 3, 4, 5, 6],
            [6, 5, 4, 3, 2, 1, 0],
            [1, 2, 0, 4, 3, 5, 6],
            [3, 0, 6, 1, 2, 5, 4],
        ] {
            let wanted: Vec<char> = order.iter().map(|&k| items[k as usize]).collect();
            let mut got = items.clone();
            arrange(&mut got, &order);
            assert_eq!(got, wanted);
        }
    }
}
