//! Puts the service together: database, relay, committer, routes, workers.

use std::sync::Arc;

use actix_web::web;
use lifecycle::Worker;
use queue::{Deps, Queue, Relay};
use rest::ServiceConfig;
use store::{Database, Retention};
use utoipa::openapi::OpenApi;

use crate::app::{BacklogWatch, Committer, Intake, load_reference};
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
    retention: Arc<Retention>,
    queue: Arc<dyn Queue>,
}

impl Service {
    /// Loads the reference data, opens and migrates the database, and starts committing.
    pub async fn build(settings: Settings, deps: Deps) -> Result<Self, ServiceError> {
        let reference = load_reference(settings.reference.as_deref())?;
        let db = Database::open(&settings.store.owned_by(events::Service::DeclarationIntake)).await?;
        db.migrate::<Migrator>().await?;
        let (clock, process_clock) = (deps.clock, deps.process_clock);
        let forgets = &crate::store::FORGETS;
        let retention = Retention::new(db.clone(), forgets, &settings.store, clock.clone(), process_clock.clone())?;
        retention.prepare().await?;
        let relay = Arc::new(Relay::new(crate::app::RELAY, db.clone(), Arc::clone(&deps.queue), process_clock.clone()));
        let metrics = IntakeMetrics::register(&deps.metrics);
        let intake = Intake::open(settings, reference, db, clock, process_clock, Arc::clone(&relay), metrics).await;
        let intake = Arc::new(intake.map_err(|error| ServiceError::Remembered(error.into()))?);
        let committer = Arc::new(Committer::start(Arc::clone(&intake)));
        Ok(Self { intake, committer, relay, retention: Arc::new(retention), queue: deps.queue })
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

    /// The background work, in the order in which a step runs it: relay, projection, sweeper, webhooks, eraser, retention,
    /// backlog.
    pub fn workers(&self) -> Vec<Arc<dyn Worker>> {
        let mut workers = worker::workers(&self.intake, Arc::clone(&self.relay), Arc::clone(&self.queue));
        workers.push(self.retention.clone());
        if self.intake.settings.office_backlog > 0 {
            workers.push(Arc::new(BacklogWatch { intake: Arc::clone(&self.intake), queue: Arc::clone(&self.queue) }));
        }
        workers
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
