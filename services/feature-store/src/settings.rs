//! What an operator may set.

use serde::{Deserialize, Serialize};

/// Settings of the feature store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The database this service owns.
    pub store: store::Settings,
    /// The most a training row may weigh against a row that was certain to be examined.
    pub weight_limit: f32,
    /// Days after an examination until its result is due; later ones count as late in the report of data quality.
    pub result_due_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { store: store::Settings::default(), weight_limit: 4.0, result_due_days: 3 }
    }
}
