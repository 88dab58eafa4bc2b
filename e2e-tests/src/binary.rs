//! Where the `aforo` binary is.
//!
//! It is the one beside the tests, in their target folder and profile. When it is not there it is built, once for all
//! tests of a process; a binary that is there is taken as it is.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, ensure};

static FINDING: Mutex<()> = Mutex::new(());

/// The path of the binary.
pub fn aforo() -> anyhow::Result<PathBuf> {
    let _one_at_a_time = FINDING.lock();
    let test = std::env::current_exe().context("the running test has no path")?;
    // TARGET/PROFILE/deps/TEST
    let profile = test.parent().and_then(Path::parent).context("the test is not in a target folder")?;
    let binary = profile.join(format!("aforo{}", std::env::consts::EXE_SUFFIX));
    if !binary.exists() {
        build(profile)?;
        ensure!(binary.exists(), "the build did not make {}", binary.display());
    }
    Ok(binary)
}

fn build(profile: &Path) -> anyhow::Result<()> {
    let target = profile.parent().context("the profile folder is not in a target folder")?;
    let name = match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let status = Command::new(env!("CARGO"))
        .args(["build", "--package", "all-in-one", "--bin", "aforo", "--profile", name, "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .context("cargo does not start")?;
    ensure!(status.success(), "the binary cannot be built: {status}");
    Ok(())
}
