//! Following other scorers on the same database while no message comes here: they put tables in force, and spend capacity,
//! of which advice tells.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lifecycle::{Shutdown, Worker, WorkerError};

use crate::app::decider::Decider;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(1);

/// The one who looks.
pub struct Follower(pub Arc<Decider>);

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
            if let Err(error) = self.0.follow_others().await {
                tracing::warn!(%error, "what other scorers decided cannot be read; advice may be old");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = shutdown.triggered() => {}
            }
        }
        Ok(())
    }
}
