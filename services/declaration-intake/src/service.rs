//! Puts the service together: database, relay, committer, routes, workers.

use std::sync::Arc;

use actix_web::web;
use lifecycle::Worker;
use queue::{Deps, Queue, Relay};
use rest::ServiceConfig;
use store::Database;
use utoipa::openapi::OpenApi;

use crate::app::{Committer, Intake, load_reference};
use crate::error::ServiceError;
use crate::metrics::IntakeMetrics;
use crate::migrations::Migrator;
use crate::settings::Settings;
use crate::{api, worker};

/// A running intake. Keep it as long as its routes are served: dropping the last handle ends the committer.
pub struct Service {
    intake: Arc<Intake>,
    committer: Arc<Committer>,
    relay: Arc<Relay>,
    queue: Arc<dyn Queue>,
}

impl Service {
    /// Loads the reference data, opens and migrates the database, and starts committing.
    pub async fn build(settings: Settings, deps: Deps) -> Result<Self, ServiceError> {
        let reference = load_reference(settings.reference.as_deref())?;
        let db = Database::open(&settings.store).await?;
        db.migrate::<Migrator>().await?;
        let relay = Arc::new(Relay::new(
            "declaration-intake-relay",
            db.clone(),
            Arc::clone(&deps.queue),
            deps.process_clock.clone(),
        ));
        let metrics = IntakeMetrics::register(&deps.metrics);
        let (clock, process_clock) = (deps.clock, deps.process_clock);
        let intake = Intake::open(settings, reference, db, clock, process_clock, Arc::clone(&relay), metrics).await;
        let intake = Arc::new(intake.map_err(|error| ServiceError::Remembered(error.into()))?);
        let committer = Arc::new(Committer::start(Arc::clone(&intake)));
        Ok(Self { intake, committer, relay, queue: deps.queue })
    }

    /// The routes, with their state.
    pub fn routes(&self) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + Sync + 'static {
        let (intake, committer) = (Arc::clone(&self.intake), Arc::clone(&self.committer));
        move |config| {
            config.app_data(web::Data::from(Arc::clone(&intake)));
            config.app_data(web::Data::from(Arc::clone(&committer)));
            api::mount(config);
        }
    }

    /// The background work, in the order in which a step runs it: relay, projection, sweeper.
    pub fn workers(&self) -> Vec<Arc<dyn Worker>> {
        worker::workers(&self.intake, Arc::clone(&self.relay), Arc::clone(&self.queue))
    }

    /// Whether it takes declarations.
    pub fn ready(&self) -> bool {
        self.committer.is_alive()
    }
}

/// The API document. Needs no state.
pub fn openapi() -> OpenApi {
    rest::contract::document(
        "declaration-intake",
        "Declarations: lodging, amending, cancelling; arrival, presentation and release; the feed of channels.",
        api::mount,
    )
}
