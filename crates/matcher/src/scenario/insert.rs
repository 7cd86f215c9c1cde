//! `insert`: a new record at the end of a list.
//!
//! In: a list and a JSON record. Out: the list with the typed record. Must not know
//! the rules between records; validation tells what the new record breaks.

use serde_json::Value;

use super::fields::names_of;
use super::list::{List, Record};
use super::select::unknown_field;
use crate::error::{Code, Issue};
use crate::ids::is_id;
use crate::ledger::{Delta, Pair};

/// Appends `delta.value` to `records`.
///
/// # Errors
/// No value, a value that is no record of the list (`FIELD_INVALID`, with the
/// reader's message), a malformed id, or an id that is taken (`DUPLICATE_ID`).
pub(super) fn insert<T: Record>(
    records: &mut Vec<T>,
    list: List,
    delta: &Delta,
    at: &str,
) -> Result<(), Vec<Issue>> {
    let path = format!("{at}.value");
    let value = match &delta.value {
        Some(value @ Value::Object(_)) => value,
        Some(_) => {
            return Err(vec![Issue::new(
                Code::FieldInvalid,
                path,
                format!("`insert` takes one record of `{}`", list.word()),
            )]);
        }
        None => {
            return Err(vec![Issue::new(Code::FieldRequired, path, "`value` is required here")]);
        }
    };
    let names = names_of::<T>();
    let mut issues: Vec<Issue> = value
        .as_object()
        .into_iter()
        .flat_map(|map| map.keys())
        .filter(|key| !names.contains(&key.as_str()))
        .map(|key| unknown_field(key, names, list, format!("{path}.{key}")))
        .collect();
    if !issues.is_empty() {
        return Err(issues);
    }
    let record: T = serde_json::from_value(value.clone())
        .map_err(|e| vec![Issue::new(Code::FieldInvalid, path.clone(), e.to_string())])?;
    if let Some(id) = record.id() {
        if !is_id(id) {
            issues.push(Issue::new(
                Code::IdMalformed,
                format!("{path}.id"),
                format!("`{id}` is not an id: 1 to 64 of A-Z a-z 0-9 . _ -"),
            ));
        }
        if let Some(p) = records.iter().position(|r| r.id() == Some(id)) {
            issues.push(
                Issue::new(
                    Code::DuplicateId,
                    format!("{path}.id"),
                    format!("`{id}` is already in `{}`", list.word()),
                )
                .with_related(format!("{}[{p}]", list.word())),
            );
        }
    }
    if issues.is_empty() {
        records.push(record);
        Ok(())
    } else {
        Err(issues)
    }
}

/// The issue when the row just inserted into `pairs` (the last one) repeats a key.
pub(super) fn repeated_pair(pairs: &[Pair], at: &str) -> Option<Issue> {
    let (last, earlier) = pairs.split_last()?;
    let p = earlier.iter().position(|row| {
        (&row.offer, &row.need, &row.unit, &row.place)
            == (&last.offer, &last.need, &last.unit, &last.place)
    })?;
    Some(
        Issue::new(
            Code::DuplicateId,
            format!("{at}.value"),
            "`pairs` already has a row for this pair",
        )
        .with_related(format!("pairs[{p}]")),
    )
}
