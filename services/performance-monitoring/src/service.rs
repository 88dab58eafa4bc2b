//! Composition root.

use std::sync::Arc;

use ::store::Retention;
use events::Service as Subscriber;
use lifecycle::Worker;
use queue::{Consumer, ConsumerSettings, Deps, RelaySettings, Stream};
use rest::ServiceConfig;

use crate::{
    Migrator, ServiceError, Settings, api,
    app::Reports,
    metrics::{Figures, Metrics},
    worker::{Recorder, figures::FiguresWorker},
};

/// The running service.
pub struct Service {
    reports: Reports,
    consumer: Arc<Consumer<Recorder>>,
    figures: Arc<FiguresWorker>,
    retention: Arc<Retention>,
}

impl Service {
    /// Opens and migrates the database and subscribes to the stream.
    pub async fn build(settings: Settings, deps: Deps) -> Result<Self, ServiceError> {
        let database =
            ::store::Database::open(&settings.store.owned_by(events::Service::PerformanceMonitoring)).await?;
        database.migrate::<Migrator>().await?;
        let (clock, process_clock) = (deps.clock.clone(), deps.process_clock.clone());
        let retention = Retention::new(database.clone(), &[], &settings.store, clock, process_clock)?
            .with_inbox(RelaySettings::default().keep_inbox);
        let recorder = Recorder::new(database.clone(), Metrics::register(&deps.metrics));
        let stream = Stream::of(Subscriber::PerformanceMonitoring);
        let consumer = Arc::new(Consumer::new(deps.queue, stream, recorder, ConsumerSettings::gathering()));
        let reports = Reports::new(database, deps.clock);
        let figures = Figures::register(&deps.metrics);
        let figures = FiguresWorker::new(reports.clone(), figures, settings.figures_days, deps.process_clock);
        Ok(Self { reports, consumer, figures: Arc::new(figures), retention: Arc::new(retention) })
    }

    /// Mounts `/v1/reports/…`.
    pub fn routes(&self) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static {
        let reports = self.reports.clone();
        move |config: &mut ServiceConfig<'_>| api::mount(config, Some(reports.clone()))
    }

    /// The consumer of this service's stream, what takes the figures, and what forgets.
    pub fn workers(&self) -> Vec<Arc<dyn Worker>> {
        vec![self.consumer.clone(), self.figures.clone(), self.retention.clone()]
    }

    /// Whether reports can be answered: once built, always.
    pub fn ready(&self) -> bool {
        true
    }
}
