//! Ledgers in files: JSON in, checked ledger or every violation with its place out.
//!
//! In: bytes. Out: a [`Ledger`] as written, a [`ValidLedger`], or issues with path,
//! line and column; and a ledger as text. Must not know arcs, plans or solvers; nobody
//! inside the engine imports this module. Plans in files are `plan`'s.
//!
//! A good file is read once, straight into the record types. Only a file that does not
//! fit is parsed a second time into a syntax tree, which is walked against the schema
//! derived from the same types. Rejected: always building the tree (four times the
//! time and memory for the files that are right), and a list of fields kept by hand.
//!
//! | code | raised here when |
//! |---|---|
//! | `FILE_MALFORMED` | not UTF-8, empty, not JSON, not an object, nested deeper than 64 |
//! | `UNSUPPORTED_SCHEMA_VERSION` | `format` is another; nothing else of the file is judged then |
//! | `FIELD_INVALID` | unknown field (with a suggestion), wrong type, a point or exponent in a number, a field twice |
//! | `FIELD_REQUIRED` | a required field is not there |
//! | `UNKNOWN_ENUM` | not one of the listed words (with a suggestion) |
//! | `VALUE_OUT_OF_RANGE` | a whole number beyond 64 bits |

mod cell;
mod consequence;
mod locate;
mod place;
mod plan;
mod shape;
mod text;
mod walk;

pub use cell::disarmed;
pub use place::place_issues;
pub use plan::{plan_schema, read_plan, write_plan};

use jsonc_parser::{ParseOptions, ast, parse_to_ast};
use serde::de::IgnoredAny;

use consequence::Mended;
use text::{Lines, WHOLE, malformed};
use walk::Walk;

use crate::error::{Code, Issue, quoted};
use crate::ledger::{LEDGER_FORMAT, Ledger};
use crate::validate::{Bounds, ValidLedger, in_order, validate_with};

/// Most issues handed out for one file; the last one then counts the rest.
pub const MAX_ISSUES: usize = 1000;

/// Reads a ledger as written, without its rules.
///
/// # Errors
/// Every structural violation, in the order of the format, with line and column; at
/// most [`MAX_ISSUES`].
///
/// ```
/// use concentric_matcher::io::read_ledger;
/// let text = br#"{"format": "concentric.ledger/v1",
///     "needs": [{"id": "n1", "quantty": 3}]}"#;
/// let issues = read_ledger(text).unwrap_err();
/// assert_eq!(issues[1].to_string(),
///     "FIELD_INVALID needs[0].quantty: there is no such field; \
///      did you mean `quantity`? [line 2, column 28]");
/// ```
pub fn read_ledger(text: &[u8]) -> Result<Ledger, Vec<Issue>> {
    match read(text) {
        Read::Good(ledger, _) => Ok(*ledger),
        Read::Broken(broken) => Err(capped(broken.issues, broken.uncounted)),
        Read::Unreadable(issue) => Err(vec![*issue]),
    }
}

/// Reads and validates a ledger with the library's [`Bounds`].
///
/// # Errors
/// Every violation of structure and rules, in the order of the format, with line and
/// column; at most [`MAX_ISSUES`]. While the structure is broken, a violation of a rule
/// is told only if no structural fault can be its cause.
///
/// # Complexity
/// Linear in the text, plus that of [`validate`](crate::validate::validate).
///
/// ```
/// use concentric_matcher::io::load;
/// let text = br#"{
///   "format": "concentric.ledger/v1",
///   "units": [{"id": "clinic"}],
///   "offers": [{"id": "checks", "unit": "clinic", "quantity": 40}],
///   "needs": [{"id": "east", "quantity": 25}]
/// }"#;
/// let valid = load(text).map_err(|issues| issues[0].to_string())?;
/// assert_eq!(valid.offers().len(), 1);
/// # Ok::<(), String>(())
/// ```
pub fn load(text: &[u8]) -> Result<ValidLedger, Vec<Issue>> {
    load_with(text, &Bounds::default())
}

/// As [`load`], with the caller's own bounds.
///
/// # Errors
/// As [`load`].
pub fn load_with(text: &[u8], bounds: &Bounds) -> Result<ValidLedger, Vec<Issue>> {
    let (mut issues, uncounted, text) = match read(text) {
        Read::Unreadable(issue) => return Err(vec![*issue]),
        Read::Good(ledger, text) => match validate_with(*ledger, bounds) {
            Ok(valid) => return Ok(valid),
            Err(issues) => (issues, 0, text),
        },
        Read::Broken(broken) => {
            let mut issues = broken.issues;
            if let Some(Err(more)) = broken.rest.map(|rest| validate_with(rest, bounds)) {
                let mended = Mended::new(&broken.touched);
                issues.extend(more.into_iter().filter(|issue| mended.surely(issue)));
            }
            (in_order(issues), broken.uncounted, broken.text)
        }
    };
    // Only what is handed out needs a place.
    let shown = issues.len().min(MAX_ISSUES);
    place::place(text, &mut issues[..shown]);
    Err(capped(issues, uncounted))
}

/// JSON Schema (draft 2020-12) of a ledger, derived from the record types.
pub fn schema() -> serde_json::Value {
    shape::schema()
}

/// A ledger as indented JSON with a final newline; fields in the order of the format,
/// records as they stand. [`read_ledger`] gives the same ledger back.
#[allow(clippy::expect_used)]
pub fn write_ledger(ledger: &Ledger) -> String {
    let mut text = serde_json::to_string_pretty(ledger)
        .expect("ledger types have string keys and whole numbers");
    text.push('\n');
    text
}

/// What a first look at a file gives.
enum Read<'t> {
    /// It has the shape of a ledger.
    Good(Box<Ledger>, &'t str),
    /// It is JSON, and these things are wrong.
    Broken(Box<Broken<'t>>),
    /// It is not JSON, or of another format.
    Unreadable(Box<Issue>),
}

struct Broken<'t> {
    issues: Vec<Issue>,
    /// Issues that were not kept.
    uncounted: usize,
    /// Paths whose values are not the caller's in `rest`.
    touched: Vec<String>,
    /// The ledger without the broken parts.
    rest: Option<Ledger>,
    text: &'t str,
}

fn read(bytes: &[u8]) -> Read<'_> {
    let text = match text::decode(bytes) {
        Ok(text) => text,
        Err(issue) => return Read::Unreadable(Box::new(issue)),
    };
    let error = match serde_json::from_str::<Ledger>(text) {
        Ok(ledger) if ledger.format == LEDGER_FORMAT => return Read::Good(Box::new(ledger), text),
        Ok(_) => None,
        Err(error) => Some(error),
    };
    match inspect(text, error) {
        Ok(read) => read,
        Err(issue) => Read::Unreadable(Box::new(issue)),
    }
}

/// The second look, at a file that is not a ledger of this format.
fn inspect(text: &str, error: Option<serde_json::Error>) -> Result<Read<'_>, Issue> {
    let lines = Lines::new(text);
    let place =
        |error: &serde_json::Error| lines.position(lines.offset(error.line(), error.column()));
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let message = format!("this is not JSON: {}", reason(&error));
        return Err(malformed(message, place(&error)));
    }
    let root = parse_to_ast(text, &Default::default(), &strict())
        .map_err(|error| {
            let position = lines.position(error.range().start);
            malformed(format!("this is not JSON: {}", error.kind()), position)
        })?
        .value;
    let Some(root @ ast::Value::Object(_)) = root else {
        return Err(malformed("a ledger is a JSON object", (1, 1)));
    };
    if let Some(issue) = other_format(&root, &lines) {
        return Err(issue);
    }
    let mut walk = Walk::new(shape::shapes(), &lines);
    let document = walk.document(&root);
    let rest = serde_json::from_value::<Ledger>(document);
    let Walk { mut issues, uncounted, touched, .. } = walk;
    if issues.is_empty() {
        match rest {
            // Another spelling of the same numbers, such as -0.
            Ok(ledger) => return Ok(Read::Good(Box::new(ledger), text)),
            // The types know something that the schema does not say.
            Err(rest) => {
                let error = error.unwrap_or(rest);
                let mut issue = Issue::new(Code::FieldInvalid, WHOLE, reason(&error));
                issue.position = Some(place(&error));
                return Err(issue);
            }
        }
    }
    issues = in_order(issues);
    Ok(Read::Broken(Box::new(Broken { issues, uncounted, touched, rest: rest.ok(), text })))
}

/// JSON as the standard has it; numbers and names as the library checked them already.
fn strict() -> ParseOptions {
    ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn tree(text: &str) -> Option<ast::Value<'_>> {
    parse_to_ast(text, &Default::default(), &strict()).ok()?.value
}

/// A format that is written as a text and is not ours.
fn other_format(root: &ast::Value<'_>, lines: &Lines<'_>) -> Option<Issue> {
    let format = root.as_object()?.get_string("format")?;
    if format.value == LEDGER_FORMAT {
        return None;
    }
    let message = format!("this version reads {LEDGER_FORMAT}, not {}", quoted(&format.value));
    let mut issue = Issue::new(Code::UnsupportedSchemaVersion, "format", message);
    issue.position = Some(lines.position(format.range.start));
    Some(issue)
}

/// The library's sentence without its own line and column.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text[..end].to_owned()
}

/// At most [`MAX_ISSUES`]; the last one then says how many more there are.
fn capped(mut issues: Vec<Issue>, uncounted: usize) -> Vec<Issue> {
    let all = issues.len() + uncounted;
    if all > MAX_ISSUES {
        issues.truncate(MAX_ISSUES - 1);
        let message = format!("{all} violations in all; the first {} are shown", issues.len());
        let mut last = Issue::new(Code::TooManyItems, WHOLE, message);
        last.position = Some((1, 1));
        issues.push(last);
    }
    issues
}
