//! One file per operation: load, decide, save, publish. Called by the API and the workers.

pub mod cards;
pub mod emergencies;
pub mod filters;
pub mod imports;
pub mod lists;
pub mod online;
pub mod past;
pub mod plans;
pub mod proposals;
pub mod publish;
pub mod replays;
pub mod risks;
pub mod rollout_driving;
pub mod rollouts;
pub mod routing;
pub mod source;
pub mod training;
pub mod words;

use std::sync::Arc;

use lifecycle::{Clock, ProcessClock};
use queue::Relay;
use risk_filters::{Catalogue, Codes};
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
    /// What other services tell.
    pub sources: source::Sources,
    /// The codes that conditions may compare with.
    pub codes: Arc<Codes>,
    /// Whether a version must have been tried over the past before it is put in force.
    pub replay_before_activation: bool,
    /// One page of the past at a time, whoever works on it.
    pub replaying: Arc<tokio::sync::Mutex<()>>,
    /// Who drives rollouts, and what of that this process remembers.
    pub rollouts: rollout_driving::Driving,
    /// What the search under way has seen.
    pub searched: proposals::Searched,
}
