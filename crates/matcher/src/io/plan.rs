//! Plans in files: JSON in and out, and the schema of the format.
//!
//! In: bytes, or a [`Plan`]. Out: a [`Plan`] or issues with line and column; text; the
//! JSON Schema. Must not know whether a plan is right: that is `pipeline::verify`'s to
//! say. Rejected: the walk against the schema that ledgers get; plans are written by
//! programs, and the first fault is enough for them.

use serde::Deserialize;

use super::text::{Lines, WHOLE, decode};
use super::{malformed, reason};
use crate::error::{Code, Issue, quoted};
use crate::plan::{PLAN_FORMAT, Plan};

/// JSON Schema (draft 2020-12) of a plan, derived from the record types.
pub fn plan_schema() -> serde_json::Value {
    schemars::schema_for!(Plan).to_value()
}

/// Reads a plan as written, without judging it. Linear in the text.
///
/// # Errors
/// `FILE_MALFORMED` (not UTF-8, empty, not JSON), `UNSUPPORTED_SCHEMA_VERSION` (another
/// `format`) or `FIELD_INVALID` (does not have the shape of a plan), with line and column.
///
/// ```
/// use concentric_matcher::io::{read_plan, write_plan};
/// let plan = read_plan(br#"{"format": "concentric.plan/v1", "assignments": []}"#).unwrap();
/// assert_eq!(read_plan(write_plan(&plan).as_bytes()).unwrap(), plan);
/// let issues = read_plan(b"{\"format\": \"concentric.plan/v1\",\n \"levels\": 3}").unwrap_err();
/// assert_eq!(issues[0].code.as_str(), "FIELD_INVALID");
/// assert_eq!(issues[0].position.unwrap().0, 2);
/// ```
pub fn read_plan(bytes: &[u8]) -> Result<Plan, Vec<Issue>> {
    /// What is looked at before anything else.
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }

    let text = decode(bytes).map_err(|issue| vec![issue])?;
    let error = match serde_json::from_str::<Plan>(text) {
        Ok(plan) if plan.format == PLAN_FORMAT => return Ok(plan),
        Ok(plan) => return Err(vec![other_format(&plan.format)]),
        Err(error) => error,
    };
    let lines = Lines::new(text);
    let position = lines.position(lines.offset(error.line(), error.column()));
    if error.is_syntax() || error.is_eof() {
        return Err(vec![malformed(format!("this is not JSON: {}", reason(&error)), position)]);
    }
    if let Ok(head) = serde_json::from_str::<Head>(text)
        && head.format != PLAN_FORMAT
    {
        return Err(vec![other_format(&head.format)]);
    }
    let message = format!("this is not a plan: {}", reason(&error));
    let mut issue = Issue::new(Code::FieldInvalid, WHOLE, message);
    issue.position = Some(position);
    Err(vec![issue])
}

/// A plan as indented JSON with a final newline. [`read_plan`] gives the same plan back.
#[allow(clippy::expect_used)]
pub fn write_plan(plan: &Plan) -> String {
    let mut text =
        serde_json::to_string_pretty(plan).expect("plan types have string keys and whole numbers");
    text.push('\n');
    text
}

fn other_format(format: &str) -> Issue {
    let message = format!("this version reads {PLAN_FORMAT}, not {}", quoted(format));
    Issue::new(Code::UnsupportedSchemaVersion, "format", message)
}
