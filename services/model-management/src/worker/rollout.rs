//! Drives rollouts where no operator does.

use std::time::Duration;

use async_trait::async_trait;
use lifecycle::{Worker, WorkerError};

use crate::app::App;

/// The worker.
pub struct RolloutWorker(pub App);

#[async_trait]
impl Worker for RolloutWorker {
    fn name(&self) -> &'static str {
        "model-management-rollout"
    }

    async fn step(&self) -> Result<usize, WorkerError> {
        Ok(self.0.drive_rollouts().await?)
    }

    async fn idle(&self) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
