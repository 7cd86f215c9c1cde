//! The schema as a list of promises: nothing in `golden.txt` may be missing or renumbered.
#![allow(clippy::unwrap_used)]

use prost::Message;
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorSet};

/// One line for each field, enum value and method: `Need.quantity = 6 optional int64`.
fn dump() -> Vec<String> {
    let set = FileDescriptorSet::decode(concentric_proto::DESCRIPTORS).unwrap();
    let mut lines = Vec::new();
    for file in set.file.iter().filter(|file| file.package() == "concentric.v1") {
        for message in &file.message_type {
            messages("", message, &mut lines);
        }
        for one in &file.enum_type {
            values(one, &mut lines);
        }
        for service in &file.service {
            for method in &service.method {
                let stream = |yes: bool| if yes { "stream " } else { "" };
                lines.push(format!(
                    "rpc {}.{} ({}{}) -> {}{}",
                    service.name(),
                    method.name(),
                    stream(method.client_streaming()),
                    method.input_type(),
                    stream(method.server_streaming()),
                    method.output_type(),
                ));
            }
        }
    }
    lines.sort();
    lines
}

fn messages(prefix: &str, message: &DescriptorProto, lines: &mut Vec<String>) {
    let name = format!("{prefix}{}", message.name());
    for field in &message.field {
        let label = if field.proto3_optional() {
            "Optional".to_owned()
        } else {
            format!("{:?}", field.label())
        };
        let kind = if field.type_name().is_empty() {
            format!("{:?}", field.r#type())
        } else {
            field.type_name().to_owned()
        };
        // Whether a field stands in a real oneof decides what old readers make of it.
        let choice =
            if field.oneof_index.is_some() && !field.proto3_optional() { " oneof" } else { "" };
        let number = field.number();
        lines.push(format!("{name}.{} = {number} {label} {kind}{choice}", field.name()));
    }
    for inner in &message.nested_type {
        messages(&format!("{name}."), inner, lines);
    }
}

fn values(one: &EnumDescriptorProto, lines: &mut Vec<String>) {
    for value in &one.value {
        lines.push(format!("enum {}.{} = {}", one.name(), value.name(), value.number()));
    }
}

#[test]
fn nothing_promised_is_missing_or_renumbered() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden.txt");
    let now = dump();
    if std::env::var_os("CONCENTRIC_BLESS").is_some() {
        std::fs::write(path, now.join("\n") + "\n").unwrap();
    }
    let promised = std::fs::read_to_string(path).unwrap();
    let broken: Vec<&str> =
        promised.lines().filter(|line| now.binary_search(&(*line).to_owned()).is_err()).collect();
    assert!(broken.is_empty(), "gone or changed:\n{}", broken.join("\n"));
    let added: Vec<&String> =
        now.iter().filter(|line| !promised.lines().any(|old| old == *line)).collect();
    assert!(
        added.is_empty(),
        "new and not yet promised (write them down with CONCENTRIC_BLESS=1):\n{added:#?}"
    );
}

#[test]
fn every_file_is_handed_out_as_text() {
    let set = FileDescriptorSet::decode(concentric_proto::DESCRIPTORS).unwrap();
    let mut compiled: Vec<&str> =
        set.file.iter().map(|f| f.name()).filter(|f| f.starts_with("concentric/")).collect();
    compiled.sort_unstable();
    let texts: Vec<&str> = concentric_proto::FILES.iter().map(|(path, _)| *path).collect();
    assert_eq!(compiled, texts);
}
