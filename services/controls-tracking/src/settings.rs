//! Settings of this service.

use lifecycle::Secret;
use serde::{Deserialize, Serialize};

/// What can be set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where the service keeps its tables.
    pub store: store::Settings,
    /// Key of the lottery among officers. Empty: one is made at the first start and kept in the database.
    pub assignment_key: Secret,
    /// Days between a scan and a declaration of the same container within which they belong together. Containers
    /// travel again.
    pub scan_link_days: u16,
    /// Messages, and lines of a bulk report, per transaction.
    pub batch: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { store: store::Settings::default(), assignment_key: Secret::default(), scan_link_days: 45, batch: 256 }
    }
}

/// Settings that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A batch of nothing, or beyond what one transaction should hold.
    #[error("batch is {0}; it must be 1 to 4096")]
    Batch(usize),
}

impl Settings {
    /// Refuses settings that cannot work.
    pub fn validate(&self) -> Result<(), SettingsError> {
        if (1..=4_096).contains(&self.batch) { Ok(()) } else { Err(SettingsError::Batch(self.batch)) }
    }
}
