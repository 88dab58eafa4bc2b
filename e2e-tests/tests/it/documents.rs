//! The committed documents, and who may call what stands in them: what the tests of all routes have in common.

use serde_json::Value;

/// An identifier that nothing has.
pub const NOBODY: &str = "0195571c-6f60-7c1e-9a43-5b0d6a2f8e11";
/// Every role there is.
pub const ROLES: [&str; 9] = [
    "customs-system",
    "officer",
    "supervisor",
    "analyst",
    "approver",
    "data-scientist",
    "model-manager",
    "auditor",
    "service",
];

/// The documents in `openapi`, by name.
pub fn documents() -> anyhow::Result<Vec<Value>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi");
    let mut paths: Vec<_> = std::fs::read_dir(&folder)?.collect::<Result<_, _>>()?;
    paths.sort_by_key(std::fs::DirEntry::path);
    let files = paths.iter().filter(|entry| entry.path().extension().is_some_and(|extension| extension == "json"));
    files.map(|entry| Ok(serde_json::from_slice(&std::fs::read(entry.path())?)?)).collect()
}
