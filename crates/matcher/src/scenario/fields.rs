//! Fields of a record by name, without converting the record.
//!
//! In: a record type or a record. Out: the names of its fields; whether single
//! fields match wanted values. Must not know which record it is. Rejected: a
//! hand-kept table of field names for each record (it would drift from the types)
//! and a JSON tree for every record that a `where` looks at (a million trees to
//! find three records): the derived `Serialize` walks the fields, and only the
//! fields asked for become JSON values.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::ser::{self, Impossible, Serialize, SerializeStruct, Serializer};
use serde_json::Value;

use super::list::Record;

/// Names of the fields of `T` as files spell them.
pub(super) fn names_of<T: Record>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // The probe always answers with an error; only the names it overheard count.
    let _ = T::deserialize(Probe(&mut names));
    names
}

/// A deserializer that overhears the field names of a derived struct.
struct Probe<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Stop;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        Err(Stop)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Stop> {
        *self.0 = fields;
        Err(Stop)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier
        ignored_any
    }
}

/// The end of a walk that has no other result.
#[derive(Debug)]
pub(super) struct Stop;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a record")
    }
}

impl std::error::Error for Stop {}

impl de::Error for Stop {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Stop
    }
}

impl ser::Error for Stop {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Stop
    }
}

/// Wanted values by field; all fields must match.
pub(super) struct Wanted<'a>(pub(super) Vec<(&'a str, &'a Value)>);

impl Wanted<'_> {
    /// Whether every wanted field of `record` matches.
    ///
    /// A field matches a single value by equality or, when the field is a list, by
    /// containing it; it matches a list of values when it matches one of them. An
    /// absent field is null.
    pub(super) fn matches<T: Record>(&self, record: &T) -> bool {
        record.serialize(Walk { wanted: self, all: true }).unwrap_or(false)
    }
}

fn field_matches(field: &Value, wanted: &Value) -> bool {
    let one = |w: &Value| match field {
        Value::Array(items) => items.contains(w),
        other => other == w,
    };
    match wanted {
        Value::Array(choices) => choices.iter().any(one),
        single => one(single),
    }
}

/// A serializer that looks at the wanted fields of one struct and drops the rest.
struct Walk<'a> {
    wanted: &'a Wanted<'a>,
    all: bool,
}

impl Walk<'_> {
    fn see(&mut self, key: &str, field: impl FnOnce() -> Result<Value, Stop>) -> Result<(), Stop> {
        if let Some((_, wanted)) = self.wanted.0.iter().find(|(name, _)| *name == key) {
            self.all = self.all && field_matches(&field()?, wanted);
        }
        Ok(())
    }
}

impl SerializeStruct for Walk<'_> {
    type Ok = bool;
    type Error = Stop;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        self.see(key, || serde_json::to_value(value).map_err(|_| Stop))
    }

    fn skip_field(&mut self, key: &'static str) -> Result<(), Stop> {
        self.see(key, || Ok(Value::Null))
    }

    fn end(self) -> Result<bool, Stop> {
        Ok(self.all)
    }
}

/// Serializer methods that no record reaches: records are structs.
macro_rules! never {
    ($($method:ident($($argument:ty),*) -> $out:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$out, Stop> {
            Err(Stop)
        })*
    };
}

impl Serializer for Walk<'_> {
    type Ok = bool;
    type Error = Stop;
    type SerializeSeq = Impossible<bool, Stop>;
    type SerializeTuple = Impossible<bool, Stop>;
    type SerializeTupleStruct = Impossible<bool, Stop>;
    type SerializeTupleVariant = Impossible<bool, Stop>;
    type SerializeMap = Impossible<bool, Stop>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<bool, Stop>;

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Stop> {
        Ok(self)
    }

    never! {
        serialize_bool(bool) -> bool;
        serialize_i8(i8) -> bool;
        serialize_i16(i16) -> bool;
        serialize_i32(i32) -> bool;
        serialize_i64(i64) -> bool;
        serialize_u8(u8) -> bool;
        serialize_u16(u16) -> bool;
        serialize_u32(u32) -> bool;
        serialize_u64(u64) -> bool;
        serialize_f32(f32) -> bool;
        serialize_f64(f64) -> bool;
        serialize_char(char) -> bool;
        serialize_str(&str) -> bool;
        serialize_bytes(&[u8]) -> bool;
        serialize_none() -> bool;
        serialize_unit() -> bool;
        serialize_unit_struct(&'static str) -> bool;
        serialize_unit_variant(&'static str, u32, &'static str) -> bool;
        serialize_seq(Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }

    fn serialize_some<T: ?Sized + Serialize>(self, _: &T) -> Result<bool, Stop> {
        Err(Stop)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<bool, Stop> {
        Err(Stop)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<bool, Stop> {
        Err(Stop)
    }
}
