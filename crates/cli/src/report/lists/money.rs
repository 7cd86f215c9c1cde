//! The funding list as a sheet.
//!
//! In: the library's rows. Out: a sheet, one row a payment or cost. Must not add up.

use concentric_matcher::plan::lists::{FundingRow, FundingState, funding};

use super::Basis;
use super::sheet::{Cell, Section, Sheet, named, number, text};
use crate::report::number::grouped;
use crate::words::fill;

/// One section a bundle, and one for the fixed costs.
pub fn funds(basis: &Basis<'_>) -> Sheet {
    let words = basis.words;
    let list = funding(basis.valid, basis.plan);
    let ledger = basis.valid.ledger();
    let mut sections: Vec<Section> = Vec::new();
    for row in &list.rows {
        let key = vec![row.bundle.as_deref().map_or(Cell::Empty, |id| {
            let found = ledger.bundles.iter().find(|b| b.id == id);
            let name = found.and_then(|b| b.name.clone()).unwrap_or_else(|| id.to_owned());
            Cell::Named(id.to_owned(), name)
        })];
        let rows = need_rows(basis, row);
        match sections.last_mut().filter(|last| last.key == key) {
            Some(last) => last.rows.extend(rows),
            None => sections.push(Section { key, rows, note: None }),
        }
    }
    if !list.fixed.is_empty() {
        let rows = list.fixed.iter().map(|fixed| {
            let name = match fixed.list {
                "units" => basis.unit(&fixed.id),
                _ => Cell::Named(fixed.id.clone(), fixed.id.clone()),
            };
            let mut row = vec![Cell::Empty; 9];
            (row[3], row[6]) = (name, Cell::number(fixed.cost));
            row
        });
        let key = vec![Cell::Named(words.fixed_costs.to_owned(), words.fixed_costs.to_owned())];
        sections.push(Section { key, rows: rows.collect(), note: None });
    }
    let sums = [
        ("given", &*grouped(list.given)),
        ("spent", &*grouped(list.spent.0)),
        ("currency", &*ledger.currency),
    ];
    Sheet {
        title: words.r_funding.to_owned(),
        lead: vec![fill(words.r_funding_lead, &sums)],
        keys: vec![named(words.c_bundle)],
        columns: vec![
            text(words.c_need),
            named(words.c_place),
            named(words.c_category),
            named(words.c_unit),
            text(words.c_offer),
            number(words.c_given),
            number(words.c_cost),
            number(words.c_asked),
            text(words.c_status),
        ],
        sections,
    }
}

fn need_rows(basis: &Basis<'_>, row: &FundingRow) -> Vec<Vec<Cell>> {
    let words = basis.words;
    let state = match row.state {
        Some(FundingState::Full) => Cell::text(words.c_met),
        Some(FundingState::Part) => Cell::text(words.c_partial),
        Some(FundingState::None) => Cell::text(words.c_unmet),
        None => Cell::Empty,
    };
    let asked = if row.state.is_some() { Cell::number(row.asked) } else { Cell::Empty };
    let line = |unit: Cell, offer: &str, given: i64, cost: i128| {
        vec![
            Cell::text(&row.need),
            basis.place(&row.place),
            basis.category(&row.category),
            unit,
            Cell::text(offer),
            Cell::number(given),
            Cell::Number(cost),
            asked.clone(),
            state.clone(),
        ]
    };
    if row.lines.is_empty() {
        return vec![line(Cell::Empty, "", 0, 0)];
    }
    let each = row.lines.iter();
    each.map(|l| line(basis.unit(&l.unit), &l.offer, l.given, l.cost.0)).collect()
}
