//! What is solved at which level, and coverage by category and kind, and by place.
//!
//! In: ledger and plan. Out: sums by the provider's level, and by category and kind of
//! the needs. Must not weigh: amounts stay in their measure; only the share of a cell is
//! weighted by priority, as in the plan's own coverage.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Given, covered, given, top_two};
use crate::ledger::{NeedKind, PlaceLevel};
use crate::plan::coverage::Sum;
use crate::plan::{CoverageRow, Plan};
use crate::quantity::PPM;
use crate::validate::{NONE, ValidLedger};

/// What providers of one level cover of the needs of one category subtree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LevelShare {
    /// A root of the category tree, or a child of a root.
    pub category: String,
    /// Its parent; none for a root. Rows of roots count everything once.
    pub parent: Option<String>,
    /// Measure of the amounts.
    pub measure: String,
    /// Level of the offers; none for what nobody covers.
    pub level: Option<PlaceLevel>,
    /// What offers of that level cover (or what is short).
    pub amount: i64,
    /// What all needs of the subtree ask for.
    pub asked: i64,
    /// `amount / asked` in parts per million, rounded down.
    pub of_asked_ppm: i64,
    /// `amount` over what is covered in all, in parts per million, rounded down; 0 for
    /// what is short.
    pub of_covered_ppm: i64,
}

/// Coverage of the needs of one category and kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CoverageCell {
    /// Category of the needs, without its subtree.
    pub category: String,
    /// Kind of the needs.
    pub kind: NeedKind,
    /// The sums; `id` repeats the category.
    pub sums: CoverageRow,
}

fn ppm(part: i64, whole: i64) -> i64 {
    let share = i128::from(part) * i128::from(PPM) / i128::from(whole.max(1));
    i64::try_from(share).unwrap_or(PPM)
}

/// The share of each level for every root category and every child of one: rows of a
/// root in tree order, then those of its children; within a category by measure and from
/// the lowest level up, what is short last.
///
/// O(needs + assignments (log records + depth of the categories)).
pub fn level_shares(valid: &ValidLedger, plan: &Plan) -> Vec<LevelShare> {
    #[derive(Default)]
    struct Cell {
        asked: i64,
        covered: i64,
        levels: BTreeMap<PlaceLevel, i64>,
    }
    let ledger = valid.ledger();
    let tree = valid.categories();
    let enter = |c: u32| tree[c as usize].enter;
    // (preorder number, category, measure), so that a parent stands before its children.
    let keys = |n: u32| {
        let need = &valid.needs()[n as usize];
        let (root, below) = top_two(tree, need.category);
        [Some(root), below].into_iter().flatten().map(move |c| (enter(c), c, need.measure))
    };
    let mut cells: BTreeMap<(u32, u32, u32), Cell> = BTreeMap::new();
    for (n, need) in ledger.needs.iter().enumerate() {
        for key in keys(n as u32) {
            cells.entry(key).or_default().asked += need.quantity;
        }
    }
    for Given { n, offer, quantity, .. } in given(valid, plan) {
        let level = offer.level.unwrap_or(PlaceLevel::District);
        for key in keys(n) {
            let cell = cells.entry(key).or_default();
            cell.covered += quantity;
            *cell.levels.entry(level).or_default() += quantity;
        }
    }
    let mut rows = Vec::new();
    for ((_, category, measure), cell) in cells {
        let record = &ledger.categories[category as usize];
        let row = |level: Option<PlaceLevel>, amount: i64| LevelShare {
            category: record.id.clone(),
            parent: record.parent.clone(),
            measure: ledger.measures[measure as usize].id.clone(),
            level,
            amount,
            asked: cell.asked,
            of_asked_ppm: ppm(amount, cell.asked),
            of_covered_ppm: if level.is_some() { ppm(amount, cell.covered) } else { 0 },
        };
        // The lowest level, nearest to the people, is the last of the format's order.
        rows.extend(cell.levels.iter().rev().map(|(&level, &amount)| row(Some(level), amount)));
        if cell.covered < cell.asked {
            rows.push(row(None, cell.asked - cell.covered));
        }
    }
    rows
}

/// Coverage of every category and kind that has needs, in tree order, hot spots first.
pub fn category_coverage(valid: &ValidLedger, plan: &Plan) -> Vec<CoverageCell> {
    let ledger = valid.ledger();
    let covered = covered(valid, &given(valid, plan));
    let mut cells: BTreeMap<(u32, bool, u32), Sum> = BTreeMap::new();
    for ((need, row), covered) in ledger.needs.iter().zip(valid.needs()).zip(covered) {
        let enter = valid.categories()[row.category as usize].enter;
        let cell = cells.entry((enter, need.kind == NeedKind::General, row.category)).or_default();
        cell.add(need.quantity, covered, need.priority, row.measure);
    }
    let each = cells.into_iter();
    each.map(|((_, general, category), sum)| {
        let id = &ledger.categories[category as usize].id;
        CoverageCell {
            category: id.clone(),
            kind: if general { NeedKind::General } else { NeedKind::HotSpot },
            sums: sum.row(id, &ledger.measures),
        }
    })
    .collect()
}

/// Coverage of every place that has needs in its subtree, in tree order.
///
/// O(needs * depth of the place tree).
pub fn place_coverage(valid: &ValidLedger, plan: &Plan) -> Vec<CoverageRow> {
    let ledger = valid.ledger();
    let covered = covered(valid, &given(valid, plan));
    let mut sums: BTreeMap<(u32, u32), Sum> = BTreeMap::new();
    for ((need, row), covered) in ledger.needs.iter().zip(valid.needs()).zip(covered) {
        let mut place = row.place;
        while place != NONE {
            let node = &valid.places()[place as usize];
            let sum = sums.entry((node.enter, place)).or_default();
            sum.add(need.quantity, covered, need.priority, row.measure);
            place = node.parent;
        }
    }
    let each = sums.into_iter();
    each.map(|((_, place), sum)| sum.row(&ledger.places[place as usize].id, &ledger.measures))
        .collect()
}
