//! A plan in the words of a planner.
//!
//! In: a plan and its ledger. Out: text, or CSV. Must not know the engine: everything
//! printed is read off the plan and the ledger, and nothing is worked out again.

mod coverage;
mod csv;
mod diff;
mod head;
mod idle;
mod levels;
pub mod lists;
mod missed;
mod names;
mod number;
mod reasons;
mod service;
mod shortfalls;
mod shown;
mod table;
mod wrap;

pub use csv::write_assignments;
pub use diff::{print_changes, print_diff};
pub use levels::{level_name, print_levels};
pub use names::Names;
pub use number::{counted, grouped};
pub use reasons::stopped_by;
pub use shown::shown;
pub use table::{Align, table};

use std::io::{self, Write};

use concentric_matcher::plan::lists::MissedLimit;
use concentric_matcher::{Ledger, Plan};

use crate::words::Words;

/// What a report is made of.
pub struct Report<'a> {
    /// The ledger of the plan, after its scenario.
    pub ledger: &'a Ledger,
    /// The plan.
    pub plan: &'a Plan,
    /// Language.
    pub words: &'static Words,
    /// How many shortfalls and idle offers are listed.
    pub top: usize,
    /// Columns to fill.
    pub width: usize,
    /// Whether reasons were asked for.
    pub explained: bool,
    /// Soft limits that the plan misses.
    pub missed: &'a [MissedLimit],
}

impl Report<'_> {
    /// Prints the whole report.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let names = Names::new(self.ledger, self.words);
        head::print(self, out)?;
        if self.plan.outcomes.is_empty() && !self.ledger.needs.is_empty() {
            return Ok(());
        }
        levels::print_section(self, &names, out)?;
        missed::print(self, &names, out)?;
        coverage::print(self, &names, out)?;
        shortfalls::print(self, &names, out)?;
        idle::print(self, &names, out)
    }
}

/// A heading, bold where the terminal can.
fn heading(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{}", console::style(text).bold())
}
