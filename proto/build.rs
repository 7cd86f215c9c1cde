//! Compiles the schema without protoc: protox parses, tonic-prost-build generates.
//!
//! In: `concentric/v1/*.proto`. Out, in `OUT_DIR`: Rust types, clients and servers, and the
//! descriptor set for reflection. Rejected: committed generated code (it drifts), protoc
//! (one more thing to install).

use std::error::Error;
use std::path::PathBuf;

use prost::Message;

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
    tonic_prost_build::configure().btree_map(".").compile_fds(descriptors)?;
    Ok(())
}
