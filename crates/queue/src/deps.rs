//! What every service is built with.

use std::sync::Arc;

use lifecycle::{Clock, Metrics, ProcessClock};

use crate::Queue;

/// Shared by all services of one process.
#[derive(Clone)]
pub struct Deps {
    /// Domain time.
    pub clock: Clock,
    /// Process time.
    pub process_clock: ProcessClock,
    /// Where messages come from and go to.
    pub queue: Arc<dyn Queue>,
    /// Where metrics are registered.
    pub metrics: Metrics,
}
