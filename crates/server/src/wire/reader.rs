//! Where the reading of a message stands, and what it has found wrong.
//!
//! In: steps into fields and lists, faults. Out: issues with full paths. Must not know any
//! message. Faults beyond what will be shown are counted, not kept.

use std::fmt::Write;

use concentric_matcher::Issue;
use concentric_matcher::error::Code;
use concentric_matcher::io::MAX_ISSUES;

/// Path and faults.
#[derive(Default)]
pub struct Reader {
    path: String,
    issues: Vec<Issue>,
    uncounted: usize,
}

impl Reader {
    /// Reads something inside the field `name`.
    pub fn field<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.path.len();
        if before > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        let value = read(self);
        self.path.truncate(before);
        value
    }

    /// Reads item `k` of the list that stands here.
    pub fn item<T>(&mut self, k: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.path.len();
        // A text takes whatever is written to it.
        let _ = write!(self.path, "[{k}]");
        let value = read(self);
        self.path.truncate(before);
        value
    }

    /// Something is wrong here.
    pub fn fault(&mut self, code: Code, message: impl Into<String>) {
        if self.issues.len() >= MAX_ISSUES - 1 {
            self.uncounted += 1;
            return;
        }
        let path = if self.path.is_empty() { "$" } else { &self.path };
        self.issues.push(Issue::new(code, path, message));
    }

    /// All faults, if there are any.
    ///
    /// # Errors
    /// The faults; the last one counts those that were not kept.
    pub fn finish(mut self) -> Result<(), Vec<Issue>> {
        if self.uncounted > 0 {
            let message = format!("{} more violations are not shown", self.uncounted);
            self.issues.push(Issue::new(Code::TooManyItems, "$", message));
        }
        if self.issues.is_empty() { Ok(()) } else { Err(self.issues) }
    }
}
