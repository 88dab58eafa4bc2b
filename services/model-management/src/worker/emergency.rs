//! Ends emergency orders when their time is over.

use std::time::Duration;

use async_trait::async_trait;
use lifecycle::{Worker, WorkerError};

use crate::app::App;

/// The worker.
pub struct EmergencyWorker(pub App);

#[async_trait]
impl Worker for EmergencyWorker {
    fn name(&self) -> &'static str {
        "model-management-emergency"
    }

    async fn step(&self) -> Result<usize, WorkerError> {
        Ok(self.0.end_emergencies().await?)
    }

    /// A definition carries its own end, so that scoring stops on the moment; this only tidies up behind it.
    async fn idle(&self) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
