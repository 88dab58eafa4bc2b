//! What an operator may set.

use serde::{Deserialize, Serialize};

/// Settings of performance-monitoring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The database this service owns.
    pub store: store::Settings,
    /// Days that the figures among the metrics look back.
    pub figures_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { store: store::Settings::default(), figures_days: 28 }
    }
}
