//! The shape of all lists: a title, a few lines, and rows under columns in sections.
//!
//! In: cells. Out: [`Sheet`]. Must not know formats: a number stays a number until a
//! writer shows it.

use concentric_matcher::plan::lists::Amount;

use super::Basis;
use crate::report::number::grouped;
use crate::words::fill;

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// An id and the name of its record.
    Named(String, String),
    /// A whole number.
    Number(i128),
    /// Parts per million.
    Share(i64),
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    /// A whole number.
    pub fn number(value: impl Into<i128>) -> Cell {
        Cell::Number(value.into())
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// [`Cell::Text`]
    Text,
    /// [`Cell::Named`]; two columns in a spreadsheet.
    Named,
    /// [`Cell::Number`] or [`Cell::Share`]
    Number,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// What it holds.
    pub holds: Holds,
}

/// Rows under one heading.
#[derive(Debug)]
pub struct Section {
    /// Cells of the key columns; they make the heading.
    pub key: Vec<Cell>,
    /// Rows of the other columns.
    pub rows: Vec<Vec<Cell>>,
    /// A line after the rows, for people.
    pub note: Option<String>,
}

/// A whole list.
#[derive(Debug)]
pub struct Sheet {
    /// What it is.
    pub title: String,
    /// Lines under the title, for people.
    pub lead: Vec<String>,
    /// Columns that make the headings of sections; they come first in a spreadsheet.
    pub keys: Vec<Column>,
    /// The other columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub sections: Vec<Section>,
}

/// Columns of words.
pub fn text(title: &'static str) -> Column {
    Column { title, holds: Holds::Text }
}

/// Columns of records.
pub fn named(title: &'static str) -> Column {
    Column { title, holds: Holds::Named }
}

/// Columns of numbers.
pub fn number(title: &'static str) -> Column {
    Column { title, holds: Holds::Number }
}

impl Basis<'_> {
    /// A unit by name.
    pub fn unit(&self, id: &str) -> Cell {
        Cell::Named(id.to_owned(), self.names.unit(id).to_owned())
    }

    /// A place by name.
    pub fn place(&self, id: &str) -> Cell {
        Cell::Named(id.to_owned(), self.names.place(id).to_owned())
    }

    /// A category by name.
    pub fn category(&self, id: &str) -> Cell {
        Cell::Named(id.to_owned(), self.names.category(id).to_owned())
    }

    /// A measure by name.
    pub fn measure(&self, id: &str) -> Cell {
        Cell::Named(id.to_owned(), self.names.measure(id).to_owned())
    }

    /// A period by name.
    pub fn period_cell(&self, id: &str) -> Cell {
        Cell::Named(id.to_owned(), self.names.period(id).to_owned())
    }

    /// `Total: 40 hours, 3 posts`
    pub fn total(&self, amounts: &[Amount]) -> Option<String> {
        if amounts.is_empty() {
            return None;
        }
        let each = amounts.iter().map(|amount| {
            let measure = self.names.measure(&amount.measure);
            let values = [("quantity", &*grouped(amount.quantity)), ("measure", measure)];
            fill(self.words.quantity, &values)
        });
        let list = each.collect::<Vec<String>>().join(self.words.list_separator);
        Some(fill(self.words.total, &[("list", &list)]))
    }
}
