//! Trains every week, by the domain clock; in between the online model learns on.

use std::time::Duration;

use async_trait::async_trait;
use lifecycle::{Worker, WorkerError};

use crate::app::App;

/// The worker.
pub struct TrainingWorker(pub App);

#[async_trait]
impl Worker for TrainingWorker {
    fn name(&self) -> &'static str {
        "model-management-training"
    }

    async fn step(&self) -> Result<usize, WorkerError> {
        Ok(self.0.run_due_trainings().await? + self.0.learn_on().await?)
    }

    async fn idle(&self) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
