//! The settings of every service in one process: the defaults, then a TOML file, then the environment.
//!
//! A table per service (`[intake]`, `[scoring]`, …), each with the keys that the service documents. In the environment a key
//! is `AFORO_SETTING_`, the table, two underscores and the key: `AFORO_SETTING_SCORING__BATCH`. Where databases are and
//! who calls whom follows from the data folder and is not set here.

use std::path::Path;

use anyhow::Context;
use lifecycle::telemetry;
use serde::{Deserialize, Serialize};

/// Environment variables that are settings begin with this.
const PREFIX: &str = "AFORO_SETTING";

/// Settings by service.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Logs.
    pub log: telemetry::Settings,
    /// The HTTP server.
    pub server: rest::Settings,
    /// `declaration-intake`.
    pub intake: declaration_intake::Settings,
    /// `feature-store`.
    pub features: feature_store::Settings,
    /// `scoring`.
    pub scoring: scoring::Settings,
    /// `controls-tracking`.
    pub controls: controls_tracking::Settings,
    /// `performance-monitoring`.
    pub monitoring: performance_monitoring::Settings,
    /// `model-management`.
    pub models: model_management::Settings,
}

impl Settings {
    /// The settings of `file`, where there is one, with the environment over them.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        lifecycle::settings::load(file, PREFIX).with_context(|| match file {
            Some(file) => format!("in the settings file {} or the variables {PREFIX}_…", file.display()),
            None => format!("in the variables {PREFIX}_…"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_every_service_can_be_set_and_a_misspelt_one_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("aforo.toml");
        std::fs::write(&file, "[scoring]\nbatch = 64\n[models.training]\ninterval_days = 3\n").expect("written");
        let settings = Settings::load(Some(&file)).expect("the file is good");
        assert_eq!((settings.scoring.batch, settings.models.training.interval_days), (64, 3));
        std::fs::write(&file, "[scoring]\nbacth = 64\n").expect("written");
        let error = format!("{:#}", Settings::load(Some(&file)).expect_err("misspelt"));
        assert!(error.contains("scoring.bacth"), "{error}");
    }
}
