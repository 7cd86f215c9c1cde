//! What the checks of single lists share: indices, trees, calendar, free words.
//!
//! In: the ledger with its absent lists filled in. Out: [`Context`]. Must not know
//! the rules of the lists that are not trees or periods.

use std::collections::HashMap;

use super::index::{Implied, Index};
use super::periods::Calendar;
use super::report::{At, Report};
use super::tables::TreeNode;
use super::trees;
use crate::error::Code;
use crate::ledger::{Category, Ledger, Measure, Period, Place, PlaceLevel};

/// Coordinates lie within this many metres of the origin.
pub(super) const MAX_METRES: i64 = 10_000_000;

/// Gives every list that may be absent its one record.
pub(super) fn fill_absent_lists(ledger: &mut Ledger) {
    if ledger.measures.is_empty() {
        ledger.measures.push(Measure::new("unit"));
    }
    if ledger.periods.is_empty() {
        ledger.periods.push(Period {
            id: "all".to_owned(),
            name: None,
            start: "0001-01-01".to_owned(),
            end: "9999-12-31".to_owned(),
        });
    }
    if ledger.places.is_empty() {
        ledger.places.push(Place::new("all", PlaceLevel::District, None));
    }
    if ledger.categories.is_empty() {
        ledger.categories.push(Category::new("any", None));
    }
}

/// Shared facts; positions are canonical throughout.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub ledger: &'a Ledger,
    pub index: Index<'a>,
    pub calendar: Calendar,
    pub places: Vec<TreeNode>,
    pub categories: Vec<TreeNode>,
    /// What an absent home, area or place means.
    pub root: Implied,
    /// What an absent category means.
    pub category: Implied,
    /// What an absent measure means.
    pub measure: Implied,
}

impl<'a> Context<'a> {
    /// Indexes `ledger` and checks measures, periods, places and categories.
    pub fn build(ledger: &'a Ledger, report: &mut Report) -> Self {
        let index = Index::build(ledger, report);
        let calendar = Calendar::build(&ledger.periods, &index.periods, report);
        let parents = |k: usize| ledger.places[k].parent.as_deref();
        let (places, root) = trees::build(&index.places, parents, report);
        let parents = |k: usize| ledger.categories[k].parent.as_deref();
        let (categories, _) = trees::build(&index.categories, parents, report);
        check_places(ledger, &index, &places, report);
        let only = |count: usize| match count {
            1 => Implied::Only(0),
            several => Implied::Several(several),
        };
        Context {
            ledger,
            calendar,
            places,
            categories,
            root,
            category: only(ledger.categories.len()),
            measure: only(ledger.measures.len()),
            index,
        }
    }
}

/// Ranges of places, and a parent's level above its child's.
fn check_places(ledger: &Ledger, index: &Index<'_>, nodes: &[TreeNode], report: &mut Report) {
    let order = &index.places.order;
    for (node, &caller) in nodes.iter().zip(order) {
        let at = At::new("places", caller as usize);
        let place = &ledger.places[caller as usize];
        report.range(place.x_m, -MAX_METRES, MAX_METRES, at, "x_m");
        report.range(place.y_m, -MAX_METRES, MAX_METRES, at, "y_m");
        for (count, field) in
            [(place.population, "population"), (place.floating_population, "floating_population")]
        {
            if let Some(count) = count {
                report.at_least_zero(count, at, field);
            }
        }
        let Some(&above) = order.get(node.parent as usize) else {
            continue;
        };
        let parent = &ledger.places[above as usize];
        if !stands_below(place.level, parent.level) {
            report.push_related(
                Code::FieldInvalid,
                at.field("level"),
                format!(
                    "level {} does not stand below its parent's level {}",
                    place.level.as_str(),
                    parent.level.as_str()
                ),
                [At::new("places", above as usize).field("level")],
            );
        }
    }
}

/// Whether a place of level `child` may hang under one of level `parent`.
///
/// Levels fall strictly, with one exception: a service point is a spot, not an area,
/// and the ledgers in use keep some of them under the grid in which they stand.
fn stands_below(child: PlaceLevel, parent: PlaceLevel) -> bool {
    let in_a_grid = matches!(parent, PlaceLevel::Grid | PlaceLevel::MicroGrid);
    parent < child || (child == PlaceLevel::ServicePoint && in_a_grid)
}

/// Free words, numbered as they come and renumbered in alphabetical order.
#[derive(Debug, Default)]
pub(super) struct Words<'a> {
    at: HashMap<&'a str, u32>,
    words: Vec<&'a str>,
}

impl<'a> Words<'a> {
    /// Provisional number of `word`.
    pub fn number(&mut self, word: &'a str) -> u32 {
        let next = self.words.len() as u32;
        let words = &mut self.words;
        *self.at.entry(word).or_insert_with(|| {
            words.push(word);
            next
        })
    }

    /// The words ascending, and the final number by provisional number.
    pub fn finish(self) -> (Vec<String>, Vec<u32>) {
        let mut order: Vec<u32> = (0..).take(self.words.len()).collect();
        order.sort_by_key(|&k| self.words[k as usize]);
        let mut last = vec![0_u32; order.len()];
        for (number, &provisional) in (0..).zip(&order) {
            last[provisional as usize] = number;
        }
        let words = order.iter().map(|&k| self.words[k as usize].to_owned()).collect();
        (words, last)
    }
}
