//! Shares by level, and coverage by category and kind and by place, as sheets.
//!
//! In: the library's rows. Out: sheets. Must not add up.

use concentric_matcher::ledger::NeedKind;
use concentric_matcher::plan::CoverageRow;
use concentric_matcher::plan::lists::{category_coverage, level_shares, place_coverage};

use super::Basis;
use super::sheet::{Cell, Column, Section, Sheet, named, number, text};
use crate::report::reasons::place_level;

/// One section a category: roots and their children.
pub fn levels(basis: &Basis<'_>) -> Sheet {
    let words = basis.words;
    let mut sections: Vec<Section> = Vec::new();
    for share in level_shares(basis.valid, basis.plan) {
        let key = vec![basis.category(&share.category)];
        let level = share.level.map_or(words.nobody, |level| place_level(words, level.as_str()));
        let covered =
            if share.level.is_some() { Cell::Share(share.of_covered_ppm) } else { Cell::Empty };
        let row = vec![
            Cell::text(level),
            Cell::number(share.amount),
            basis.measure(&share.measure),
            Cell::Share(share.of_asked_ppm),
            covered,
            Cell::number(share.asked),
        ];
        match sections.last_mut().filter(|last| last.key == key) {
            Some(last) => last.rows.push(row),
            None => sections.push(Section { key, rows: vec![row], note: None }),
        }
    }
    Sheet {
        title: words.r_levels.to_owned(),
        lead: vec![words.r_levels_lead.to_owned()],
        keys: vec![named(words.c_category)],
        columns: vec![
            text(words.c_place_level),
            number(words.c_quantity),
            named(words.c_measure),
            number(words.c_of_asked),
            number(words.c_of_covered),
            number(words.c_asked),
        ],
        sections,
    }
}

/// One row for each category, kind and measure; the counts stand in the first of them.
pub fn categories(basis: &Basis<'_>) -> Sheet {
    let words = basis.words;
    let mut rows = Vec::new();
    for cell in category_coverage(basis.valid, basis.plan) {
        let kind = match cell.kind {
            NeedKind::HotSpot => words.kind_hot_spot,
            NeedKind::General => words.kind_general,
        };
        let key = [basis.category(&cell.category), Cell::text(kind)];
        rows.extend(summed(basis, &key, &cell.sums, &[]));
    }
    Sheet {
        title: words.r_coverage.to_owned(),
        lead: Vec::new(),
        keys: Vec::new(),
        columns: [named(words.c_category), text(words.c_kind)]
            .into_iter()
            .chain(sums(basis))
            .collect(),
        sections: vec![Section { key: Vec::new(), rows, note: None }],
    }
}

/// One row for each place and measure; the counts stand in the first of them.
pub fn places(basis: &Basis<'_>) -> Sheet {
    let words = basis.words;
    let ledger = basis.valid.ledger();
    let mut rows = Vec::new();
    for row in place_coverage(basis.valid, basis.plan) {
        let found = ledger.places.binary_search_by(|place| place.id.cmp(&row.id));
        let Ok(place) = found.map(|at| &ledger.places[at]) else { continue };
        let key = [basis.place(&row.id), Cell::text(place_level(words, place.level.as_str()))];
        let at = [Cell::number(i128::from(place.x_m)), Cell::number(i128::from(place.y_m))];
        rows.extend(summed(basis, &key, &row, &at));
    }
    Sheet {
        title: words.r_places.to_owned(),
        lead: vec![words.r_places_lead.to_owned()],
        keys: Vec::new(),
        columns: [named(words.c_place), text(words.c_place_level)]
            .into_iter()
            .chain(sums(basis))
            .chain([number(words.c_x), number(words.c_y)])
            .collect(),
        sections: vec![Section { key: Vec::new(), rows, note: None }],
    }
}

/// Columns of sums.
fn sums(basis: &Basis<'_>) -> [Column; 8] {
    let words = basis.words;
    [
        number(words.c_needs),
        number(words.c_met),
        number(words.c_partial),
        number(words.c_unmet),
        number(words.c_share),
        number(words.c_asked),
        number(words.c_covered),
        named(words.c_measure),
    ]
}

/// One row a measure: `key`, the sums, `rest`. Only the first counts needs, so that a
/// column can be added up.
fn summed(basis: &Basis<'_>, key: &[Cell], sums: &CoverageRow, rest: &[Cell]) -> Vec<Vec<Cell>> {
    let each = sums.amounts.iter().enumerate();
    each.map(|(at, (measure, asked, covered))| {
        let count = |n: u64| if at == 0 { Cell::number(i128::from(n)) } else { Cell::Empty };
        let mut row = key.to_vec();
        row.extend([sums.needs, sums.met, sums.partial, sums.unmet].map(count));
        row.push(if at == 0 { Cell::Share(sums.share_ppm) } else { Cell::Empty });
        row.extend([Cell::number(*asked), Cell::number(*covered), basis.measure(measure)]);
        row.extend_from_slice(rest);
        row
    })
    .collect()
}
