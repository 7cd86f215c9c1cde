//! Assignments as CSV for spreadsheets.
//!
//! In: a plan. Out: one line an assignment, ids with names beside them, quoted where
//! RFC 4180 asks for it. A cell that a spreadsheet would run as a formula is disarmed by
//! a leading apostrophe.

use std::io::{self, Write};

use concentric_matcher::Plan;
use concentric_matcher::io::disarmed;

use super::names::Names;

const HEADER: [&str; 13] = [
    "offer",
    "unit",
    "unit_name",
    "need",
    "place",
    "place_name",
    "category",
    "category_name",
    "measure",
    "quantity",
    "from",
    "to",
    "kept",
];

/// Writes header and assignments.
///
/// # Errors
/// Those of the writer.
pub fn write_assignments(out: &mut dyn Write, plan: &Plan, names: &Names<'_>) -> io::Result<()> {
    let mut csv = ::csv::Writer::from_writer(out);
    csv.write_record(HEADER).map_err(of_writer)?;
    for given in &plan.assignments {
        let (unit, place, category) =
            (text(&given.unit), text(&given.place), text(&given.category));
        let need = names.need_record(&given.need);
        let measure = need.and_then(|n| n.measure.as_deref()).unwrap_or_default();
        let (quantity, kept) = (given.quantity.to_string(), given.kept.to_string());
        let row: [&str; 13] = [
            &given.offer,
            unit,
            names.unit(unit),
            &given.need,
            place,
            names.place(place),
            category,
            names.category(category),
            measure,
            &quantity,
            text(&given.from),
            text(&given.to),
            &kept,
        ];
        csv.write_record(row.map(disarmed)).map_err(of_writer)?;
    }
    csv.flush()
}

fn text(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or_default()
}

/// The writer's own error, so that a reader that went away is still told from a full disk.
pub(super) fn of_writer(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
