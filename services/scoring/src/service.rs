//! Puts the service together: database, memory, consumer, relay, routes.

use std::collections::BTreeSet;
use std::sync::{Arc, RwLock};

use events::Service as Subscriber;
use lifecycle::{Clock, Worker};
use online_store::OnlineStore;
use queue::{Consumer, ConsumerSettings, Deps, Handler, HandlerError, Relay, Stream};
use rest::ServiceConfig;
use store::{Database, Retention};

use crate::app::artefacts::{ArtefactSource, HttpArtefactSource};
use crate::app::cases::{CaseSource, HttpCaseSource};
use crate::app::decider::Decider;
use crate::app::live::Live;
use crate::app::reporting::Reporter;
use crate::app::tables;
use crate::domain::judgement::Champion;
use crate::error::ServiceError;
use crate::metrics::Metrics;
use crate::migrations::Migrator;
use crate::settings::Settings;
use crate::store::offices;
use crate::worker::Follower;
use crate::{api, draw_key};

/// The running service.
pub struct Service {
    decider: Arc<Decider>,
    consumer: Arc<Consumer<Shared>>,
    relay: Arc<Relay>,
    retention: Arc<Retention>,
    follower: Arc<Follower>,
    reporter: Arc<Reporter>,
    clock: Clock,
}

impl Service {
    /// Opens and migrates the database, takes up what was decided before, and subscribes to the stream. Artefacts come
    /// from model-management over HTTP.
    pub async fn build(settings: Settings, deps: Deps, online: Arc<dyn OnlineStore>) -> Result<Self, ServiceError> {
        let source = HttpArtefactSource::new(&settings.model_management_url, &settings.token)
            .map_err(|_| ServiceError::Setting("modelManagementUrl"))?;
        let url = settings.feature_store_url.as_deref().unwrap_or(&settings.model_management_url);
        let cases = HttpCaseSource::new(url, &settings.token).map_err(|_| ServiceError::Setting("featureStoreUrl"))?;
        Self::build_with(settings, deps, online, Arc::new(source), Arc::new(cases)).await
    }

    /// The same with artefacts from `source` and past cases from `cases`.
    pub async fn build_with(
        settings: Settings,
        deps: Deps,
        online: Arc<dyn OnlineStore>,
        source: Arc<dyn ArtefactSource>,
        cases: Arc<dyn CaseSource>,
    ) -> Result<Self, ServiceError> {
        if !(1..=4_096).contains(&settings.batch) {
            return Err(ServiceError::Setting("batch"));
        }
        let db = Database::open(&settings.store.owned_by(events::Service::Scoring)).await?;
        db.migrate::<Migrator>().await?;
        let (clock, process_clock) = (deps.clock.clone(), deps.process_clock.clone());
        let retention = Retention::new(db.clone(), &crate::store::FORGETS, &settings.store, clock, process_clock)?;
        let secret = draw_key::open(&settings.draw_key, settings.draw_seed)?;
        let metrics = Metrics::register(&deps.metrics);
        let tables = tables::load(db.reader(), settings.unplanned).await?;
        metrics.show_epochs(tables.epochs);
        let (nation, offices) = offices::load(db.reader()).await?;
        // Read last: what is decided meanwhile by another is taken up with the first batch.
        let live = Live { turn: 0, tables, nation: Arc::new(nation), offices, touched: BTreeSet::new() };
        let relay =
            Arc::new(Relay::new("scoring-relay", db.clone(), Arc::clone(&deps.queue), deps.process_clock.clone()));
        let decider = Arc::new(Decider {
            db,
            online,
            source,
            cases,
            secret,
            live: RwLock::new(live),
            metrics,
            process_clock: deps.process_clock,
            relay: Arc::clone(&relay),
            publish_vectors: settings.publish_vectors,
            deciding: tokio::sync::Mutex::new(()),
        });
        let taking = ConsumerSettings { batch: settings.batch, ..ConsumerSettings::default() };
        let handler = Shared(Arc::clone(&decider));
        let stream = Stream { subscriber: Subscriber::Scoring, shard: settings.shard };
        let consumer = Arc::new(Consumer::new(deps.queue, stream, handler, taking));
        let follower = Arc::new(Follower::new(Arc::clone(&decider)));
        let name = if settings.name.is_empty() { lifecycle::process_name() } else { settings.name };
        let reporter = Arc::new(Reporter::new(Arc::clone(&decider), name));
        Ok(Self { decider, consumer, relay, retention: Arc::new(retention), follower, reporter, clock: deps.clock })
    }

    /// Mounts `/v1/scores`, `/v1/selections`, and what belongs to them.
    pub fn routes(&self) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static {
        let state = api::State { decider: Arc::clone(&self.decider), clock: self.clock.clone() };
        move |config: &mut ServiceConfig<'_>| api::mount(config, Some(state.clone()))
    }

    /// The consumer of this service's stream, then the relay of its decisions, what forgets old ones, what follows
    /// other scorers on the same database, and what reports by which routing this one decides.
    pub fn workers(&self) -> Vec<Arc<dyn Worker>> {
        vec![
            self.consumer.clone(),
            self.relay.clone(),
            self.retention.clone(),
            self.follower.clone(),
            self.reporter.clone(),
        ]
    }

    /// Whether it decides in full: every champion that is routed can be used here, and the routing is the one in force.
    /// Without any champion it decides by rates.
    pub fn ready(&self) -> bool {
        let live = self.decider.live();
        self.follower.is_fresh()
            && live.tables.champions.values().all(|champion| !matches!(champion, Champion::Unusable))
    }
}

/// The consumer and the routes share one decider.
struct Shared(Arc<Decider>);

#[async_trait::async_trait]
impl Handler for Shared {
    async fn handle(&self, batch: &[queue::Delivery]) -> Result<(), HandlerError> {
        self.0.handle(batch).await
    }
}
