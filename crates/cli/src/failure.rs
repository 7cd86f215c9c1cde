//! How a run ends: exit codes, and failures with their one message.
//!
//! In: nothing. Out: [`Exit`], [`Failure`]. Must not know commands.

use std::collections::HashMap;
use std::io;

use concentric_matcher::Error;
use concentric_matcher::error::IntegerFeature;

/// Exit codes of every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; for `match`, there is a plan.
    Done = 0,
    /// A file that cannot be read or written, or a ledger that is wrong.
    Input = 1,
    /// No plan can obey the hard rules (`mcf`: infeasible or unbounded).
    Infeasible = 3,
    /// A plan that does not hold.
    Unverified = 4,
    /// Stopped at a limit before any plan was found.
    NoPlan = 5,
    /// A defect of this program, or a back end that was lost.
    Internal = 6,
}

/// The table of exit codes for `--help`. Clap itself ends with 2.
pub const EXIT_CODES: &str = "Exit codes:
  0  done (match: there is a plan)
  1  bad input, or a file that cannot be read or written
  2  wrong arguments
  3  infeasible: the hard rules contradict each other
  4  a plan failed verification
  5  no plan within the limit
  6  internal error";

/// A run that ends without doing what was asked.
#[derive(Debug)]
pub struct Failure {
    /// Exit code.
    pub exit: Exit,
    /// What stderr says; empty to end quietly.
    pub message: String,
}

impl Failure {
    /// Bad input.
    pub fn input(message: impl Into<String>) -> Self {
        Failure { exit: Exit::Input, message: message.into() }
    }

    /// Writes the message to stderr.
    pub fn tell(&self) -> Exit {
        if !self.message.is_empty() {
            eprintln!("{}", self.message.trim_end());
        }
        self.exit
    }

    /// What the engine refused, told about the ledger called `name`.
    pub fn engine(name: &str, error: Error) -> Self {
        match error {
            Error::Invalid(issues) => Failure::input(crate::input::issue_lines(name, &issues)),
            Error::Uncertified(detail) => Failure {
                exit: Exit::Internal,
                message: format!(
                    "error: the plan failed its own certificate, so it is not shown: {detail}\n\
                     This is a defect of concentric; please report it with the ledger."
                ),
            },
            other => Failure { exit: Exit::Internal, message: format!("error: {other}") },
        }
    }
}

impl From<io::Error> for Failure {
    /// A reader that went away (`| head`) is no failure.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure { exit: Exit::Done, message: String::new() };
        }
        Failure { exit: Exit::Input, message: format!("error: cannot write the output: {error}") }
    }
}

/// Features of one record.
pub struct FeatureGroup<'a> {
    /// List of the record.
    pub list: &'static str,
    /// Id of the record, without its group.
    pub id: &'a str,
    /// Groups (`per`) that need it; 0 for a record without groups.
    pub groups: usize,
    /// What it needs; of the groups, what the first of them needs.
    pub needs: Vec<&'a str>,
}

impl FeatureGroup<'_> {
    /// `limits unit_partners (30 groups): 12 binaries: ...`
    pub fn line(&self) -> String {
        let groups =
            if self.groups > 1 { format!(" ({} groups)", self.groups) } else { String::new() };
        format!("{} {}{groups}: {}", self.list, self.id, self.needs.join("; "))
    }
}

/// One entry for each record, in the order in which the records first appear.
pub fn by_record(features: &[IntegerFeature]) -> Vec<FeatureGroup<'_>> {
    let mut found: Vec<FeatureGroup<'_>> = Vec::new();
    let mut at: HashMap<(&str, &str), usize> = HashMap::new();
    for feature in features {
        // Ids have no bracket, so what follows one is the group.
        let (id, grouped) = match feature.id.split_once('[') {
            Some((id, _)) => (id, true),
            None => (feature.id.as_str(), false),
        };
        let slot = *at.entry((feature.list, id)).or_insert(found.len());
        if slot == found.len() {
            found.push(FeatureGroup { list: feature.list, id, groups: 0, needs: Vec::new() });
        }
        let group = &mut found[slot];
        group.groups += usize::from(grouped);
        if group.needs.is_empty() || !grouped {
            group.needs.push(&feature.needs);
        }
    }
    found
}
