//! Filters of lists, the part of AIP-160 that lists need: `field = "value"` joined by AND.
//!
//! In: a filter and the fields of a list. Out: one value for each field, empty for any.

use crate::errors::{Reason, Refusal, field};

/// Values by field.
pub(super) fn read(filter: &str, fields: &[&str]) -> Result<Vec<String>, Refusal> {
    let mut values = vec![String::new(); fields.len()];
    let wrong = |what: String| field(Reason::FieldInvalid, "filter", what);
    for part in filter.split(" AND ").map(str::trim).filter(|part| !part.is_empty()) {
        let form =
            || wrong(format!("write comparisons field = \"value\"; fields: {}", fields.join(", ")));
        let (name, value) = part.split_once('=').ok_or_else(form)?;
        let at = fields.iter().position(|known| *known == name.trim()).ok_or_else(form)?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        if value.is_empty() || value.contains(|c: char| c == '"' || c.is_control()) {
            return Err(form());
        }
        if !values[at].is_empty() && values[at] != value {
            return Err(wrong(format!("{} is compared twice", fields[at])));
        }
        values[at] = value.to_owned();
    }
    Ok(values)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::read;

    #[test]
    fn filters_name_known_fields() {
        let fields = ["state", "request_id"];
        assert_eq!(read("", &fields).unwrap(), ["", ""]);
        assert_eq!(read("state = \"QUEUED\"", &fields).unwrap(), ["QUEUED", ""]);
        let both = read("request_id=r AND state = \"FAILED\"", &fields).unwrap();
        assert_eq!(both, ["FAILED", "r"]);
        for wrong in [
            "state",
            "other = \"x\"",
            "state = \"A\" AND state = \"B\"",
            "state = ",
            "state=\"A\0\"",
        ] {
            assert!(read(wrong, &fields).is_err(), "{wrong}");
        }
    }
}
