//! The folder of an administration: its databases, keys and reference data, used by one process at a time.
//!
//! Two processes on one folder would each decide with a memory of their own, so the second is refused at once, by a
//! lock that the operating system gives back however the first one ends. Processes of one service each share the folder;
//! no two of them are of the same service.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

/// Held by the process that uses the folder.
const LOCK: &str = "aforo.lock";

/// A data folder that no other process uses as long as this lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    /// Locked; closing the files gives the folder back.
    _locks: Vec<File>,
}

impl DataFolder {
    /// Makes the folder where it is absent, and takes it.
    pub fn take(path: &Path) -> anyhow::Result<Self> {
        make(path)?;
        Ok(Self { path: path.to_owned(), _locks: vec![lock(path, LOCK, File::try_lock)?] })
    }

    /// Makes the folder where it is absent, and takes the part of it that is named; others may take other parts.
    pub fn share(path: &Path, part: &str) -> anyhow::Result<Self> {
        make(path)?;
        let whole = lock(path, LOCK, File::try_lock_shared)?;
        Ok(Self { path: path.to_owned(), _locks: vec![whole, lock(path, &format!("{part}.lock"), File::try_lock)?] })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the reference data is, if there is any: `tariff.csv`, `offices.csv`, `exchange-rates.csv`.
    pub fn reference(&self) -> PathBuf {
        self.path.join("reference")
    }
}

fn make(path: &Path) -> anyhow::Result<()> {
    ensure!(!path.is_file(), "the data folder {} is a file; a folder is needed", path.display());
    std::fs::create_dir_all(path).with_context(|| format!("cannot make the data folder {}", path.display()))
}

fn lock(path: &Path, name: &str, by: fn(&File) -> Result<(), TryLockError>) -> anyhow::Result<File> {
    let file = path.join(name);
    let lock = File::options().create(true).append(true).open(&file);
    let lock = lock.with_context(|| format!("cannot write into the data folder {}", path.display()))?;
    match by(&lock) {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            bail!(
                "the data folder {} is in use by another aforo; end that one, or name another folder with --data",
                path.display()
            )
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_use_is_refused_by_name_until_it_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let first = DataFolder::take(&data).unwrap();
        let refusal = DataFolder::take(&data).unwrap_err().to_string();
        assert!(refusal.contains(data.to_str().unwrap()) && refusal.contains("another aforo"), "{refusal}");
        drop(first);
        DataFolder::take(&data).unwrap();
    }

    #[test]
    fn parts_are_shared_by_different_processes_and_the_whole_by_none() {
        let folder = tempfile::tempdir().unwrap();
        let scoring = DataFolder::share(folder.path(), "scoring").unwrap();
        let intake = DataFolder::share(folder.path(), "declaration-intake").unwrap();
        assert!(DataFolder::share(folder.path(), "scoring").is_err() && DataFolder::take(folder.path()).is_err());
        drop((scoring, intake));
        let whole = DataFolder::take(folder.path()).unwrap();
        assert!(DataFolder::share(folder.path(), "scoring").is_err());
        drop(whole);
    }

    #[test]
    fn a_file_is_no_folder() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let refusal = DataFolder::take(file.path()).unwrap_err().to_string();
        assert!(refusal.contains("a folder is needed"), "{refusal}");
    }
}
