//! Composition root.

use std::sync::Arc;

use actix_web::web::Data;
use clients::{Client, ClientError};
use lifecycle::Worker;
use queue::{Deps, Relay};
use rest::ServiceConfig;
use risk_filters::Catalogue;
use store::{Database, StoreError};

use crate::{
    ManagementError, Settings, TrainingSource, api,
    app::{App, training::Trainer},
    metrics::Counters,
    migrations::Migrator,
    worker::{emergency::EmergencyWorker, training::TrainingWorker},
};

/// A service that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The database cannot be opened or migrated.
    #[error("the database of model management cannot be opened")]
    Store(#[from] StoreError),
    /// The feature store's URL cannot be called.
    #[error("the feature store cannot be called")]
    Client(#[from] ClientError),
    /// What is stored cannot be read.
    #[error("model management cannot start")]
    Management(#[from] ManagementError),
}

/// The service.
pub struct Service {
    app: App,
}

impl Service {
    /// Opens and migrates the database, and plans the first trainings.
    pub async fn build(settings: Settings, deps: Deps) -> Result<Self, ServiceError> {
        let client = Client::new(&settings.feature_store_url, settings.token.expose())?;
        Self::build_with(settings, deps, Arc::new(client)).await
    }

    /// The same with training sets from elsewhere.
    pub async fn build_with(
        settings: Settings,
        deps: Deps,
        source: Arc<dyn TrainingSource>,
    ) -> Result<Self, ServiceError> {
        let db = Database::open(&settings.store).await?;
        db.migrate::<Migrator>().await?;
        let relay = Relay::new("model-management-relay", db.clone(), deps.queue, deps.process_clock.clone());
        let app = App {
            db,
            clock: deps.clock,
            process_clock: deps.process_clock,
            relay: Arc::new(relay),
            catalogue: Arc::new(Catalogue::standard().with_features(&features::contract().names)),
            counters: Counters::register(&deps.metrics),
            trainer: Arc::new(Trainer::new(source, settings.training)),
        };
        app.plan_trainings().await?;
        app.show_emergencies().await?;
        Ok(Self { app })
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
        vec![
            self.app.relay.clone(),
            Arc::new(EmergencyWorker(self.app.clone())),
            Arc::new(TrainingWorker(self.app.clone())),
        ]
    }

    /// Whether it can serve: built means ready.
    pub fn ready(&self) -> bool {
        true
    }
}
