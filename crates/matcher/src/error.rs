//! What can go wrong, typed: bad input with every violation, a ledger that needs
//! integers, a plan that failed its own certificate.
//!
//! In: nothing. Out: the error types of the crate. Must not know the stages that
//! raise them. Infeasible and "stopped at a limit" are results inside a plan, not
//! errors. Rejected: one opaque error with a message; callers act on codes and paths.

use std::fmt;

/// Stable code of a violation; its text form is what APIs and logs carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// Not JSON, or not readable at all.
    FileMalformed,
    /// The `format` field names another version.
    UnsupportedSchemaVersion,
    /// A required field is missing and has no obvious default here.
    FieldRequired,
    /// Wrong type, unknown field, or a value that does not fit its neighbours.
    FieldInvalid,
    /// A word that is not one of the listed values.
    UnknownEnum,
    /// A number outside its range.
    ValueOutOfRange,
    /// Not ASCII `[A-Za-z0-9._-]{1,64}`.
    IdMalformed,
    /// Two records of one list carry the same key.
    DuplicateId,
    /// An id that no record of the named list carries.
    UnknownReference,
    /// A place or category that is its own ancestor.
    TreeCycle,
    /// Two rules that cannot both hold, told by the input alone.
    ContradictoryPolicy,
    /// More records or arcs than the configured bounds.
    TooManyItems,
    /// A sum or coefficient that would leave the integer range.
    NumericOverflow,
    /// A scenario step that would push a value below zero.
    DeltaResultNegative,
}

impl Code {
    /// Upper-snake form, e.g. `VALUE_OUT_OF_RANGE`.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::FileMalformed => "FILE_MALFORMED",
            Code::UnsupportedSchemaVersion => "UNSUPPORTED_SCHEMA_VERSION",
            Code::FieldRequired => "FIELD_REQUIRED",
            Code::FieldInvalid => "FIELD_INVALID",
            Code::UnknownEnum => "UNKNOWN_ENUM",
            Code::ValueOutOfRange => "VALUE_OUT_OF_RANGE",
            Code::IdMalformed => "ID_MALFORMED",
            Code::DuplicateId => "DUPLICATE_ID",
            Code::UnknownReference => "UNKNOWN_REFERENCE",
            Code::TreeCycle => "TREE_CYCLE",
            Code::ContradictoryPolicy => "CONTRADICTORY_POLICY",
            Code::TooManyItems => "TOO_MANY_ITEMS",
            Code::NumericOverflow => "NUMERIC_OVERFLOW",
            Code::DeltaResultNegative => "DELTA_RESULT_NEGATIVE",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One violation of one rule at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Which rule.
    pub code: Code,
    /// JSON path in the caller's own order, e.g. `needs[3].quantity`.
    pub path: String,
    /// What is wrong and what would be right, in English.
    pub message: String,
    /// Paths of other fields involved (the first holder of a duplicate id, the
    /// other rule of a contradiction, the members of a cycle).
    pub related: Vec<String>,
    /// Line and column (from 1) when the ledger came from a file.
    pub position: Option<(usize, usize)>,
    /// Where there are too many of something: how many are allowed, and how many there are.
    /// Boxed, since few issues have it.
    pub excess: Option<Box<(u64, u64)>>,
}

impl Issue {
    /// An issue without related paths and position.
    pub fn new(code: Code, path: impl Into<String>, message: impl Into<String>) -> Self {
        Issue {
            code,
            path: path.into(),
            message: message.into(),
            related: Vec::new(),
            position: None,
            excess: None,
        }
    }

    /// The same issue, with the number that is allowed and the number that there is.
    #[must_use]
    pub fn with_excess(mut self, limit: u64, actual: u64) -> Self {
        self.excess = Some(Box::new((limit, actual)));
        self
    }

    /// The same issue, pointing at another path too.
    #[must_use]
    pub fn with_related(mut self, path: impl Into<String>) -> Self {
        self.related.push(path.into());
        self
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.code, self.path, self.message)?;
        if !self.related.is_empty() {
            write!(f, " (see {})", self.related.join(", "))?;
        }
        if let Some((line, column)) = self.position {
            write!(f, " [line {line}, column {column}]")?;
        }
        Ok(())
    }
}

/// A caller's text as it may stand in a message: quoted, without control characters,
/// cut after 40 characters.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown = String::from("\"");
    shown.extend(text.chars().take(40).flat_map(char::escape_debug));
    if text.chars().nth(40).is_some() {
        shown.push_str("...");
    }
    shown.push('"');
    shown
}

/// Something of the ledger that no network can hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IntegerFeature {
    /// List of the record: `limits`, `needs`, `pairs`, `offers`, `units`, `bundles`, `goals`, `agreements`.
    pub list: &'static str,
    /// Id of the record (for `pairs` "offer/need" or "unit/place", for `goals` the position and name).
    pub id: String,
    /// What it would need, e.g. `a binary for each need: 0 or at least 5`.
    pub needs: String,
}

impl fmt::Display for IntegerFeature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.list, self.id, self.needs)
    }
}

/// Why no plan was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bad input, all violations at once, in a stable order.
    #[error("the ledger has {} violation(s):\n{}", .0.len(), lines(.0))]
    Invalid(Vec<Issue>),
    /// The engine's own plan failed its certificate: a defect of the engine.
    #[error("internal error: the plan failed its own certificate: {0}")]
    Uncertified(String),
    /// A back end was lost or broke down before any plan was found; no clock was to blame.
    #[error("internal error: no plan was found: {0}")]
    Lost(String),
    /// Nobody waits for the plan: the caller's token said so.
    #[error("abandoned: nobody waits for the plan")]
    Abandoned,
}

fn lines<T: fmt::Display>(items: &[T]) -> String {
    let mut text = String::new();
    for (k, item) in items.iter().enumerate() {
        if k > 0 {
            text.push('\n');
        }
        text.push_str("  ");
        text.push_str(&item.to_string());
    }
    text
}
