//! Where the reading of a message stands, and what it has found wrong.
//!
//! In: steps into fields and lists, faults. Out: issues with full paths. Must not know any
//! message. Faults beyond what will be shown are counted, not kept. Where it stands is written
//! out only for a fault; rejected: a text that grows and shrinks with every step, which took half
//! of the time of reading a ledger without faults.

use std::borrow::Cow;
use std::fmt::Write;

use concentric_matcher::Issue;
use concentric_matcher::error::Code;
use concentric_matcher::io::MAX_ISSUES;

/// A step into a record or a list.
enum Step {
    Field(Cow<'static, str>),
    Item(usize),
}

/// Path and faults.
#[derive(Default)]
pub struct Reader {
    path: Vec<Step>,
    issues: Vec<Issue>,
    uncounted: usize,
}

impl Reader {
    /// Reads something inside the field `name`.
    pub fn field<T>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.inside(Step::Field(name.into()), read)
    }

    /// Reads item `k` of the list that stands here.
    pub fn item<T>(&mut self, k: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        self.inside(Step::Item(k), read)
    }

    fn inside<T>(&mut self, step: Step, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let value = read(self);
        self.path.pop();
        value
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.path {
            // A text takes whatever is written to it.
            let _ = match step {
                Step::Field(name) if path.is_empty() => write!(path, "{name}"),
                Step::Field(name) => write!(path, ".{name}"),
                Step::Item(k) => write!(path, "[{k}]"),
            };
        }
        if path.is_empty() { "$".to_owned() } else { path }
    }

    /// Something is wrong here.
    pub fn fault(&mut self, code: Code, message: impl Into<String>) {
        if self.issues.len() >= MAX_ISSUES - 1 {
            self.uncounted += 1;
            return;
        }
        self.issues.push(Issue::new(code, self.path(), message));
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
