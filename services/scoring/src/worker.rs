//! Following other scorers on the same database while no message comes here: they put tables in force, and spend capacity,
//! of which advice tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use lifecycle::{Shutdown, Worker, WorkerError};

use crate::app::decider::Decider;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(1);

/// What was read longer ago is not fresh.
const FRESH_FOR: Duration = Duration::from_secs(15);
/// Nobody has begun to look.
const NOT_YET: i64 = i64::MAX;

/// The one who looks.
pub struct Follower {
    decider: Arc<Decider>,
    /// When it last knew everything (Unix milliseconds).
    fresh_at_ms: AtomicI64,
}

impl Follower {
    /// Looks for `decider`.
    pub fn new(decider: Arc<Decider>) -> Self {
        Self { decider, fresh_at_ms: AtomicI64::new(NOT_YET) }
    }

    /// Whether routing, filters and plans are those in force, but for some seconds. Who is stepped is alone.
    pub fn is_fresh(&self) -> bool {
        let fresh_at_ms = self.fresh_at_ms.load(Ordering::Relaxed);
        let now_ms = self.decider.process_clock.unix_ms();
        fresh_at_ms == NOT_YET || now_ms - fresh_at_ms < FRESH_FOR.as_millis() as i64
    }
}

#[async_trait]
impl Worker for Follower {
    fn name(&self) -> &'static str {
        "scoring-follower"
    }

    /// Nothing: whoever is stepped is alone, and a decision takes up what came before it anyway.
    async fn step(&self) -> Result<usize, WorkerError> {
        Ok(0)
    }

    async fn run(&self, shutdown: Shutdown) -> Result<(), WorkerError> {
        while !shutdown.is_triggered() {
            match self.decider.follow_others().await {
                Ok(_) => self.fresh_at_ms.store(self.decider.process_clock.unix_ms(), Ordering::Relaxed),
                Err(error) => {
                    tracing::warn!(%error, "what other scorers decided cannot be read; advice may be old");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = shutdown.triggered() => {}
            }
        }
        Ok(())
    }
}
