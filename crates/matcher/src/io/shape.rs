//! The published JSON Schema of a ledger, compiled for walking.
//!
//! In: the schema derived from the record types. Out: shapes: what may stand where.
//! Must not name a single field: the types are the only place where fields are
//! written down. Rejected: a general schema validator (its messages speak of schemas,
//! not of ledgers, and it stops where a planner wants to know everything).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use crate::ledger::Ledger;

/// What a value may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Anything.
    Any,
    /// A text.
    Text,
    /// A whole number that fits `i64`.
    Integer,
    /// `true` or `false`.
    Bool,
    /// One of these words.
    Words(Vec<String>),
    /// A list.
    List(Box<Shape>),
    /// An object with any keys.
    Object,
    /// A record, by position in [`Shapes::records`].
    Record(usize),
    /// One of several, told apart by the JSON type.
    OneOf(Vec<Shape>),
    /// Null or the inner shape.
    Nullable(Box<Shape>),
}

/// One field of a record.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub shape: Shape,
    pub required: bool,
}

/// All records; the first is the ledger.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    pub records: Vec<BTreeMap<String, Field>>,
    /// Position of each named definition that is a record.
    named: BTreeMap<String, usize>,
}

/// The JSON Schema (draft 2020-12) of a ledger.
pub(super) fn schema() -> Value {
    schemars::schema_for!(Ledger).to_value()
}

/// The compiled schema, made on first use.
pub(super) fn shapes() -> &'static Shapes {
    static SHAPES: OnceLock<Shapes> = OnceLock::new();
    SHAPES.get_or_init(|| {
        let schema = schema();
        let mut shapes = Shapes::default();
        shapes.record(&schema, &schema);
        shapes
    })
}

impl Shapes {
    /// Compiles an object schema with named properties into the next record.
    fn record(&mut self, node: &Value, root: &Value) -> usize {
        let at = self.records.len();
        self.records.push(BTreeMap::new());
        let required: Vec<&str> = node["required"]
            .as_array()
            .map_or(Vec::new(), |names| names.iter().filter_map(Value::as_str).collect());
        let mut fields = BTreeMap::new();
        for (name, property) in node["properties"].as_object().into_iter().flatten() {
            let field = Field {
                shape: self.compile(property, root),
                required: required.contains(&name.as_str()),
            };
            fields.insert(name.clone(), field);
        }
        self.records[at] = fields;
        at
    }

    /// Compiles any schema. What it does not understand is [`Shape::Any`]: then the
    /// typed reader has the last word.
    fn compile(&mut self, node: &Value, root: &Value) -> Shape {
        if let Some(reference) = node["$ref"].as_str() {
            return self.compile_reference(reference, root);
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(options) = node[key].as_array() {
                return self.compile_options(options, root);
            }
        }
        if let Some(words) = node["enum"].as_array() {
            return Shape::Words(
                words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            );
        }
        if let Some(word) = node["const"].as_str() {
            return Shape::Words(vec![word.to_owned()]);
        }
        match &node["type"] {
            Value::String(name) => self.compile_type(name, node, root),
            Value::Array(names) => {
                let mut nullable = false;
                let mut options = Vec::new();
                for name in names.iter().filter_map(Value::as_str) {
                    if name == "null" {
                        nullable = true;
                    } else {
                        options.push(self.compile_type(name, node, root));
                    }
                }
                wrap(options, nullable)
            }
            _ => Shape::Any,
        }
    }

    fn compile_reference(&mut self, reference: &str, root: &Value) -> Shape {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        if let Some(&at) = self.named.get(name) {
            return Shape::Record(at);
        }
        let target = &root["$defs"][name];
        if target["properties"].is_object() {
            // Entered before its fields, so that a record may refer to itself.
            self.named.insert(name.to_owned(), self.records.len());
            return Shape::Record(self.record(target, root));
        }
        self.compile(target, root)
    }

    fn compile_options(&mut self, options: &[Value], root: &Value) -> Shape {
        let mut nullable = false;
        let mut words = Vec::new();
        let mut shapes = Vec::new();
        for option in options {
            if option["type"] == "null" {
                nullable = true;
                continue;
            }
            match self.compile(option, root) {
                Shape::Words(more) => words.extend(more),
                shape => shapes.push(shape),
            }
        }
        if !words.is_empty() {
            shapes.push(Shape::Words(words));
        }
        wrap(shapes, nullable)
    }

    fn compile_type(&mut self, name: &str, node: &Value, root: &Value) -> Shape {
        match name {
            "string" => Shape::Text,
            "integer" => Shape::Integer,
            "boolean" => Shape::Bool,
            "array" => Shape::List(Box::new(self.compile(&node["items"], root))),
            "object" if node["properties"].is_object() => Shape::Record(self.record(node, root)),
            "object" => Shape::Object,
            _ => Shape::Any,
        }
    }
}

fn wrap(mut shapes: Vec<Shape>, nullable: bool) -> Shape {
    let shape = match shapes.len() {
        0 => Shape::Any,
        1 => shapes.remove(0),
        _ => Shape::OneOf(shapes),
    };
    if nullable { Shape::Nullable(Box::new(shape)) } else { shape }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A construct the compiler does not know would show up here as `Any`.
    #[test]
    fn only_the_free_fields_are_free() {
        let free: Vec<&str> = shapes()
            .records
            .iter()
            .flatten()
            .filter(|(_, field)| field.shape == Shape::Any)
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(free, ["expected", "facts", "value"]);
    }

    #[test]
    fn words_and_nulls_are_understood() {
        let ledger = &shapes().records[0];
        let Shape::List(goal) = &ledger["goals"].shape else {
            panic!("goals are a list");
        };
        let Shape::Record(goal) = **goal else {
            panic!("a goal is a record");
        };
        let goal = &shapes().records[goal];
        assert!(goal["what"].required && !goal["by"].required);
        assert_eq!(goal["by"].shape, Shape::Words(vec!["share".into(), "amount".into()]));
        assert!(matches!(&goal["per"].shape, Shape::Nullable(words)
            if matches!(&**words, Shape::Words(words) if words.len() == 14)));
    }
}
