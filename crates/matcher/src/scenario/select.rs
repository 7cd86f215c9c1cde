//! Which records a delta speaks of: `id` or `where`.
//!
//! In: a list and a delta. Out: positions in the list, ascending. Must not know
//! what is done with them.

use super::fields::{Wanted, names_of};
use super::list::{List, Record, suggestion};
use crate::error::{Code, Issue};
use crate::ledger::Delta;

/// Positions of the records that `delta` names, ascending.
///
/// # Errors
/// Both or neither of `id` and `where` (`FIELD_INVALID`, `FIELD_REQUIRED`), an id
/// that no record carries (`UNKNOWN_REFERENCE`), an unknown field in `where`.
/// A `where` that no record matches is legal and gives no positions.
///
/// # Complexity
/// One pass over the list.
pub(super) fn hits<T: Record>(
    records: &[T],
    list: List,
    delta: &Delta,
    at: &str,
) -> Result<Vec<usize>, Vec<Issue>> {
    match (&delta.id, &delta.filter) {
        (Some(_), Some(_)) => Err(vec![Issue::new(
            Code::FieldInvalid,
            format!("{at}.where"),
            "`id` and `where` exclude each other",
        )]),
        (None, None) => Err(vec![Issue::new(
            Code::FieldRequired,
            format!("{at}.id"),
            "`id` or `where` is required here",
        )]),
        (Some(id), None) => by_id(records, list, id, at).map(|p| vec![p]).map_err(|i| vec![i]),
        (None, Some(filter)) => {
            let names = names_of::<T>();
            let issues: Vec<Issue> = filter
                .keys()
                .filter(|key| !names.contains(&key.as_str()))
                .map(|key| unknown_field(key, names, list, format!("{at}.where.{key}")))
                .collect();
            if !issues.is_empty() {
                return Err(issues);
            }
            let wanted = Wanted(filter.iter().map(|(k, v)| (k.as_str(), v)).collect());
            Ok((0..records.len()).filter(|&p| wanted.matches(&records[p])).collect())
        }
    }
}

/// Position of the record with the given id.
pub(super) fn by_id<T: Record>(
    records: &[T],
    list: List,
    id: &str,
    at: &str,
) -> Result<usize, Issue> {
    if matches!(list, List::Pairs | List::Goals) {
        return Err(Issue::new(
            Code::FieldInvalid,
            format!("{at}.id"),
            format!("records of `{}` carry no id; use `where`", list.word()),
        ));
    }
    records
        .iter()
        .position(|r| r.id() == Some(id))
        .ok_or_else(|| unknown_id(records, list, id, format!("{at}.id")))
}

/// The issue for an id that no record of the list carries.
pub(super) fn unknown_id<T: Record>(records: &[T], list: List, id: &str, path: String) -> Issue {
    let hint = suggestion(id, records.iter().filter_map(Record::id));
    Issue::new(Code::UnknownReference, path, format!("no record `{id}` in `{}`{hint}", list.word()))
}

/// The issue for a field that records of the list do not have.
pub(super) fn unknown_field(field: &str, names: &[&str], list: List, path: String) -> Issue {
    let hint = suggestion(field, names.iter().copied());
    Issue::new(
        Code::FieldInvalid,
        path,
        format!("records of `{}` have no field `{field}`{hint}", list.word()),
    )
}
