//! Values of any shape: free JSON of a ledger, and the values of deltas.
//!
//! In: JSON values. Out: `concentric.v1.Value`, or JSON text. Must not know what they mean.
//! A value nested deeper than [`DEEPEST`] is refused on the way in; protobuf itself would
//! refuse it a little later.

use concentric_matcher::error::Code;
use concentric_proto::v1;
use concentric_proto::v1::value::Kind;
use serde_json::{Map, Number, Value};

use super::reader::Reader;
use super::traits::Wire;

/// Most lists and records inside each other.
const DEEPEST: usize = 24;

impl Wire<v1::Value> for Value {
    fn into_wire(self) -> v1::Value {
        let kind = match self {
            Value::Null => None,
            Value::Bool(truth) => Some(Kind::Truth(truth)),
            Value::Number(number) => Some(match number.as_i64() {
                Some(whole) => Kind::Integer(whole),
                None => Kind::Number(number.as_f64().unwrap_or(f64::NAN)),
            }),
            Value::String(text) => Some(Kind::Text(text)),
            Value::Array(items) => Some(Kind::List(v1::ValueList { items: items.into_wire() })),
            Value::Object(fields) => Some(Kind::Record(fields.into_wire())),
        };
        v1::Value { kind }
    }

    fn from_wire(wire: v1::Value, at: &mut Reader) -> Self {
        if depth(&wire) > DEEPEST {
            at.fault(Code::FieldInvalid, format!("is nested deeper than {DEEPEST}"));
            return Value::Null;
        }
        json(wire, at)
    }
}

impl Wire<v1::ValueRecord> for Map<String, Value> {
    fn into_wire(self) -> v1::ValueRecord {
        let fields = self.into_iter().map(|(name, value)| (name, value.into_wire())).collect();
        v1::ValueRecord { fields }
    }

    fn from_wire(wire: v1::ValueRecord, at: &mut Reader) -> Self {
        let fields = wire.fields.into_iter();
        fields
            .map(|(name, value)| {
                let value = at.field(name.clone(), |at| Value::from_wire(value, at));
                (name, value)
            })
            .collect()
    }
}

fn json(wire: v1::Value, at: &mut Reader) -> Value {
    match wire.kind {
        None => Value::Null,
        Some(Kind::Truth(truth)) => Value::Bool(truth),
        Some(Kind::Integer(whole)) => Value::Number(whole.into()),
        Some(Kind::Number(number)) => match Number::from_f64(number) {
            Some(number) => Value::Number(number),
            None => {
                at.fault(Code::FieldInvalid, "is not a finite number");
                Value::Null
            }
        },
        Some(Kind::Text(text)) => Value::String(text),
        Some(Kind::List(list)) => {
            let items = list.items.into_iter().enumerate();
            Value::Array(items.map(|(k, item)| at.item(k, |at| json(item, at))).collect())
        }
        Some(Kind::Record(record)) => Value::Object(
            record
                .fields
                .into_iter()
                .map(|(name, value)| {
                    let value = at.field(name.clone(), |at| json(value, at));
                    (name, value)
                })
                .collect(),
        ),
    }
}

/// Lists and records inside each other; protobuf bounds the recursion.
fn depth(value: &v1::Value) -> usize {
    match &value.kind {
        Some(Kind::List(list)) => 1 + list.items.iter().map(depth).max().unwrap_or(0),
        Some(Kind::Record(record)) => 1 + record.fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// JSON text of a free value; none for null.
pub fn text_of(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| value.to_string())
}

/// The free value of a JSON text.
pub fn value_of(text: Option<String>, at: &mut Reader) -> Value {
    let Some(text) = text else { return Value::Null };
    serde_json::from_str(&text).unwrap_or_else(|error| {
        at.fault(Code::FieldInvalid, format!("this is not JSON: {error}"));
        Value::Null
    })
}
