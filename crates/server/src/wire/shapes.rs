//! The schema as sizes: which field of which message holds what, and what one takes in memory.
//!
//! In: the descriptor set. Out: [`Shapes`]. Sizes are those of the generated types, estimated
//! from above field by field, so that a new field needs no word here.

use std::collections::BTreeMap;

use prost::Message;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};

/// Bytes that a text takes beside its own: the head of its allocation, and its three words in
/// a list.
pub const TEXT: usize = 16;
/// The same in a list.
pub const LISTED: usize = TEXT + 24;
/// Bytes of a number, whichever it is.
pub const NUMBER: usize = 8;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Another message, by its place in [`Shapes`].
    Message(usize),
    /// A text or bytes.
    Text,
    /// A number, a truth or a word of an enum.
    Number,
}

/// One field.
#[derive(Clone, Debug)]
pub struct Field {
    /// On the wire; fields are numbered in the order of the format.
    pub number: u32,
    /// As the schema writes it.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it is a list or a map.
    pub many: bool,
}

/// One message.
#[derive(Clone, Debug)]
pub struct Shape {
    fields: Vec<Field>,
    /// Bytes of one in memory, without what its texts, lists and boxes point at.
    pub size: usize,
    /// Whether it is `concentric.v1.Ledger`.
    pub ledger: bool,
}

impl Shape {
    /// The field of a number.
    pub fn field(&self, number: u32) -> Option<&Field> {
        let at = self.fields.binary_search_by_key(&number, |field| field.number).ok()?;
        self.fields.get(at)
    }

    /// The field of a name.
    pub fn named(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// All messages and methods.
pub struct Shapes {
    shapes: Vec<Shape>,
    /// Most bytes in memory for one on the wire.
    pub densest: usize,
    /// Input, whether the client streams, whether the server does; by path.
    methods: BTreeMap<String, (usize, bool, bool)>,
}

impl Shapes {
    /// Reads the schema that was compiled in; a test holds that it can be read.
    pub fn load() -> Self {
        let set = FileDescriptorSet::decode(concentric_proto::DESCRIPTORS).unwrap_or_default();
        let mut messages = Vec::new();
        for file in &set.file {
            let scope = format!(".{}", file.package());
            file.message_type.iter().for_each(|message| gather(&scope, message, &mut messages));
        }
        let places: BTreeMap<&str, usize> =
            messages.iter().enumerate().map(|(at, (name, _))| (name.as_str(), at)).collect();
        let mut shapes: Vec<Shape> = messages
            .iter()
            .map(|(name, message)| {
                let mut fields: Vec<Field> =
                    message.field.iter().map(|field| read(field, &places)).collect();
                fields.sort_by_key(|field| field.number);
                Shape { fields, size: 0, ledger: name == ".concentric.v1.Ledger" }
            })
            .collect();
        for at in 0..shapes.len() {
            shapes[at].size = size(&shapes, at, &mut Vec::new());
        }
        let mut methods = BTreeMap::new();
        for file in &set.file {
            for service in &file.service {
                for method in &service.method {
                    let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                    if let Some(input) = places.get(method.input_type()) {
                        let streams = (method.client_streaming(), method.server_streaming());
                        methods.insert(path, (*input, streams.0, streams.1));
                    }
                }
            }
        }
        // An empty record or text of a list is two bytes on the wire: its number, and nothing.
        let largest = shapes.iter().map(|shape| shape.size).max().unwrap_or(0);
        let densest = largest.max(LISTED).div_ceil(2);
        Shapes { shapes, densest, methods }
    }

    /// The message at a place.
    pub fn at(&self, place: usize) -> Option<&Shape> {
        self.shapes.get(place)
    }

    /// Place of `concentric.v1.Ledger`.
    pub fn ledger(&self) -> Option<usize> {
        self.shapes.iter().position(|shape| shape.ledger)
    }

    /// Input of the method at a path, whether its client streams, whether its server does.
    pub fn method(&self, path: &str) -> Option<(usize, bool, bool)> {
        self.methods.get(path).copied()
    }
}

/// A message with those declared inside of it, maps among them.
fn gather<'a>(
    scope: &str,
    message: &'a DescriptorProto,
    into: &mut Vec<(String, &'a DescriptorProto)>,
) {
    let name = format!("{scope}.{}", message.name());
    message.nested_type.iter().for_each(|inner| gather(&name, inner, into));
    into.push((name, message));
}

fn read(field: &FieldDescriptorProto, places: &BTreeMap<&str, usize>) -> Field {
    let kind = match field.r#type() {
        Type::Message => places.get(field.type_name()).map_or(Kind::Text, |at| Kind::Message(*at)),
        Type::String | Type::Bytes => Kind::Text,
        _ => Kind::Number,
    };
    let number = u32::try_from(field.number()).unwrap_or(0);
    let many = field.label() == Label::Repeated;
    Field { number, name: field.name().to_owned(), kind, many }
}

/// Bytes of one message; one that holds itself does so in a box.
fn size(shapes: &[Shape], at: usize, inside: &mut Vec<usize>) -> usize {
    if inside.contains(&at) {
        return 8;
    }
    inside.push(at);
    let of = |field: &Field, inside: &mut Vec<usize>| match field.kind {
        _ if field.many => 24,
        Kind::Message(child) => 8 + size(shapes, child, inside),
        Kind::Text => 24,
        Kind::Number => 16,
    };
    let total = shapes[at].fields.iter().map(|field| of(field, inside)).sum();
    inside.pop();
    total
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use concentric_proto::v1;
    use std::mem::size_of;

    #[test]
    fn no_record_is_larger_than_it_is_taken_for() {
        let shapes = Shapes::load();
        let ledger = shapes.at(shapes.ledger().unwrap()).unwrap();
        for (name, real) in [
            ("places", size_of::<v1::Place>()),
            ("units", size_of::<v1::Unit>()),
            ("offers", size_of::<v1::Offer>()),
            ("needs", size_of::<v1::Need>()),
            ("pairs", size_of::<v1::Pair>()),
            ("limits", size_of::<v1::Limit>()),
            ("goals", size_of::<v1::Goal>()),
            ("scenarios", size_of::<v1::Scenario>()),
        ] {
            let field = ledger.fields.iter().find(|field| field.name == name).unwrap();
            let Kind::Message(at) = field.kind else { panic!("{name} holds records") };
            let taken = shapes.at(at).unwrap().size;
            assert!(real <= taken && taken <= real * 2, "{name}: {real} taken for {taken}");
        }
    }

    #[test]
    fn every_method_of_the_schema_is_known() {
        let shapes = Shapes::load();
        for (path, _) in crate::auth::RULES {
            assert!(shapes.method(path).is_some(), "{path}");
        }
        let upload = shapes.method("/concentric.v1.LedgerService/UploadLedger").unwrap();
        assert_eq!((upload.1, upload.2), (true, false));
    }
}
