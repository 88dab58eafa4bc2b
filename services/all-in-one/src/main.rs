//! The `aforo` binary.
fn main() {}
