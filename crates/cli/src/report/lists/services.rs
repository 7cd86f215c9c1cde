//! Service lists and pairings as sheets.
//!
//! In: the library's rows. Out: sheets. Must not add up.

use concentric_matcher::ledger::PlaceLevel;
use concentric_matcher::plan::lists::{
    Amount, Pairing, ServiceLine, Standing, pairings, place_services, unit_services,
};

use super::Basis;
use super::sheet::{Cell, Section, Sheet, named, number, text};

/// One section a unit.
pub fn units(basis: &Basis<'_>) -> Sheet {
    let words = basis.words;
    let sections = unit_services(basis.valid, basis.plan).into_iter().map(|unit| Section {
        key: vec![basis.unit(&unit.unit)],
        rows: unit.lines.iter().map(|line| unit_row(basis, line)).collect(),
        note: basis.total(&unit.totals),
    });
    Sheet {
        title: words.r_services.to_owned(),
        lead: Vec::new(),
        keys: vec![named(words.c_unit)],
        columns: vec![
            named(words.c_place),
            named(words.c_category),
            text(words.c_need),
            text(words.c_offer),
            number(words.c_quantity),
            named(words.c_measure),
            named(words.c_from),
            named(words.c_to),
            number(words.c_kept),
        ],
        sections: sections.collect(),
    }
}

fn unit_row(basis: &Basis<'_>, line: &ServiceLine) -> Vec<Cell> {
    vec![
        basis.place(&line.place),
        basis.category(&line.category),
        Cell::text(&line.need),
        Cell::text(&line.offer),
        Cell::number(line.quantity),
        basis.measure(&line.measure),
        basis.period_cell(&line.from),
        basis.period_cell(&line.to),
        Cell::number(line.kept),
    ]
}

/// One section a community; each line says in which direction it goes.
pub fn communities(basis: &Basis<'_>) -> Sheet {
    let words = basis.words;
    let mut sections: Vec<Section> = Vec::new();
    for list in place_services(basis.valid, basis.plan, PlaceLevel::Community) {
        let key = vec![basis.place(&list.place)];
        let mut rows = Vec::new();
        for line in &list.gives {
            let partner = line.owner.as_deref().map_or(Cell::Empty, |id| basis.unit(id));
            rows.push(way(basis, &list.unit, words.gives, partner, line));
        }
        for line in &list.gets {
            rows.push(way(basis, &list.unit, words.gets, basis.unit(&line.unit), line));
        }
        for Amount { measure, quantity } in &list.asks {
            rows.push(vec![
                basis.unit(&list.unit),
                Cell::text(words.asks),
                Cell::Empty,
                Cell::Number(i128::from(*quantity)),
                basis.measure(measure),
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
            ]);
        }
        match sections.last_mut().filter(|last| last.key == key) {
            Some(last) => last.rows.extend(rows),
            None => sections.push(Section { key, rows, note: None }),
        }
    }
    Sheet {
        title: words.r_communities.to_owned(),
        lead: vec![words.r_communities_lead.to_owned()],
        keys: vec![named(words.c_community)],
        columns: vec![
            named(words.c_unit),
            text(words.c_direction),
            named(words.c_partner),
            number(words.c_quantity),
            named(words.c_measure),
            named(words.c_category),
            text(words.c_need),
            named(words.c_place),
            named(words.c_from),
            named(words.c_to),
        ],
        sections,
    }
}

fn way(
    basis: &Basis<'_>,
    unit: &str,
    direction: &str,
    partner: Cell,
    line: &ServiceLine,
) -> Vec<Cell> {
    vec![
        basis.unit(unit),
        Cell::text(direction),
        partner,
        Cell::number(line.quantity),
        basis.measure(&line.measure),
        basis.category(&line.category),
        Cell::text(&line.need),
        basis.place(&line.place),
        basis.period_cell(&line.from),
        basis.period_cell(&line.to),
    ]
}

/// One row for each pair and measure.
pub fn pairs(basis: &Basis<'_>) -> Sheet {
    let words = basis.words;
    let rows =
        pairings(basis.valid, basis.plan).into_iter().flat_map(|pair| pair_rows(basis, &pair));
    Sheet {
        title: words.r_pairings.to_owned(),
        lead: Vec::new(),
        keys: Vec::new(),
        columns: vec![
            named(words.c_unit),
            named(words.c_place),
            text(words.c_standing),
            number(words.c_needs),
            number(words.c_quantity),
            named(words.c_measure),
            text(words.c_agreements),
        ],
        sections: vec![Section { key: Vec::new(), rows: rows.collect(), note: None }],
    }
}

fn pair_rows(basis: &Basis<'_>, pair: &Pairing) -> Vec<Vec<Cell>> {
    let words = basis.words;
    let standing = match pair.standing {
        Standing::New => words.standing_new,
        Standing::Kept => words.standing_kept,
        Standing::Ended => words.standing_ended,
    };
    let row = |quantity: Cell, measure: Cell| {
        vec![
            basis.unit(&pair.unit),
            basis.place(&pair.place),
            Cell::text(standing),
            Cell::number(i128::from(pair.needs)),
            quantity,
            measure,
            Cell::text(pair.agreements.join(words.list_separator)),
        ]
    };
    if pair.amounts.is_empty() {
        return vec![row(Cell::Empty, Cell::Empty)];
    }
    let each = pair.amounts.iter();
    each.map(|a| row(Cell::number(a.quantity), basis.measure(&a.measure))).collect()
}
