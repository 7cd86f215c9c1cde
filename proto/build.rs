//! Compiles the schema without protoc: protox parses, tonic-prost-build generates.
//!
//! In: `concentric/v1/*.proto`. Out, in `OUT_DIR`: Rust types, clients and servers, the
//! descriptor set for reflection, and in `sealed` the server of `MatchService` with ledgers and
//! plans as bytes, which is what they are on the wire. Rejected: committed generated code (it
//! drifts), protoc (one more thing to install), a second schema for the sealed messages.

use std::error::Error;
use std::path::PathBuf;

use prost::Message;
use prost_types::field_descriptor_proto::Type;
use prost_types::{FileDescriptorProto, FileDescriptorSet};

/// The file whose messages are sealed, and what is left as bytes in them.
const SEALED_FILE: &str = "concentric/v1/match_service.proto";
const SEALED_TYPES: [&str; 2] = [".concentric.v1.Ledger", ".concentric.v1.Plan"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=concentric/v1");
    let mut files: Vec<PathBuf> = std::fs::read_dir("concentric/v1")?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "proto"));
    files.sort();
    let descriptors = protox::compile(&files, ["."])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    // The generator writes no descriptor set when it is given one.
    std::fs::write(out.join("concentric.v1.bin"), descriptors.encode_to_vec())?;
    let sealed = seal(descriptors.clone());
    let folder = out.join("sealed");
    std::fs::create_dir_all(&folder)?;
    let mut builder = tonic_prost_build::configure().build_client(false).bytes(".").out_dir(folder);
    for name in others(&sealed) {
        builder =
            builder.extern_path(format!(".concentric.v1.{name}"), format!("crate::v1::{name}"));
    }
    builder.compile_fds(sealed)?;
    tonic_prost_build::configure().btree_map(".").compile_fds(descriptors)?;
    Ok(())
}

/// The schema with bytes in place of ledgers and plans in the messages of one file, and with
/// the services of that file only.
fn seal(mut set: FileDescriptorSet) -> FileDescriptorSet {
    for file in &mut set.file {
        if file.name() != SEALED_FILE {
            file.service.clear();
            continue;
        }
        for field in file.message_type.iter_mut().flat_map(|message| &mut message.field) {
            if SEALED_TYPES.contains(&field.type_name()) {
                field.set_type(Type::Bytes);
                field.type_name = None;
            }
        }
    }
    set
}

/// Names of the messages and enums of all other files of the package.
fn others(set: &FileDescriptorSet) -> impl Iterator<Item = String> {
    let kept = |file: &&FileDescriptorProto| {
        file.package() == "concentric.v1" && file.name() != SEALED_FILE
    };
    set.file.iter().filter(kept).flat_map(|file| {
        let messages = file.message_type.iter().map(|message| message.name().to_owned());
        messages.chain(file.enum_type.iter().map(|one| one.name().to_owned()))
    })
}
