//! Whole numbers of any size up to 128 bits in JSON.
//!
//! In: `i128`. Out: a JSON number while it fits 64 bits, a decimal string beyond.
//! Must not know what it counts.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An `i128` that survives JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Big(pub i128);

impl From<i128> for Big {
    fn from(value: i128) -> Self {
        Big(value)
    }
}

impl From<i64> for Big {
    fn from(value: i64) -> Self {
        Big(i128::from(value))
    }
}

impl fmt::Display for Big {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Big {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match i64::try_from(self.0) {
            Ok(small) => serializer.serialize_i64(small),
            Err(_) => serializer.collect_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Big {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Big;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or one in a string")
            }

            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Big, E> {
                Ok(Big(i128::from(value)))
            }

            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Big, E> {
                Ok(Big(i128::from(value)))
            }

            fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Big, E> {
                value
                    .parse()
                    .map(Big)
                    .map_err(|_| E::invalid_value(serde::de::Unexpected::Str(value), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Big {
    fn schema_name() -> Cow<'static, str> {
        "Big".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A whole number; a decimal string where it does not fit 64 bits.",
            "anyOf": [{ "type": "integer" }, { "type": "string", "pattern": "^-?[0-9]+$" }]
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Big;

    #[test]
    fn numbers_survive_json_on_both_sides_of_64_bits() {
        for value in [0, -1, i128::from(i64::MAX), i128::from(i64::MAX) + 1, i128::MIN] {
            let text = serde_json::to_string(&Big(value)).unwrap();
            assert_eq!(serde_json::from_str::<Big>(&text).unwrap(), Big(value), "{text}");
        }
        assert!(serde_json::from_str::<Big>("1.5").is_err());
        assert!(serde_json::from_str::<Big>("\"x\"").is_err());
    }
}
