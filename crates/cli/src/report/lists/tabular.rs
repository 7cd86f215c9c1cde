//! A list as CSV for spreadsheets: one header, one line a row, keys repeated.
//!
//! In: a sheet. Out: RFC 4180 CSV, ids and names in columns of their own, numbers bare,
//! shares as fractions of 1, titles and notes left out. A cell that a spreadsheet would
//! run as a formula is disarmed. Must not know kinds.

use std::io::{self, Write};

use concentric_matcher::io::disarmed;

use super::sheet::{Cell, Column, Holds, Sheet};
use crate::report::csv::of_writer;
use crate::words::{Words, fill};

/// Writes it.
///
/// # Errors
/// Those of the writer.
pub fn write_csv(out: &mut dyn Write, sheet: &Sheet, words: &Words) -> io::Result<()> {
    let mut csv = ::csv::Writer::from_writer(out);
    let columns = || sheet.keys.iter().chain(&sheet.columns);
    let mut header = Vec::new();
    for column in columns() {
        header.push(column.title.to_owned());
        if column.holds == Holds::Named {
            header.push(fill(words.name_of, &[("column", column.title)]));
        }
    }
    csv.write_record(&header).map_err(of_writer)?;
    for section in &sheet.sections {
        for row in &section.rows {
            let cells = section.key.iter().chain(row);
            let line: Vec<String> =
                columns().zip(cells).flat_map(|(column, cell)| shown(column, cell)).collect();
            csv.write_record(&line).map_err(of_writer)?;
        }
    }
    csv.flush()
}

fn shown(column: &Column, cell: &Cell) -> Vec<String> {
    let first = match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => disarmed(text),
        Cell::Named(id, name) => return vec![disarmed(id), disarmed(name)],
        // A number is no text: its sign starts no formula.
        Cell::Number(value) => value.to_string(),
        Cell::Share(ppm) => format!("{}.{:06}", ppm / 1_000_000, ppm % 1_000_000),
    };
    if column.holds == Holds::Named { vec![first, String::new()] } else { vec![first] }
}
