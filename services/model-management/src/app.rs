//! One file per operation: load, decide, save, publish. Called by the API and the workers.

pub mod emergencies;
pub mod filters;
pub mod plans;
pub mod publish;
pub mod source;
pub mod training;

use std::sync::Arc;

use lifecycle::{Clock, ProcessClock};
use queue::Relay;
use risk_filters::Catalogue;
use store::Database;

use crate::metrics::Counters;

/// What every operation works with. Cloning shares it.
#[derive(Clone)]
pub struct App {
    /// The tables.
    pub db: Database,
    /// Domain time.
    pub clock: Clock,
    /// Process time.
    pub process_clock: ProcessClock,
    /// What publishes; woken after each commit.
    pub relay: Arc<Relay>,
    /// The fields that conditions may name.
    pub catalogue: Arc<Catalogue>,
    /// The metrics.
    pub counters: Counters,
    /// The trainer.
    pub trainer: Arc<training::Trainer>,
}
