//! The `concentric` command.
fn main() {}
