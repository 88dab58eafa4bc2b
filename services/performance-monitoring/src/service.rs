//! Composition root.

use std::sync::Arc;

use events::Service as Subscriber;
use lifecycle::Worker;
use queue::{Consumer, ConsumerSettings, Deps, Stream};
use rest::ServiceConfig;

use crate::{Migrator, ServiceError, Settings, api, app::Reports, metrics::Metrics, worker::Recorder};

/// The running service.
pub struct Service {
    reports: Reports,
    consumer: Arc<Consumer<Recorder>>,
}

impl Service {
    /// Opens and migrates the database and subscribes to the stream.
    pub async fn build(settings: Settings, deps: Deps) -> Result<Self, ServiceError> {
        let database = ::store::Database::open(&settings.store).await?;
        database.migrate::<Migrator>().await?;
        let recorder = Recorder::new(database.clone(), Metrics::register(&deps.metrics));
        let stream = Stream::of(Subscriber::PerformanceMonitoring);
        let consumer = Arc::new(Consumer::new(deps.queue, stream, recorder, ConsumerSettings::default()));
        Ok(Self { reports: Reports::new(database, deps.clock), consumer })
    }

    /// Mounts `/v1/reports/…`.
    pub fn routes(&self) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static {
        let reports = self.reports.clone();
        move |config: &mut ServiceConfig<'_>| api::mount(config, Some(reports.clone()))
    }

    /// The consumer of this service's stream.
    pub fn workers(&self) -> Vec<Arc<dyn Worker>> {
        vec![self.consumer.clone()]
    }

    /// Whether reports can be answered: once built, always.
    pub fn ready(&self) -> bool {
        true
    }
}
