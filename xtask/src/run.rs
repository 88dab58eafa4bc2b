//! Running other programs: what fails says what it was.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

/// The root of the repository.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// The cargo that runs this, at the root of the repository. What it has told this program of itself is kept from it: build
/// scripts that look at that would take it for another build, and everything above them would be compiled again.
pub fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    let told = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for name in std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(|name| told(name)) {
        command.env_remove(name);
    }
    command.current_dir(root());
    command
}

/// Runs `command` and lets its output through.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(())
}

/// What `command` writes.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed: {}: {}", output.status, error.trim());
    String::from_utf8(output.stdout).with_context(|| format!("{command:?} writes no text"))
}
