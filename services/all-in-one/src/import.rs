//! `aforo import`: a recorded file as the past, or lodged again as if it happened now.

mod answers;
mod history;
mod live;
mod target;

use std::fs::File;
use std::path::PathBuf;

use anyhow::Context;
use declaration_formats::kcs::{self, KcsRow};

use crate::cli::{Import, Profile};
use target::Target;

/// Reads the files and records or lodges them.
pub async fn run(options: Import) -> anyhow::Result<()> {
    anyhow::ensure!(options.capacity > 0.0 && options.capacity <= 1.0, "--capacity is a share between 0 and 1");
    let rows = match options.profile {
        Profile::Kcs => read_kcs(&options.files)?,
    };
    anyhow::ensure!(!rows.is_empty(), "the files hold no declarations");
    let target = Target::new(&options)?;
    if options.history {
        history::record(&options, &rows, &target).await
    } else {
        live::lodge(&options, rows, &target).await
    }
}

/// The rows of all files, in the order given.
fn read_kcs(files: &[PathBuf]) -> anyhow::Result<Vec<KcsRow>> {
    let mut rows = Vec::new();
    for path in files {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        for row in kcs::rows(file).with_context(|| format!("in {}", path.display()))? {
            rows.push(row.with_context(|| format!("in {}", path.display()))?);
        }
    }
    Ok(rows)
}
