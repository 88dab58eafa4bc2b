//! Tries filters over the past, a page at a time.

use std::time::Duration;

use async_trait::async_trait;
use lifecycle::{Worker, WorkerError};

use crate::app::App;

/// The worker.
pub struct ReplayWorker(pub App);

#[async_trait]
impl Worker for ReplayWorker {
    fn name(&self) -> &'static str {
        "model-management-replay"
    }

    async fn step(&self) -> Result<usize, WorkerError> {
        Ok(self.0.work_on_replays().await?)
    }

    async fn idle(&self) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
