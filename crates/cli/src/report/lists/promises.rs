//! The joint meeting's pack, load and points as sheets.
//!
//! In: the library's rows. Out: sheets. Must not read a clock: the period is an argument.

use concentric_matcher::ledger::Counts;
use concentric_matcher::plan::lists::{MissedLimit, ProjectRow, load, meeting, points};

use super::Basis;
use super::outcomes::told;
use super::sheet::{Cell, Section, Sheet, named, number, text};
use crate::report::missed::{label, sentence};
use crate::report::number::grouped;
use crate::words::fill;

/// Five sections: delivered, late, running, unmet, proposals; a sixth for soft limits that
/// are missed, where the ledger has any.
pub fn pack(basis: &Basis<'_>) -> Sheet {
    let words = basis.words;
    let pack = meeting(basis.valid, basis.plan, basis.period);
    let counted = |title: &'static str, rows: Vec<Vec<Cell>>| Section {
        note: rows.is_empty().then(|| words.nothing.to_owned()),
        key: vec![Cell::text(title)],
        rows,
    };
    let projects = |list: &[ProjectRow]| list.iter().map(|p| project(basis, p)).collect();
    let unmet = pack.unmet.iter().map(|receipt| {
        let gets = fill(
            words.gets_of,
            &[("covered", &*grouped(receipt.covered)), ("asked", &*grouped(receipt.asked))],
        );
        vec![
            Cell::text(&receipt.need),
            receipt.owner.as_deref().map_or(Cell::Empty, |id| basis.unit(id)),
            basis.place(&receipt.place),
            basis.category(&receipt.category),
            Cell::number(receipt.asked - receipt.covered),
            basis.measure(&receipt.measure),
            Cell::Empty,
            Cell::text(format!("{gets}{}{}", words.sentence_gap, told(basis, receipt)).trim_end()),
        ]
    });
    let proposals = pack.proposals.iter().map(|proposal| {
        vec![
            Cell::text(format!("{} → {}", proposal.offer, proposal.need)),
            basis.unit(&proposal.unit),
            basis.place(&proposal.place),
            basis.category(&proposal.category),
            Cell::number(proposal.quantity),
            basis.measure(&proposal.measure),
            basis.period_cell(&proposal.from),
            Cell::Empty,
        ]
    });
    let mut sections = vec![
        counted(words.s_delivered, projects(&pack.delivered)),
        counted(words.s_late, projects(&pack.late)),
        counted(words.s_running, projects(&pack.running)),
        counted(words.s_unmet, unmet.collect()),
        counted(words.s_proposals, proposals.collect()),
    ];
    if basis.valid.ledger().limits.iter().any(|limit| !limit.hard) {
        let missed = pack.missed.iter().map(|limit| missed_row(basis, limit));
        sections.push(counted(words.s_missed, missed.collect()));
    }
    let period = pack.period.as_deref().map_or(words.no_period, |id| basis.names.period(id));
    let count = |at: usize| grouped(sections[at].rows.len() as i64);
    let values = [
        ("delivered", &*count(0)),
        ("late", &*count(1)),
        ("running", &*count(2)),
        ("unmet", &*count(3)),
        ("proposals", &*count(4)),
    ];
    Sheet {
        title: words.r_meeting.to_owned(),
        lead: vec![fill(words.as_of, &[("period", period)]), fill(words.r_meeting_lead, &values)],
        keys: vec![text(words.c_section)],
        columns: vec![
            text(words.c_item),
            named(words.c_unit),
            named(words.c_place),
            named(words.c_category),
            number(words.c_quantity),
            named(words.c_measure),
            named(words.c_period),
            text(words.c_remark),
        ],
        sections,
    }
}

fn missed_row(basis: &Basis<'_>, limit: &MissedLimit) -> Vec<Cell> {
    let by = match limit.counts {
        Counts::SharePpm => Cell::Share(i64::try_from(limit.by.0).unwrap_or(i64::MAX)),
        _ => Cell::Number(limit.by.0),
    };
    let currency = &basis.valid.ledger().currency;
    vec![
        Cell::text(label(basis.names, limit)),
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        by,
        Cell::Empty,
        Cell::Empty,
        Cell::text(sentence(basis.words, currency, limit)),
    ]
}

fn project(basis: &Basis<'_>, row: &ProjectRow) -> Vec<Cell> {
    let words = basis.words;
    let mut remark = row.name.clone().unwrap_or_default();
    if row.beneficiaries > 0 {
        let people = fill(words.people, &[("n", &*grouped(row.beneficiaries))]);
        remark = if remark.is_empty() {
            people
        } else {
            format!("{remark}{}{people}", words.list_separator)
        };
    }
    vec![
        Cell::text(&row.project),
        basis.unit(&row.unit),
        basis.place(&row.place),
        basis.category(&row.category),
        Cell::number(row.quantity),
        basis.measure(&row.measure),
        row.period.as_deref().map_or(Cell::Empty, |id| basis.period_cell(id)),
        Cell::text(remark),
    ]
}

/// One row for each unit and measure.
pub fn loads(basis: &Basis<'_>) -> Sheet {
    let words = basis.words;
    let rows = load(basis.valid, basis.plan, basis.period).into_iter().map(|row| {
        let mut cells = vec![basis.unit(&row.unit), basis.measure(&row.measure)];
        let numbers = [
            row.offered,
            row.planned,
            row.promised,
            row.delivered,
            row.running,
            row.late,
            row.cancelled,
        ];
        cells.extend(numbers.map(Cell::number));
        cells.insert(4, Cell::number(i128::from(row.needs)));
        cells
    });
    let period = basis.period.map_or(words.no_period, |id| basis.names.period(id));
    Sheet {
        title: words.r_load.to_owned(),
        lead: vec![fill(words.as_of, &[("period", period)])],
        keys: Vec::new(),
        columns: vec![
            named(words.c_unit),
            named(words.c_measure),
            number(words.c_offered),
            number(words.c_planned),
            number(words.c_needs),
            number(words.c_promised),
            number(words.s_delivered),
            number(words.s_running),
            number(words.s_late),
            number(words.c_cancelled),
        ],
        sections: vec![Section { key: Vec::new(), rows: rows.collect(), note: None }],
    }
}

/// One row for each unit and measure.
pub fn scores(basis: &Basis<'_>) -> Sheet {
    let words = basis.words;
    let rows = points(basis.valid, basis.rates).into_iter().map(|row| {
        vec![
            basis.unit(&row.unit),
            basis.measure(&row.measure),
            Cell::number(i128::from(row.projects)),
            Cell::number(row.delivered),
            Cell::number(row.evaluated),
            Cell::number(row.rate),
            Cell::Number(row.points.0),
        ]
    });
    Sheet {
        title: words.r_points.to_owned(),
        lead: vec![words.r_points_lead.to_owned()],
        keys: Vec::new(),
        columns: vec![
            named(words.c_unit),
            named(words.c_measure),
            number(words.c_projects),
            number(words.s_delivered),
            number(words.c_evaluated),
            number(words.c_rate),
            number(words.c_points),
        ],
        sections: vec![Section { key: Vec::new(), rows: rows.collect(), note: None }],
    }
}
