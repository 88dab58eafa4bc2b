//! Writes the committed contracts by asking the binary for them, so that there is one source.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

pub fn run() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has a parent folder")?;
    let status = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["run", "--quiet", "--bin", "aforo", "--", "openapi", "--write", "openapi"])
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "writing the contracts failed");
    Ok(())
}
