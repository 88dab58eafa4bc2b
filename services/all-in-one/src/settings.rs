//! The settings of a process: the defaults, then a TOML file, then the environment.
//!
//! A table per service (`[intake]`, `[scoring]`, …), each with the keys that the service documents, and what the services
//! share: `[database]`, `[queue]`, `[online]`, `[peers]`. In the environment a key is `AFORO_SETTING_`, the table, two
//! underscores and the key: `AFORO_SETTING_SCORING__BATCH`. Who calls whom follows from `[peers]` alone.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use events::Service;
use lifecycle::{Clock, ProcessClock, Secret, clock, telemetry};
use rest::token::KeySet;
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
    /// The domain clock.
    pub clock: clock::Settings,
    /// Where the keys are, if not in the data folder.
    pub keys: Keys,
    /// Models in ONNX.
    pub onnx: OnnxSettings,
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
    /// The database of all services, each with tables of its own; empty: a file per service in the data folder. A
    /// service whose own `store.url` is set keeps its tables there.
    pub url: String,
    /// As `store.password_file` of a service, for all that name none.
    pub password_file: Option<PathBuf>,
    /// As `store.ca_file` of a service, for all that name none.
    pub ca_file: Option<PathBuf>,
}

/// Keys that somebody else puts in place, as a mounted secret is. One that is not named is made in the data folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// The file with the key of tokens: 64 hexadecimal digits.
    pub tokens_file: Option<PathBuf>,
    /// The file with the key of the draws: 64 hexadecimal digits.
    pub draw_file: Option<PathBuf>,
}

/// Models in ONNX. What manages models and what scores with them both need the library.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OnnxSettings {
    /// The file of `libonnxruntime`, 1.17 or later; none: such models are refused.
    pub library: Option<PathBuf>,
}

impl OnnxSettings {
    /// Opens the library for the whole program, where one is named.
    pub fn open(&self) -> anyhow::Result<()> {
        let Some(library) = &self.library else { return Ok(()) };
        #[cfg(feature = "onnx")]
        return risk_model::onnx::open(library).with_context(|| format!("in [onnx], library = {}", library.display()));
        #[cfg(not(feature = "onnx"))]
        anyhow::bail!("[onnx] names {}, and this program was built without the feature `onnx`", library.display());
    }
}

impl Keys {
    /// The keys of tokens, as `clock` tells when these expire.
    pub fn tokens(&self, data: &Path, clock: ProcessClock) -> anyhow::Result<KeySet> {
        let keys = match &self.tokens_file {
            Some(given) => KeySet::given(given, clock),
            None => KeySet::open(&data.join("tokens.key"), clock),
        };
        keys.context("cannot open the token key set")
    }

    /// The file with the key of the draws.
    pub fn draw(&self, data: &Path) -> PathBuf {
        self.draw_file.clone().unwrap_or_else(|| data.join("draw.key"))
    }
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

    /// Where `service` keeps its tables: in a place of its own where its settings name one, else where all keep theirs.
    /// How many connections it has, what it forgets and what else stands in its `store` holds in either place.
    pub fn store(&self, service: Service, data: &Path) -> store::Settings {
        let given = self.given_store(service).owned_by(service);
        if given.url != store::Settings::default().url {
            return given;
        }
        let shared = &self.database;
        if shared.url.is_empty() {
            return store::Settings {
                url: store::Settings::file(data.join(format!("{}.db", file(service)))).url,
                ..given
            };
        }
        store::Settings {
            url: shared.url.clone(),
            password_file: given.password_file.or_else(|| shared.password_file.clone()),
            ca_file: given.ca_file.or_else(|| shared.ca_file.clone()),
            ..given
        }
    }

    /// What the settings of `service` say of its tables.
    fn given_store(&self, service: Service) -> &store::Settings {
        match service {
            Service::DeclarationIntake => &self.intake.store,
            Service::Scoring => &self.scoring.store,
            Service::ControlsTracking => &self.controls.store,
            Service::FeatureStore => &self.features.store,
            Service::PerformanceMonitoring => &self.monitoring.store,
            Service::ModelManagement => &self.models.store,
        }
    }

    /// The domain clock; one that runs fast says so in every log.
    pub fn clock(&self) -> anyhow::Result<Clock> {
        let clock = self.clock.clock().context("in [clock]")?;
        if self.clock.is_fast() {
            tracing::warn!(
                rate = self.clock.rate,
                "NOT FOR REAL DECLARATIONS: the domain clock runs fast, as [clock] says; dates are not those of the world"
            );
        }
        Ok(clock)
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
            Service::ALL.iter().map(|service| settings.store(*service, Path::new("/somewhere")).url).collect();
        assert!(stores.iter().all(|url| url.starts_with("sqlite:/somewhere/")), "{stores:?}");
        let urls: BTreeSet<_> = Service::ALL.iter().map(|service| settings.peers.url(*service)).collect();
        assert_eq!((stores.len(), urls.len()), (Service::ALL.len(), Service::ALL.len()));
    }

    #[test]
    fn a_service_keeps_its_own_pool_and_months_wherever_all_keep_their_tables() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("aforo.toml");
        let written = "[database]\nurl = \"postgres://db/aforo\"\npassword_file = \"/run/all\"\n\
             [intake.store]\nwriters = 7\nkeep_months = { channel_feed = 24 }\n\
             [scoring.store]\nurl = \"postgres://other/scoring\"\nschema = \"north\"\n\
             [controls.store]\npassword_file = \"/run/own\"\n";
        std::fs::write(&file, written).expect("written");
        let settings = Settings::load(Some(&file)).expect("the file is good");
        let data = Path::new("data");
        let intake = settings.store(Service::DeclarationIntake, data);
        assert_eq!((intake.url.as_str(), intake.writers), ("postgres://db/aforo", 7));
        assert_eq!(intake.schema.as_deref(), Some("declaration_intake"));
        assert_eq!(intake.keep_months.get("channel_feed"), Some(&24));
        assert_eq!(intake.password_file.as_deref(), Some(Path::new("/run/all")));
        let scoring = settings.store(Service::Scoring, data);
        assert_eq!((scoring.url.as_str(), scoring.schema.as_deref()), ("postgres://other/scoring", Some("north")));
        assert_eq!(scoring.password_file, None, "another server's password is nothing to it");
        let controls = settings.store(Service::ControlsTracking, data);
        assert_eq!(controls.password_file.as_deref(), Some(Path::new("/run/own")));

        let files = Settings { database: DatabaseSettings::default(), ..settings };
        let intake = files.store(Service::DeclarationIntake, data);
        assert_eq!((intake.url.as_str(), intake.writers), ("sqlite:data/declarations.db", 7));
        assert_eq!(intake.keep_months.get("channel_feed"), Some(&24));
    }

    #[test]
    fn a_named_key_is_taken_and_never_made() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let given = folder.path().join("given.key");
        let keys = Keys { tokens_file: Some(given.clone()), draw_file: Some(given.clone()) };
        let refused = format!("{:#}", keys.tokens(folder.path(), ProcessClock::default()).expect_err("no file"));
        assert!(refused.contains("given.key") && !given.exists(), "{refused}");
        assert_eq!(keys.draw(folder.path()), given);
        Keys::default().tokens(folder.path(), ProcessClock::default()).expect("made");
        assert!(folder.path().join("tokens.key").exists());
        assert_eq!(Keys::default().draw(folder.path()), folder.path().join("draw.key"));
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
