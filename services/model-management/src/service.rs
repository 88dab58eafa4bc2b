//! Composition root.

use std::sync::Arc;

use actix_web::web::Data;
use clients::{Client, ClientError};
use declaration_formats::quality::files::ReferenceError;
use lifecycle::Worker;
use queue::{Consumer, ConsumerSettings, Deps, Queue, Relay, Stream};
use rest::ServiceConfig;
use risk_filters::{Catalogue, DescribedFeature, Label};
use store::{Database, StoreError};

use crate::{
    InvalidCandidates, ManagementError, Settings, Sources, api,
    app::{App, rollout_driving::Driving, source::Watched, training::Trainer, words},
    metrics::Counters,
    migrations::Migrator,
    worker::{
        emergency::EmergencyWorker, erasure::Erasures, replay::ReplayWorker, rollout::RolloutWorker,
        training::TrainingWorker,
    },
};

/// A service that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The database cannot be opened or migrated.
    #[error("the database of model management cannot be opened")]
    Store(#[from] StoreError),
    /// The URL of another service cannot be called.
    #[error("another service cannot be called")]
    Client(#[from] ClientError),
    /// The settings of training.
    #[error("model management cannot train")]
    Training(#[from] InvalidCandidates),
    /// A file of reference data cannot be used.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// What is stored cannot be read.
    #[error("model management cannot start")]
    Management(#[from] ManagementError),
}

/// The service.
pub struct Service {
    app: App,
    queue: Arc<dyn Queue>,
}

impl Service {
    /// Opens and migrates the database, and plans the first trainings.
    pub async fn build(settings: Settings, deps: Deps) -> Result<Self, ServiceError> {
        let features = Arc::new(Client::new(&settings.feature_store_url, settings.token.expose())?);
        let statistics = match settings.monitoring_url.as_str() {
            "" => Arc::clone(&features),
            url => Arc::new(Client::new(url, settings.token.expose())?),
        };
        let scoring = match settings.scoring_url.as_str() {
            "" => Arc::clone(&features),
            url => Arc::new(Client::new(url, settings.token.expose())?),
        };
        let evidence = Arc::new(Watched { monitoring: Arc::clone(&statistics), scoring });
        let sources = Sources { training: features.clone(), history: features, statistics, evidence };
        Self::build_with(settings, deps, sources).await
    }

    /// The same with what other services tell from elsewhere.
    pub async fn build_with(settings: Settings, deps: Deps, sources: Sources) -> Result<Self, ServiceError> {
        settings.training.check()?;
        let db = Database::open(&settings.store.owned_by(events::Service::ModelManagement)).await?;
        db.migrate::<Migrator>().await?;
        let queue = deps.queue;
        let now = deps.clock.now();
        let relay = Relay::new("model-management-relay", db.clone(), Arc::clone(&queue), deps.process_clock.clone());
        let app = App {
            db,
            clock: deps.clock,
            process_clock: deps.process_clock,
            relay: Arc::new(relay),
            catalogue: Arc::new(Catalogue::standard().with_described_features(described())),
            counters: Counters::register(&deps.metrics),
            trainer: Arc::new(Trainer::new(Arc::clone(&sources.training), settings.training)),
            sources,
            codes: Arc::new(words::codes(&settings.filters, now)?),
            replay_before_activation: settings.filters.replay_before_activation,
            rollouts: Driving::by(settings.rollout.driver),
            replaying: Arc::default(),
            searched: Arc::default(),
        };
        app.plan_trainings().await?;
        app.show_emergencies().await?;
        Ok(Self { app, queue })
    }

    /// Its routes, to be mounted on a server.
    pub fn routes(&self) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static {
        let app = Data::new(self.app.clone());
        move |config| {
            config.app_data(app.clone());
            api::configure(config);
        }
    }

    /// Its workers, in the order in which a step runs them.
    pub fn workers(&self) -> Vec<Arc<dyn Worker>> {
        let stream = Stream::of(events::Service::ModelManagement);
        let erasures =
            Consumer::new(Arc::clone(&self.queue), stream, Erasures(self.app.clone()), ConsumerSettings::default());
        vec![
            self.app.relay.clone(),
            Arc::new(erasures),
            Arc::new(EmergencyWorker(self.app.clone())),
            Arc::new(TrainingWorker(self.app.clone())),
            Arc::new(ReplayWorker(self.app.clone())),
            Arc::new(RolloutWorker(self.app.clone())),
        ]
    }

    /// Whether it can serve: built means ready.
    pub fn ready(&self) -> bool {
        true
    }
}

/// The features of the contract as fields of conditions.
fn described() -> impl Iterator<Item = DescribedFeature> {
    features::contract::catalogue().into_iter().map(|feature| DescribedFeature {
        name: feature.name.to_owned(),
        unit: Some(feature.unit.to_owned()),
        label: Label { es: feature.label.es.clone(), en: feature.label.en.clone() },
        description: Some(feature.description.to_owned()),
    })
}
