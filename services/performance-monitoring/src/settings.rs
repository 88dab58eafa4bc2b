//! What an operator may set.

use serde::{Deserialize, Serialize};

/// Settings of performance-monitoring.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The database this service owns.
    pub store: store::Settings,
}
