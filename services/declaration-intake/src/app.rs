//! The operations: load, decide, save, publish. Called by the routes and by the workers.

mod accept;
mod amend;
mod backlog;
mod cancel;
mod committer;
mod erase;
mod move_goods;
mod plans;
mod project;
mod reference;
mod status;
mod sweep;
mod waiting;
mod webhooks;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use customs::{DeclarationId, Method};
use lifecycle::{Clock, ProcessClock};
use queue::Relay;
use rest::Problem;
use store::Database;
use tokio::sync::watch;

pub(crate) use accept::{Acceptance, Outcome};
use backlog::Backlog;
pub(crate) use backlog::BacklogWatch;
pub(crate) use committer::Committer;
pub(crate) use erase::{Due, Eraser};
pub(crate) use move_goods::{Happened, Moved, Mover};
use plans::Plans;
pub(crate) use project::Projection;
use reference::Reference;
pub(crate) use reference::load as load_reference;
pub(crate) use sweep::Sweeper;
use waiting::Waiting;
pub(crate) use webhooks::{Deliverer, NewWebhook, Webhooks};

use crate::domain::lodgement::Lodgement;
use crate::error::IntakeError;
use crate::metrics::IntakeMetrics;
use crate::settings::Settings;
use crate::store::{controls, plans as stored_plans};

/// The name under which the queue knows how far the outbox is published.
pub(crate) const RELAY: &str = "declaration-intake-relay";

/// What every operation works with.
pub(crate) struct Intake {
    pub(crate) settings: Settings,
    /// What declarations are compared with.
    reference: Reference,
    /// The fail-safe channels of the capacity plans in force.
    plans: RwLock<Arc<Plans>>,
    db: Database,
    clock: Clock,
    process_clock: ProcessClock,
    relay: Arc<Relay>,
    /// Rung when the feed has grown.
    feed: watch::Sender<()>,
    /// Who waits for the channel of a declaration.
    waiting: Waiting,
    metrics: IntakeMetrics,
    /// What waits to be decided.
    backlog: Backlog,
    /// Who is told by webhook.
    webhooks: Webhooks,
    /// When persons are taken out next.
    erasing: Due,
}

impl Intake {
    /// With the plans that were heard of before.
    pub(crate) async fn open(
        settings: Settings,
        reference: Reference,
        db: Database,
        clock: Clock,
        process_clock: ProcessClock,
        relay: Arc<Relay>,
        metrics: IntakeMetrics,
    ) -> Result<Self, IntakeError> {
        let webhooks = Webhooks::new(&settings.webhooks, &process_clock)?;
        let plans = Plans::new(stored_plans::read(db.reader()).await?);
        reference.plan(plans.offices());
        Ok(Self {
            settings,
            reference,
            plans: RwLock::new(Arc::new(plans)),
            db,
            clock,
            process_clock,
            relay,
            feed: watch::Sender::new(()),
            waiting: Waiting::default(),
            metrics,
            backlog: Backlog::default(),
            webhooks,
            erasing: Due::default(),
        })
    }

    /// A declaration that is lodged now.
    pub(crate) fn read(&self, bytes: &[u8]) -> Result<Lodgement, Problem> {
        let lodgement = Lodgement::read(bytes, &self.reference.data())?;
        Ok(lodgement.lodged(self.clock.now(), self.settings.punctuality()))
    }

    /// A declaration that is not lodged now: one of the past, or an amendment, whose dates are judged by other rules.
    pub(crate) fn read_as_dated(&self, bytes: &[u8]) -> Result<Lodgement, Problem> {
        Lodgement::read(bytes, &self.reference.data())
    }

    /// By declaration: the methods of its controls that have no result.
    pub(crate) async fn open_controls(
        &self,
        ids: &[DeclarationId],
    ) -> Result<BTreeMap<DeclarationId, BTreeSet<Method>>, IntakeError> {
        controls::open(self.db.reader(), ids).await
    }

    fn plans(&self) -> Arc<Plans> {
        Arc::clone(&self.plans.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts plans in force, after they are stored.
    fn put_plans(&self, plans: Plans) {
        self.reference.plan(plans.offices());
        *self.plans.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(plans);
    }

    /// Wakes those who wait for these declarations or for the feed.
    fn ring(&self, told: &[DeclarationId]) {
        self.waiting.ring(told);
        self.feed.send_replace(());
    }
}
