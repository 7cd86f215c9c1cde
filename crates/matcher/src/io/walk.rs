//! A parsed file against the shapes: every structural violation with its place.
//!
//! In: a syntax tree and the compiled schema. Out: issues, and the same document with
//! the offending parts left out or made neutral, so that the rules of the ledger can
//! be checked on the rest. Must not know those rules. Recursion is bounded by the
//! nesting that the decoder admits.

use std::collections::BTreeMap;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use serde_json::{Map, Value};

use super::shape::{Field, Shape, Shapes};
use super::text::{Lines, WHOLE};
use crate::error::{Code, Issue, quoted};
use crate::ledger::LEDGER_FORMAT;

/// Issues kept in memory; more are only counted.
const KEPT: usize = 20_000;

/// What a walk found.
pub(super) struct Walk<'a> {
    shapes: &'a Shapes,
    lines: &'a Lines<'a>,
    path: String,
    /// Violations, in the order of the file.
    pub issues: Vec<Issue>,
    /// Violations beyond [`KEPT`].
    pub uncounted: usize,
    /// Paths whose value was dropped or made up.
    pub touched: Vec<String>,
}

impl<'a> Walk<'a> {
    /// A walk over a file with these lines.
    pub fn new(shapes: &'a Shapes, lines: &'a Lines<'a>) -> Self {
        Walk {
            shapes,
            lines,
            path: String::new(),
            issues: Vec::new(),
            uncounted: 0,
            touched: Vec::new(),
        }
    }

    /// Walks the whole document; the result has the shape of a ledger.
    pub fn document(&mut self, root: &ast::Value<'_>) -> Value {
        self.value(root, &Shape::Record(0)).unwrap_or_else(|| self.neutral(&Shape::Record(0)))
    }

    fn tell(&mut self, code: Code, offset: usize, message: String) {
        if self.issues.len() >= KEPT {
            self.uncounted += 1;
            return;
        }
        let path = if self.path.is_empty() { WHOLE } else { &self.path };
        let mut issue = Issue::new(code, path, message);
        issue.position = Some(self.lines.position(offset));
        self.issues.push(issue);
    }

    /// The value in its shape, `None` if it does not fit (and was reported).
    fn value(&mut self, node: &ast::Value<'_>, shape: &Shape) -> Option<Value> {
        match (shape, node) {
            (Shape::Any, _) | (Shape::Object, ast::Value::Object(_)) => Some(plain(node)),
            (Shape::Nullable(_), ast::Value::NullKeyword(_)) => Some(Value::Null),
            (Shape::Nullable(inner), _) if fits(node, inner) => self.value(node, inner),
            (Shape::Text, ast::Value::StringLit(text)) => {
                Some(Value::String(text.value.clone().into_owned()))
            }
            (Shape::Bool, ast::Value::BooleanLit(yes)) => Some(Value::Bool(yes.value)),
            (Shape::Words(words), ast::Value::StringLit(text)) => {
                self.word(&text.value, words, node.start())
            }
            (Shape::Integer, ast::Value::NumberLit(number)) => {
                self.integer(number.value, node.start())
            }
            (Shape::List(item), ast::Value::Array(list)) => Some(self.list(list, item)),
            (Shape::Record(at), ast::Value::Object(object)) => {
                let shapes = self.shapes;
                Some(self.record(object, &shapes.records[*at]))
            }
            (Shape::OneOf(options), _) => {
                if let Some(option) = options.iter().find(|option| fits(node, option)) {
                    return self.value(node, option);
                }
                self.wrong_type(node, shape)
            }
            _ => self.wrong_type(node, shape),
        }
    }

    fn wrong_type(&mut self, node: &ast::Value<'_>, shape: &Shape) -> Option<Value> {
        let message = format!("{} stands where {} is needed", kind(node), wanted(shape));
        self.tell(Code::FieldInvalid, node.start(), message);
        self.touched.push(self.path.clone());
        None
    }

    fn word(&mut self, word: &str, words: &[String], offset: usize) -> Option<Value> {
        if words.iter().any(|known| known == word) {
            return Some(Value::String(word.to_owned()));
        }
        let message = format!(
            "{} is not one of {}{}",
            quoted(word),
            words.join(", "),
            suggestion(word, words.iter().map(String::as_str))
        );
        self.tell(Code::UnknownEnum, offset, message);
        self.touched.push(self.path.clone());
        None
    }

    fn integer(&mut self, literal: &str, offset: usize) -> Option<Value> {
        let shown: String = literal.chars().take(40).collect();
        let (code, message) = if literal.contains(['.', 'e', 'E']) {
            let message =
                format!("{shown} is not a whole number; write it without point and exponent");
            (Code::FieldInvalid, message)
        } else if let Ok(number) = literal.parse::<i64>() {
            return Some(Value::from(number));
        } else {
            let message = format!("{shown} is beyond the 64-bit range");
            (Code::ValueOutOfRange, message)
        };
        self.tell(code, offset, message);
        self.touched.push(self.path.clone());
        None
    }

    /// Items that do not fit are made neutral, so that the others keep their positions.
    fn list(&mut self, list: &ast::Array<'_>, item: &Shape) -> Value {
        let mut items = Vec::with_capacity(list.elements.len());
        for (k, element) in list.elements.iter().enumerate() {
            let end = self.path.len();
            self.path.push_str(&format!("[{k}]"));
            let value = self.value(element, item).unwrap_or_else(|| {
                // Its id is gone with it.
                self.touched.push(format!("{}.id", self.path));
                self.neutral(item)
            });
            items.push(value);
            self.path.truncate(end);
        }
        Value::Array(items)
    }

    fn record(&mut self, object: &ast::Object<'_>, fields: &BTreeMap<String, Field>) -> Value {
        let mut map = Map::new();
        let mut seen: Vec<&str> = Vec::with_capacity(object.properties.len());
        for property in &object.properties {
            let name = property.name.as_str();
            let end = self.enter(name);
            let offset = property.start();
            if let Some(field) = fields.get(name) {
                if seen.contains(&name) {
                    let message = "this field stands twice in one object; keep one".to_owned();
                    self.tell(Code::FieldInvalid, offset, message);
                    self.touched.push(self.path.clone());
                } else {
                    seen.push(name);
                    if let Some(value) = self.value(&property.value, &field.shape) {
                        map.insert(name.to_owned(), value);
                    }
                }
            } else {
                self.unknown_field(name, fields, offset, end);
            }
            self.path.truncate(end);
        }
        for (name, field) in fields {
            if !field.required || map.contains_key(name) {
                continue;
            }
            let end = self.enter(name);
            if !seen.contains(&name.as_str()) {
                let message = format!("{} is required here", wanted(&field.shape));
                self.tell(Code::FieldRequired, object.start(), message);
            }
            self.touched.push(self.path.clone());
            let value = match name.as_str() {
                // Another format would be an issue of its own.
                "format" => Value::from(LEDGER_FORMAT),
                _ => self.neutral(&field.shape),
            };
            map.insert(name.clone(), value);
            self.path.truncate(end);
        }
        Value::Object(map)
    }

    /// `end` is the length of the record's own path.
    fn unknown_field(
        &mut self,
        name: &str,
        fields: &BTreeMap<String, Field>,
        offset: usize,
        end: usize,
    ) {
        let close = closest(name, fields.keys().map(String::as_str));
        let message = match close {
            Some(close) => format!("there is no such field; did you mean `{close}`?"),
            None => {
                let known: Vec<&str> = fields.keys().map(String::as_str).collect();
                format!("there is no such field; known here: {}", known.join(", "))
            }
        };
        self.tell(Code::FieldInvalid, offset, message);
        // What the caller meant is missing now: the field itself, or any of the record.
        self.path.truncate(end);
        if let Some(close) = close {
            self.enter(close);
        }
        self.touched.push(self.path.clone());
    }

    /// Goes into a field; the result is the length to cut back to.
    fn enter(&mut self, name: &str) -> usize {
        let end = self.path.len();
        if end > 0 {
            self.path.push('.');
        }
        // A key is free text; a path is not the place for a long or broken one.
        self.path.extend(name.chars().take(64).flat_map(char::escape_debug));
        end
    }

    /// A value that fits `shape` and says as little as possible.
    fn neutral(&self, shape: &Shape) -> Value {
        match shape {
            Shape::Any | Shape::Nullable(_) => Value::Null,
            Shape::Text => Value::from(format!("missing.{}", self.touched.len())),
            Shape::Integer => Value::from(1),
            Shape::Bool => Value::from(false),
            Shape::Words(words) => Value::from(words.first().cloned().unwrap_or_default()),
            Shape::List(_) => Value::Array(Vec::new()),
            Shape::Object => Value::Object(Map::new()),
            Shape::OneOf(options) => options.first().map_or(Value::Null, |o| self.neutral(o)),
            Shape::Record(at) => {
                let fields = self.shapes.records[*at].iter();
                let required = fields.filter(|(_, field)| field.required);
                let entries = required.map(|(name, f)| (name.clone(), self.neutral(&f.shape)));
                Value::Object(entries.collect())
            }
        }
    }
}

/// Whether the JSON type of `node` is that of `shape`.
fn fits(node: &ast::Value<'_>, shape: &Shape) -> bool {
    if let Shape::OneOf(options) = shape {
        return options.iter().any(|option| fits(node, option));
    }
    matches!(
        (shape, node),
        (Shape::Any, _)
            | (Shape::Text | Shape::Words(_), ast::Value::StringLit(_))
            | (Shape::Integer, ast::Value::NumberLit(_))
            | (Shape::Bool, ast::Value::BooleanLit(_))
            | (Shape::List(_), ast::Value::Array(_))
            | (Shape::Record(_) | Shape::Object, ast::Value::Object(_))
            | (Shape::Nullable(_), ast::Value::NullKeyword(_))
    )
}

fn kind(node: &ast::Value<'_>) -> &'static str {
    match node {
        ast::Value::StringLit(_) => "a text",
        ast::Value::NumberLit(_) => "a number",
        ast::Value::BooleanLit(_) => "true or false",
        ast::Value::Object(_) => "an object",
        ast::Value::Array(_) => "a list",
        ast::Value::NullKeyword(_) => "null",
    }
}

fn wanted(shape: &Shape) -> String {
    match shape {
        Shape::Any => "a value".to_owned(),
        Shape::Text => "a text".to_owned(),
        Shape::Integer => "a whole number".to_owned(),
        Shape::Bool => "true or false".to_owned(),
        Shape::Words(words) => format!("one of {}", words.join(", ")),
        Shape::List(_) => "a list".to_owned(),
        Shape::Object | Shape::Record(_) => "an object".to_owned(),
        Shape::OneOf(options) => {
            let options: Vec<String> = options.iter().map(wanted).collect();
            options.join(" or ")
        }
        Shape::Nullable(inner) => format!("{} or null", wanted(inner)),
    }
}

/// The known word most like `word`, if one is like it at all.
fn closest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    // Distances cost the product of the lengths; no field is this long.
    if word.len() > 64 {
        return None;
    }
    let lower = word.to_lowercase();
    known
        .map(|known| (strsim::normalized_damerau_levenshtein(&lower, known), known))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, known)| known)
}

fn suggestion<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> String {
    closest(word, known).map_or(String::new(), |close| format!("; did you mean \"{close}\"?"))
}

/// A subtree as it is. Numbers beyond 64 bits become floats, as the typed reader has them.
fn plain(node: &ast::Value<'_>) -> Value {
    match node {
        ast::Value::StringLit(text) => Value::String(text.value.clone().into_owned()),
        ast::Value::NumberLit(number) => serde_json::from_str(number.value).unwrap_or(Value::Null),
        ast::Value::BooleanLit(yes) => Value::Bool(yes.value),
        ast::Value::Object(object) => {
            let entries = object.properties.iter();
            let entries = entries.map(|p| (p.name.as_str().to_owned(), plain(&p.value)));
            Value::Object(entries.collect())
        }
        ast::Value::Array(list) => Value::Array(list.elements.iter().map(plain).collect()),
        ast::Value::NullKeyword(_) => Value::Null,
    }
}
