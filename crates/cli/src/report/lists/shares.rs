//! Shares by level, and coverage by category and kind, as sheets.
//!
//! In: the library's rows. Out: sheets. Must not add up.

use concentric_matcher::ledger::NeedKind;
use concentric_matcher::plan::lists::{category_coverage, level_shares};

use super::Basis;
use super::sheet::{Cell, Section, Sheet, named, number, text};
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
        let sums = &cell.sums;
        for (at, (measure, asked, covered)) in sums.amounts.iter().enumerate() {
            let count = |n: u64| if at == 0 { Cell::number(i128::from(n)) } else { Cell::Empty };
            rows.push(vec![
                basis.category(&cell.category),
                Cell::text(kind),
                count(sums.needs),
                count(sums.met),
                count(sums.partial),
                count(sums.unmet),
                if at == 0 { Cell::Share(sums.share_ppm) } else { Cell::Empty },
                Cell::number(*asked),
                Cell::number(*covered),
                basis.measure(measure),
            ]);
        }
    }
    Sheet {
        title: words.r_coverage.to_owned(),
        lead: Vec::new(),
        keys: Vec::new(),
        columns: vec![
            named(words.c_category),
            text(words.c_kind),
            number(words.c_needs),
            number(words.c_met),
            number(words.c_partial),
            number(words.c_unmet),
            number(words.c_share),
            number(words.c_asked),
            number(words.c_covered),
            named(words.c_measure),
        ],
        sections: vec![Section { key: Vec::new(), rows, note: None }],
    }
}
