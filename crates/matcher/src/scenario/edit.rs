//! `set`, `add` and `scale_pct`: one field of the selected records.
//!
//! In: a list, positions, a field and a change. Out: the changed records. Must not
//! know how the records were selected. The one touched record goes through its JSON
//! form and back, so what a delta may write is exactly what a file may hold.

use serde_json::{Map, Value};

use super::fields::names_of;
use super::list::{List, Record};
use super::select::unknown_field;
use crate::error::{Code, Issue};
use crate::ledger::{Delta, DeltaOp};

/// Fields that may be negative: coordinates. Money and quantities never are.
const SIGNED: [&str; 2] = ["x_m", "y_m"];

/// What happens to the field.
enum Change<'a> {
    Set(&'a Value),
    Add(i64),
    ScalePct(i64),
}

/// Changes `delta.field` of the records at `hits`.
///
/// `add`: `new = old + value`. `scale_pct`: `new = floor(old * value / 100)`.
///
/// # Errors
/// Unknown field, the id field, a value of the wrong type, a result outside i64
/// (`VALUE_OUT_OF_RANGE`) or below zero (`DELTA_RESULT_NEGATIVE`). Of several
/// records that fail, the first is told, with the number of the others.
pub(super) fn edit<T: Record>(
    records: &mut [T],
    hits: &[usize],
    list: List,
    delta: &Delta,
    at: &str,
) -> Result<(), Vec<Issue>> {
    let field = field_name::<T>(list, delta, at).map_err(|issue| vec![issue])?;
    let change = change(delta, at).map_err(|issue| vec![issue])?;
    let mut first = None;
    let mut failed = 0_usize;
    for &p in hits {
        match edited(&records[p], field, &change, at) {
            Ok(record) => records[p] = record,
            Err(issue) => {
                failed += 1;
                first.get_or_insert((p, issue));
            }
        }
    }
    let Some((p, mut issue)) = first else {
        return Ok(());
    };
    let name = records[p].id().map_or_else(|| format!("#{p}"), str::to_owned);
    issue.message = format!("`{field}` of `{name}`: {}", issue.message);
    if failed > 1 {
        issue.message += &format!(" (and {} more records)", failed - 1);
    }
    Err(vec![issue])
}

fn field_name<'a, T: Record>(list: List, delta: &'a Delta, at: &str) -> Result<&'a str, Issue> {
    let path = format!("{at}.field");
    let Some(field) = delta.field.as_deref() else {
        return Err(Issue::new(Code::FieldRequired, path, "`field` is required here"));
    };
    if field == "id" {
        return Err(Issue::new(
            Code::FieldInvalid,
            path,
            "an id cannot be changed; remove and insert the record instead",
        ));
    }
    let names = names_of::<T>();
    if names.contains(&field) { Ok(field) } else { Err(unknown_field(field, names, list, path)) }
}

fn change<'a>(delta: &'a Delta, at: &str) -> Result<Change<'a>, Issue> {
    let path = format!("{at}.value");
    match delta.op {
        DeltaOp::Add => Ok(Change::Add(whole(delta.value.as_ref(), path)?)),
        DeltaOp::ScalePct => Ok(Change::ScalePct(whole(delta.value.as_ref(), path)?)),
        // A JSON null and no value at all read the same: both set null.
        _ => {
            let value = delta.value.as_ref().unwrap_or(&Value::Null);
            if value.is_number() {
                whole(Some(value), path)?;
            }
            Ok(Change::Set(value))
        }
    }
}

/// A whole number of the range of i64.
pub(super) fn whole(value: Option<&Value>, path: String) -> Result<i64, Issue> {
    match value {
        None | Some(Value::Null) => {
            Err(Issue::new(Code::FieldRequired, path, "`value` is required here"))
        }
        Some(Value::Number(number)) => number.as_i64().ok_or_else(|| {
            if number.is_f64() {
                Issue::new(Code::FieldInvalid, path, format!("{number} is not a whole number"))
            } else {
                Issue::new(Code::ValueOutOfRange, path, format!("{number} is beyond 64 bits"))
            }
        }),
        Some(other) => {
            Err(Issue::new(Code::FieldInvalid, path, format!("{other} is not a whole number")))
        }
    }
}

fn edited<T: Record>(record: &T, field: &str, change: &Change, at: &str) -> Result<T, Issue> {
    let path = format!("{at}.value");
    let invalid = |message: String| Issue::new(Code::FieldInvalid, path.clone(), message);
    let mut tree: Map<String, Value> = match serde_json::to_value(record) {
        Ok(Value::Object(map)) => map,
        _ => return Err(invalid("the record has no JSON form".to_owned())),
    };
    let new = match change {
        Change::Set(value) => (*value).clone(),
        Change::Add(by) => computed(&tree, field, at, |old| old + i128::from(*by))?,
        Change::ScalePct(by) => {
            computed(&tree, field, at, |old| (old * i128::from(*by)).div_euclid(100))?
        }
    };
    if let Some(number) = new.as_i64()
        && number < 0
        && !SIGNED.contains(&field)
    {
        return Err(Issue::new(
            Code::DeltaResultNegative,
            path,
            format!("the result would be {number}, below zero"),
        ));
    }
    tree.insert(field.to_owned(), new);
    serde_json::from_value(Value::Object(tree)).map_err(|e| invalid(e.to_string()))
}

/// The new number of a whole-number field; `i128` holds every product of two i64.
fn computed(
    tree: &Map<String, Value>,
    field: &str,
    at: &str,
    rule: impl Fn(i128) -> i128,
) -> Result<Value, Issue> {
    let old = match tree.get(field) {
        None | Some(Value::Null) => {
            return Err(Issue::new(
                Code::FieldInvalid,
                format!("{at}.field"),
                "the field is absent and has no number to start from; use `set`",
            ));
        }
        Some(value) => value.as_i64().ok_or_else(|| {
            Issue::new(Code::FieldInvalid, format!("{at}.field"), "not a whole-number field")
        })?,
    };
    let new = rule(i128::from(old));
    i64::try_from(new).map(Value::from).map_err(|_| {
        Issue::new(
            Code::ValueOutOfRange,
            format!("{at}.value"),
            format!("the result would be {new}, beyond 64 bits"),
        )
    })
}
