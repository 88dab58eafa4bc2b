//! `aforo train`: a model file from recorded files, without services.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context;
use declaration_formats::kcs::KcsError;
use offline::{Case, Options};

use crate::cli::{Profile, Train};

/// Reads the files, trains, and writes the model file in one step: there is never half a file.
pub fn run(options: &Train) -> anyhow::Result<()> {
    let say = |what: &str| {
        if !options.quiet {
            eprintln!("{what}");
        }
    };
    say("reading files");
    let cases = read(options.profile, &options.files)?;
    say(&format!("{} declarations", cases.len()));
    let how = Options { profile: name(options.profile).to_owned(), seed: options.seed, ..Options::default() };
    let file = offline::train(&cases, &how, say).context("the files cannot be trained on")?;
    let bytes = file.to_bytes();
    write_whole(&options.model, &bytes).with_context(|| format!("cannot write {}", options.model.display()))?;
    say(&format!("{}: {:.1} MB", options.model.display(), bytes.len() as f64 / 1e6));
    Ok(())
}

/// The wire name of a profile.
pub fn name(profile: Profile) -> &'static str {
    match profile {
        Profile::Kcs => "kcs",
    }
}

/// The cases of all files, in the order given.
pub fn read(profile: Profile, files: &[PathBuf]) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for path in files {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let read = match profile {
            Profile::Kcs => offline::kcs_cases(file),
        };
        cases.extend(read.map_err(|error| placed(path, &error))?);
    }
    anyhow::ensure!(!cases.is_empty(), "the files hold no declarations");
    Ok(cases)
}

/// `file:line:column: what is wrong`, as editors and terminals follow it.
fn placed(path: &Path, error: &KcsError) -> anyhow::Error {
    let path = path.display();
    match error {
        KcsError::Value { line, column, expected, got } => {
            anyhow::anyhow!("{path}:{line}:{column}: expected {expected}, got {got:?}")
        }
        KcsError::MissingColumns(missing) => anyhow::anyhow!("{path}:1: the header lacks {}", missing.join(", ")),
        KcsError::Csv(cause) => match cause.position() {
            Some(position) => anyhow::anyhow!("{path}:{}: {cause}", position.line()),
            None => anyhow::anyhow!("{path}: {cause}"),
        },
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.persist(path)?;
    Ok(())
}
