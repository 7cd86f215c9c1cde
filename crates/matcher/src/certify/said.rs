//! Values in the sentences of a verdict.
//!
//! In: a value, or none. Out: text as the plan writes it. Must not know verdicts.

use std::fmt;

/// A value as a sentence says it; none is "nothing".
pub(crate) fn said(value: Option<impl fmt::Display>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| value.to_string())
}

/// A word of a plan as the plan writes it.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
