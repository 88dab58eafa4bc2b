//! The settings of a process: the defaults, then a TOML file, then the environment.
//!
//! A table per service (`[intake]`, `[scoring]`, …), each with the keys that the service documents, and what the services
//! share: `[database]`, `[queue]`, `[online]`, `[peers]`. In the environment a key is `AFORO_SETTING_`, the table, two
//! underscores and the key: `AFORO_SETTING_SCORING__BATCH`. Who calls whom follows from `[peers]` alone.

use std::path::Path;

use anyhow::{Context, ensure};
use events::Service;
use lifecycle::{Secret, telemetry};
use serde::{Deserialize, Serialize};

/// Environment variables that are settings begin with this.
pub const PREFIX: &str = "AFORO_SETTING";

/// Settings by service.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Logs.
    pub log: telemetry::Settings,
    /// The HTTP server.
    pub server: rest::Settings,
    /// Where every service keeps its tables.
    pub database: DatabaseSettings,
    /// Messages between services. In memory: a file of the data folder.
    pub queue: queue::Settings,
    /// Features for those who decide now.
    pub online: online_store::Settings,
    /// Where the other processes are.
    pub peers: Peers,
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

/// Where tables are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// The database of all services, each with tables of its own; empty: a file per service in the data folder.
    pub url: String,
}

/// Where the processes of an installation are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Peers {
    /// Base URL of `declaration-intake`.
    pub intake: String,
    /// Base URL of `scoring`.
    pub scoring: String,
    /// Base URL of `controls-tracking`.
    pub controls: String,
    /// Base URL of `feature-store`.
    pub features: String,
    /// Base URL of `performance-monitoring`.
    pub monitoring: String,
    /// Base URL of `model-management`.
    pub models: String,
    /// The token that services show each other, of role `service`; empty: one is made from the key set.
    pub token: Secret,
}

impl Default for Peers {
    fn default() -> Self {
        let url = |place: u16| format!("http://127.0.0.1:{}", FIRST_PORT + place);
        Self {
            intake: url(0),
            scoring: url(1),
            controls: url(2),
            features: url(3),
            monitoring: url(4),
            models: url(5),
            token: Secret::default(),
        }
    }
}

/// The port of the first service where nothing else is set; the others follow.
pub const FIRST_PORT: u16 = 8081;

impl Peers {
    /// The base URL of `service`.
    pub fn url(&self, service: Service) -> &str {
        match service {
            Service::DeclarationIntake => &self.intake,
            Service::Scoring => &self.scoring,
            Service::ControlsTracking => &self.controls,
            Service::FeatureStore => &self.features,
            Service::PerformanceMonitoring => &self.monitoring,
            Service::ModelManagement => &self.models,
        }
    }
}

/// The table of a service in the settings.
pub fn table(service: Service) -> &'static str {
    match service {
        Service::DeclarationIntake => "intake",
        Service::Scoring => "scoring",
        Service::ControlsTracking => "controls",
        Service::FeatureStore => "features",
        Service::PerformanceMonitoring => "monitoring",
        Service::ModelManagement => "models",
    }
}

/// The name of a service's database file, without its ending.
fn file(service: Service) -> &'static str {
    match service {
        // What it was called before it was a table of the settings.
        Service::DeclarationIntake => "declarations",
        service => table(service),
    }
}

impl Settings {
    /// The settings of `file`, where there is one, with the environment over them.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        lifecycle::settings::load(file, PREFIX).with_context(|| match file {
            Some(file) => format!("in the settings file {} or the variables {PREFIX}_…", file.display()),
            None => format!("in the variables {PREFIX}_…"),
        })
    }

    /// Where `service` keeps its tables.
    pub fn store(&self, service: Service, data: &Path) -> store::Settings {
        if self.database.url.is_empty() {
            return store::Settings::file(data.join(format!("{}.db", file(service))));
        }
        store::Settings::new(self.database.url.clone())
    }

    /// Refuses what several processes cannot share.
    pub fn check_shared(&self, service: Service) -> anyhow::Result<()> {
        ensure!(
            self.queue.is_shared(),
            "{service} in a process of its own needs a queue that others reach: set `url` of [queue] (or \
             {PREFIX}_QUEUE__URL) to redis://… or rediss://…"
        );
        ensure!(
            !crate::composition::uses_online_features(service) || self.online.is_shared(),
            "{service} in a process of its own needs online features that others reach: set `url` of [online] (or \
             {PREFIX}_ONLINE__URL) to redis://… or rediss://…"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_settings_of_every_service_can_be_set_and_a_misspelt_one_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("aforo.toml");
        std::fs::write(&file, "[scoring]\nbatch = 64\n[models.training]\ninterval_days = 3\n").expect("written");
        let settings = Settings::load(Some(&file)).expect("the file is good");
        assert_eq!((settings.scoring.batch, settings.models.training.interval_days), (64, 3));
        for misspelt in
            ["[scoring]\nbacth = 64\n", "[queue]\nulr = \"redis://localhost\"\n", "[peers]\nbilling = \"\"\n"]
        {
            std::fs::write(&file, misspelt).expect("written");
            let error = format!("{:#}", Settings::load(Some(&file)).expect_err("misspelt"));
            let key = misspelt.split(['\n', ' ']).nth(1).expect("a key");
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn every_service_has_a_file_and_an_address_of_its_own() {
        let settings = Settings::default();
        let stores: BTreeSet<_> =
            Service::ALL.iter().map(|service| settings.store(*service, Path::new("data")).url).collect();
        let urls: BTreeSet<_> = Service::ALL.iter().map(|service| settings.peers.url(*service)).collect();
        assert_eq!((stores.len(), urls.len()), (Service::ALL.len(), Service::ALL.len()));
    }

    #[test]
    fn what_processes_cannot_share_is_refused_with_the_key_to_set() {
        let mut settings = Settings::default();
        let refused = settings.check_shared(Service::Scoring).expect_err("a queue in memory").to_string();
        assert!(refused.contains("[queue]") && refused.contains("AFORO_SETTING_QUEUE__URL"), "{refused}");
        settings.queue.url = "redis://localhost".to_owned();
        settings.check_shared(Service::ControlsTracking).expect("it reads no features");
        let refused = settings.check_shared(Service::Scoring).expect_err("features in memory").to_string();
        assert!(refused.contains("[online]"), "{refused}");
    }
}
