//! Where a database is.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// The URL alone chooses the backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `sqlite:/path/to/file.db`, created when absent; or `sqlite::memory:`, which forgets everything when closed.
    pub url: String,
}

impl Settings {
    /// The database at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into() }
    }

    /// The `SQLite` file at `path`.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self::new(format!("sqlite:{}", path.as_ref().display()))
    }
}

/// In memory: what nobody gave a place is not kept.
impl Default for Settings {
    fn default() -> Self {
        Self::new("sqlite::memory:")
    }
}
