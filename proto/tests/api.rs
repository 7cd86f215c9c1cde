//! `docs/api.md` says what the comments of the schema say.
//!
//! In: the descriptor set with its comments. Out: one section for each service, then each
//! message and enum by file. `CONCENTRIC_BLESS=1` writes it anew.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use prost::Message;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet, ServiceDescriptorProto,
};

/// Comments of one file by the path of what they stand at.
type Comments = BTreeMap<Vec<i32>, String>;

fn comments(file: &FileDescriptorProto) -> Comments {
    let locations = file.source_code_info.as_ref().map_or(&[][..], |info| &info.location);
    locations
        .iter()
        .map(|at| (at.path.clone(), at.leading_comments().trim().to_owned()))
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

fn said(comments: &Comments, path: &[i32]) -> String {
    let text = comments.get(path).unwrap_or_else(|| panic!("no comment at {path:?}"));
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

/// In a table: one line, and no bar that would end the cell.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn anchor(name: &str) -> String {
    name.to_lowercase()
}

fn kind(field: &FieldDescriptorProto) -> String {
    let inner = match field.r#type() {
        Type::Message | Type::Enum => {
            let name = field.type_name().trim_start_matches('.');
            match name.strip_prefix("concentric.v1.") {
                Some(own) => format!("[{own}](#{})", anchor(own)),
                None => format!("`{name}`"),
            }
        }
        scalar => format!("`{}`", format!("{scalar:?}").to_lowercase()),
    };
    if field.label() == Label::Repeated {
        format!("list of {inner}")
    } else if field.proto3_optional() {
        format!("optional {inner}")
    } else {
        inner
    }
}

fn service(out: &mut String, comments: &Comments, at: i32, service: &ServiceDescriptorProto) {
    let _ = writeln!(out, "\n## {}\n\n{}\n", service.name(), said(comments, &[6, at]));
    for (k, method) in service.method.iter().enumerate() {
        let side = |name: &str, stream: bool| {
            let own = name.rsplit('.').next().unwrap();
            let stream = if stream { "stream of " } else { "" };
            format!("{stream}[{own}](#{})", anchor(own))
        };
        let input = side(method.input_type(), method.client_streaming());
        let output = side(method.output_type(), method.server_streaming());
        let text = said(comments, &[6, at, 2, k as i32]);
        let _ = writeln!(
            out,
            "### {}.{}\n\n{input} -> {output}\n\n{text}\n",
            service.name(),
            method.name()
        );
    }
}

fn message(out: &mut String, comments: &Comments, at: i32, message: &DescriptorProto) {
    let _ = writeln!(out, "\n### {}\n\n{}", message.name(), said(comments, &[4, at]));
    if message.field.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n| field | number | type | meaning |\n| --- | --- | --- | --- |");
    for (k, field) in message.field.iter().enumerate() {
        let text = cell(&said(comments, &[4, at, 2, k as i32]));
        let one = match field.oneof_index {
            Some(index) if !field.proto3_optional() => {
                format!(" (one of `{}`)", message.oneof_decl[index as usize].name())
            }
            _ => String::new(),
        };
        let (name, number) = (field.name(), field.number());
        let _ = writeln!(out, "| `{name}` | {number} | {}{one} | {text} |", kind(field));
    }
}

fn choice(out: &mut String, comments: &Comments, at: i32, one: &EnumDescriptorProto) {
    let _ = writeln!(out, "\n### {}\n\n{}", one.name(), said(comments, &[5, at]));
    let _ = writeln!(out, "\n| value | number | meaning |\n| --- | --- | --- |");
    for (k, value) in one.value.iter().enumerate() {
        let text = cell(&said(comments, &[5, at, 2, k as i32]));
        let _ = writeln!(out, "| `{}` | {} | {text} |", value.name(), value.number());
    }
}

fn page() -> String {
    let set = FileDescriptorSet::decode(concentric_proto::DESCRIPTORS).unwrap();
    let files: Vec<_> = set.file.iter().filter(|file| file.package() == "concentric.v1").collect();
    let mut out = String::from(
        "# API `concentric.v1`\n\n\
         Made from the comments of `proto/concentric/v1/*.proto`; do not edit.\n\
         `concentric serve` speaks it over gRPC and gRPC-Web. With grpcurl:\n\n\
         ```sh\n\
         grpcurl -plaintext 127.0.0.1:7411 list\n\
         grpcurl -plaintext -d \"{\\\"ledger_json\\\": \\\"$(base64 -w0 examples/ledgers/first.json)\\\"}\" \\\n    \
         127.0.0.1:7411 concentric.v1.MatchService/Match\n\
         ```\n",
    );
    let mut heads: BTreeMap<&str, String> = BTreeMap::new();
    for file in &files {
        let found = comments(file);
        // The comment above `syntax`.
        let head = found.get(&vec![12]).cloned().unwrap_or_default();
        heads.insert(file.name(), head.lines().map(str::trim).collect::<Vec<_>>().join("\n"));
        for (at, one) in file.service.iter().enumerate() {
            service(&mut out, &found, at as i32, one);
        }
    }
    for file in &files {
        let found = comments(file);
        let _ = writeln!(out, "\n## {}\n\n{}", file.name(), heads[file.name()]);
        for (at, one) in file.message_type.iter().enumerate() {
            message(&mut out, &found, at as i32, one);
        }
        for (at, one) in file.enum_type.iter().enumerate() {
            choice(&mut out, &found, at as i32, one);
        }
    }
    out
}

#[test]
fn the_page_of_the_api_is_current() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("docs/api.md");
    let now = page();
    if std::env::var_os("CONCENTRIC_BLESS").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == now, "docs/api.md is old; write it anew with CONCENTRIC_BLESS=1");
}
