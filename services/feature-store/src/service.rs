//! Composition root.

use std::sync::Arc;

use ::store::Retention;
use events::Service as Subscriber;
use lifecycle::Worker;
use online_store::OnlineStore;
use queue::{Consumer, ConsumerSettings, Deps, RelaySettings, Stream};
use rest::ServiceConfig;

use crate::api::State;
use crate::app::rebuild::rebuild;
use crate::metrics::Metrics;
use crate::worker::{Recorder, keeper::Keeper};
use crate::{Migrator, ServiceError, Settings, api};

/// The running service.
pub struct Service {
    state: State,
    recorder: Arc<Recorder>,
    consumer: Arc<Consumer<Arc<Recorder>>>,
    retention: Arc<Retention>,
}

impl Service {
    /// Opens and migrates the database, brings `online` to the end of the log, and subscribes to the stream.
    pub async fn build(settings: Settings, deps: Deps, online: Arc<dyn OnlineStore>) -> Result<Self, ServiceError> {
        let database = ::store::Database::open(&settings.store.owned_by(events::Service::FeatureStore)).await?;
        database.migrate::<Migrator>().await?;
        let (clock, process_clock) = (deps.clock.clone(), deps.process_clock.clone());
        let retention =
            Retention::new(database.clone(), &crate::store::FORGETS, &settings.store, clock, process_clock)?
                .with_inbox(RelaySettings::default().keep_inbox);
        let progress = rebuild(&database, &*online).await?;
        let metrics = Metrics::register(&deps.metrics);
        metrics.sequence.set(progress.sequence as i64);
        let recorder = Recorder::new(database.clone(), online, metrics, progress, settings.result_due_days);
        let recorder = Arc::new(recorder);
        let stream = Stream::of(Subscriber::FeatureStore);
        let taking = ConsumerSettings::gathering();
        let consumer = Arc::new(Consumer::new(deps.queue, stream, Arc::clone(&recorder), taking));
        let state = State { database, weight_limit: settings.weight_limit };
        Ok(Self { state, recorder, consumer, retention: Arc::new(retention) })
    }

    /// Mounts `/v1/features/…`, `/v1/training-sets`, `/v1/data-quality` and `/v1/catalogue`.
    pub fn routes(&self) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static {
        let state = self.state.clone();
        move |config: &mut ServiceConfig<'_>| api::mount(config, Some(state.clone()))
    }

    /// The consumer of this service's stream, the keeper of the online store, and what forgets.
    pub fn workers(&self) -> Vec<Arc<dyn Worker>> {
        vec![self.consumer.clone(), Arc::new(Keeper(Arc::clone(&self.recorder))), self.retention.clone()]
    }

    /// Whether the online store is at the end of the log.
    pub fn ready(&self) -> bool {
        self.recorder.is_in_step()
    }
}
