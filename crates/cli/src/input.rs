//! Files in: bytes, ledgers with their scenarios, plans; and issues as lines of text.
//!
//! In: paths. Out: [`Source`], a [`ValidLedger`], a [`Plan`], or a [`Failure`] that names
//! the path. Must not know commands.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use concentric_matcher::io::{load, place_issues, read_ledger, read_plan};
use concentric_matcher::validate::validate;
use concentric_matcher::{Issue, Plan, ValidLedger, scenario};

use crate::failure::Failure;

/// Bytes and the name by which messages speak of them.
pub struct Source {
    /// Path as typed, or `<stdin>`.
    pub name: String,
    /// The whole file.
    pub bytes: Vec<u8>,
}

impl Source {
    /// Reads a file, or stdin for `-`.
    ///
    /// # Errors
    /// One sentence naming the path.
    pub fn read(path: &Path) -> Result<Source, Failure> {
        if path == Path::new("-") {
            let mut bytes = Vec::new();
            io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map_err(|error| Failure::input(format!("error: cannot read stdin: {error}")))?;
            return Ok(Source { name: "<stdin>".to_owned(), bytes });
        }
        let name = path.display().to_string();
        if path.is_dir() {
            return Err(Failure::input(format!("error: {name} is a folder, not a file")));
        }
        match std::fs::read(path) {
            Ok(bytes) => Ok(Source { name, bytes }),
            Err(error) => Err(Failure::input(match error.kind() {
                ErrorKind::NotFound => format!("error: there is no file {name}"),
                ErrorKind::PermissionDenied => format!("error: no permission to read {name}"),
                _ => format!("error: cannot read {name}: {error}"),
            })),
        }
    }

    /// The checked ledger, taken through a scenario if one is named.
    ///
    /// # Errors
    /// Every violation, one a line.
    pub fn ledger(&self, scenario: Option<&str>) -> Result<ValidLedger, Failure> {
        let wrong = |issues: &[Issue]| Failure::input(issue_lines(&self.name, issues));
        let Some(id) = scenario else {
            return load(&self.bytes).map_err(|issues| wrong(&issues));
        };
        let base = read_ledger(&self.bytes).map_err(|issues| wrong(&issues))?;
        if !base.scenarios.iter().any(|s| s.id == id) {
            let known: Vec<&str> = base.scenarios.iter().map(|s| s.id.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Failure::input(format!(
                "error: {} has no scenario {id}; its scenarios: {known}",
                self.name
            )));
        }
        let changed = scenario::apply(&base, id).map_err(|mut issues| {
            place_issues(&self.bytes, &mut issues);
            wrong(&issues)
        })?;
        validate(changed).map_err(|issues| match load(&self.bytes) {
            // The fault is the ledger's own, and there it has a line.
            Err(own) => wrong(&own),
            Ok(_) => {
                let text = issue_lines(&format!("{} (after scenario {id})", self.name), &issues);
                Failure::input(text)
            }
        })
    }

    /// The plan as written.
    ///
    /// # Errors
    /// The first thing wrong with its form.
    pub fn plan(&self) -> Result<Plan, Failure> {
        read_plan(&self.bytes).map_err(|issues| Failure::input(issue_lines(&self.name, &issues)))
    }
}

/// One line an issue, `file:line:column: CODE path: message`, and their number.
pub fn issue_lines(name: &str, issues: &[Issue]) -> String {
    let mut text = String::new();
    for issue in issues {
        let _ = writeln!(text, "{}", issue_line(name, issue));
    }
    let violations = if issues.len() == 1 { "violation" } else { "violations" };
    let _ = write!(text, "error: {} {violations} in {name}", issues.len());
    text
}

/// One issue, its place first so that editors can jump there.
pub fn issue_line(name: &str, issue: &Issue) -> String {
    let mut text = name.to_owned();
    if let Some((line, column)) = issue.position {
        let _ = write!(text, ":{line}:{column}");
    }
    let _ = write!(text, ": {}", issue.code);
    // "$" is the file as a whole.
    if issue.path != "$" {
        let _ = write!(text, " {}", issue.path);
    }
    let _ = write!(text, ": {}", issue.message);
    if !issue.related.is_empty() {
        let _ = write!(text, " (see {})", issue.related.join(", "));
    }
    text
}
