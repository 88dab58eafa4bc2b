//! The folder of an administration: its databases, keys and reference data, used by one process at a time.
//!
//! Two processes on one folder would each decide with a memory of their own, so the second is refused at once, by a
//! lock that the operating system gives back however the first one ends.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

/// Held by the process that uses the folder.
const LOCK: &str = "aforo.lock";

/// A data folder that no other process uses as long as this lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    /// Locked; closing the file gives the folder back.
    _lock: File,
}

impl DataFolder {
    /// Makes the folder where it is absent, and takes it.
    pub fn take(path: &Path) -> anyhow::Result<Self> {
        ensure!(!path.is_file(), "the data folder {} is a file; a folder is needed", path.display());
        std::fs::create_dir_all(path).with_context(|| format!("cannot make the data folder {}", path.display()))?;
        let file = path.join(LOCK);
        let lock = File::options().create(true).append(true).open(&file);
        let lock = lock.with_context(|| format!("cannot write into the data folder {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "the data folder {} is in use by another aforo; end that one, or name another folder with --data",
                    path.display()
                )
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", file.display())),
        }
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
    fn a_file_is_no_folder() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let refusal = DataFolder::take(file.path()).unwrap_err().to_string();
        assert!(refusal.contains("a folder is needed"), "{refusal}");
    }
}
