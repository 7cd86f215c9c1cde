//! Paths to places in a file.
//!
//! In: a syntax tree and a path like `needs[3].quantity`. Out: the offset of the
//! value, or of the nearest thing around it when the field is not written. Must not
//! know what the path means.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step<'p> {
    Field(&'p str),
    Item(usize),
}

fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split(['.', '[']).filter(|part| !part.is_empty()).map(|part| {
        match part.strip_suffix(']').map(str::parse) {
            Some(Ok(item)) => Step::Item(item),
            _ => Step::Field(part),
        }
    })
}

/// Byte offset of the element at `path`, as far as the file goes along with it.
pub(super) fn locate(root: &ast::Value<'_>, path: &str) -> usize {
    let mut node = root;
    for step in steps(path) {
        let next = match (node, step) {
            (ast::Value::Object(object), Step::Field(name)) => object
                .properties
                .iter()
                .find(|property| property.name.as_str() == name)
                .map(|property| &property.value),
            (ast::Value::Array(list), Step::Item(item)) => list.elements.get(item),
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node.start()
}
