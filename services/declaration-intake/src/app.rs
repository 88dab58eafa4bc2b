//! The operations: load, decide, save, publish. Called by the routes and by the workers.

mod accept;
mod amend;
mod cancel;
mod committer;
mod move_goods;
mod project;
mod status;
mod sweep;
mod waiting;

use std::sync::Arc;

use customs::DeclarationId;
use declaration_formats::ReferenceData;
use lifecycle::{Clock, ProcessClock};
use queue::Relay;
use rest::{Offices, Problem};
use store::Database;
use tokio::sync::watch;

pub(crate) use accept::{Acceptance, Outcome};
pub(crate) use committer::Committer;
pub(crate) use move_goods::{Happened, Moved, Mover};
pub(crate) use project::Projection;
pub(crate) use sweep::Sweeper;
use waiting::Waiting;

use crate::metrics::IntakeMetrics;
use crate::settings::Settings;

/// What every operation works with.
pub(crate) struct Intake {
    pub(crate) settings: Settings,
    pub(crate) reference: ReferenceData,
    db: Database,
    clock: Clock,
    process_clock: ProcessClock,
    relay: Arc<Relay>,
    /// Rung when the feed has grown.
    feed: watch::Sender<()>,
    /// Who waits for the channel of a declaration.
    waiting: Waiting,
    metrics: IntakeMetrics,
}

impl Intake {
    pub(crate) fn new(
        settings: Settings,
        db: Database,
        clock: Clock,
        process_clock: ProcessClock,
        relay: Arc<Relay>,
        metrics: IntakeMetrics,
    ) -> Self {
        Self {
            settings,
            reference: ReferenceData::standard(),
            db,
            clock,
            process_clock,
            relay,
            feed: watch::Sender::new(()),
            waiting: Waiting::default(),
            metrics,
        }
    }

    /// Wakes those who wait for these declarations or for the feed.
    fn ring(&self, told: &[DeclarationId]) {
        self.waiting.ring(told);
        self.feed.send_replace(());
    }
}

fn check_office(offices: &Offices, office: &str) -> Result<(), Problem> {
    if offices.contain(&office.into()) {
        return Ok(());
    }
    Err(Problem::forbidden("office-forbidden", "The token does not cover this office")
        .with_detail(format!("the token does not cover office {office}")))
}
