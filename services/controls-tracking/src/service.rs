//! Composition: opens the tables, wires operations to routes and workers.

use std::sync::Arc;

use jiff::SignedDuration;
use lifecycle::Worker;
use queue::{Consumer, ConsumerSettings, Deps, Relay, Stream};
use rest::ServiceConfig;
use store::{Database, StoreError};

use crate::api;
use crate::app::{App, Inner};
use crate::metrics::ControlsMetrics;
use crate::migrations::Migrator;
use crate::settings::{Settings, SettingsError};
use crate::store::offices;
use crate::worker::Messages;

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The settings cannot work.
    #[error("the settings cannot work")]
    Settings(#[from] SettingsError),
    /// The database cannot be opened or brought up to date.
    #[error("the database of controls cannot be opened")]
    Store(#[from] StoreError),
}

/// Controls and their results.
pub struct Service {
    app: App,
    workers: Vec<Arc<dyn Worker>>,
}

impl Service {
    /// Opens and migrates the service's database, and wires it up. Nothing runs yet.
    pub async fn build(settings: Settings, deps: Deps) -> Result<Self, ServiceError> {
        settings.validate()?;
        let db = Database::open(&settings.store.owned_by(events::Service::ControlsTracking)).await?;
        db.migrate::<Migrator>().await?;
        let assignment_key = if settings.assignment_key.is_empty() {
            offices::lottery_key(db.reader()).await?
        } else {
            settings.assignment_key.expose().to_owned()
        };
        let relay = Arc::new(Relay::new(
            "controls-tracking-relay",
            db.clone(),
            Arc::clone(&deps.queue),
            deps.process_clock.clone(),
        ));
        let app = App::new(Inner {
            db,
            clock: deps.clock,
            process_clock: deps.process_clock,
            relay: Arc::clone(&relay),
            metrics: ControlsMetrics::register(&deps.metrics),
            assignment_key,
            scan_window: SignedDuration::from_hours(24 * i64::from(settings.scan_link_days)),
            batch: settings.batch,
        });
        let consumer = Consumer::new(
            deps.queue,
            Stream::of(events::Service::ControlsTracking),
            Messages(app.clone()),
            ConsumerSettings { batch: settings.batch, ..ConsumerSettings::gathering() },
        );
        Ok(Self { app, workers: vec![Arc::new(consumer), relay] })
    }

    /// Mounts the service's routes.
    pub fn routes(&self) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static {
        let app = self.app.clone();
        move |config| {
            config.app_data(actix_web::web::Data::new(app.clone()));
            api::routes(config);
        }
    }

    /// The background work, in the order in which a step runs it.
    pub fn workers(&self) -> Vec<Arc<dyn Worker>> {
        self.workers.clone()
    }

    /// Whether requests can be answered: the tables are open since [`build`](Self::build).
    pub fn ready(&self) -> bool {
        true
    }
}
