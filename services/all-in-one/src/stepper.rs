//! Drives workers by hand: each drains what it has before the next begins, in the order in which a declaration meets them.
//!
//! One stage is empty before the next starts, so what a stage reads of an earlier one never depends on timing; a killed
//! run that is resumed continues with the stage it was in.

use std::sync::Arc;

use anyhow::{anyhow, ensure};
use lifecycle::Worker;

/// The order of stages. A worker that is not named here comes last.
const ORDER: [&str; 12] = [
    "model-management-relay",
    "declaration-intake-relay",
    "scoring",
    "scoring-relay",
    "controls-tracking",
    "controls-tracking-relay",
    "declaration-intake",
    "feature-store",
    "performance-monitoring",
    "intake-sweeper",
    "model-management-emergency",
    "model-management-training",
];

/// Rounds after which something must be feeding itself.
const MAX_ROUNDS: usize = 1_000;

/// Workers in the order of stages.
pub fn in_order(mut workers: Vec<Arc<dyn Worker>>) -> Vec<Arc<dyn Worker>> {
    workers.sort_by_key(|worker| ORDER.iter().position(|name| *name == worker.name()).unwrap_or(ORDER.len()));
    workers
}

/// Workers to drive by hand.
pub struct Stepper {
    workers: Vec<Arc<dyn Worker>>,
}

impl Stepper {
    /// Drives `workers` in their order.
    pub fn new(workers: Vec<Arc<dyn Worker>>) -> Self {
        Self { workers }
    }

    /// Works until nothing is left to do. A worker that found nothing is asked again only when another did something since.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let mut done = 0;
        let mut idle_at = vec![None; self.workers.len()];
        for _ in 0..MAX_ROUNDS {
            let before = done;
            for (worker, idle_at) in self.workers.iter().zip(&mut idle_at) {
                if *idle_at == Some(done) {
                    continue;
                }
                let did = worker
                    .step()
                    .await
                    .map_err(|error| anyhow!(error.into_inner()).context(format!("{} failed", worker.name())))?;
                done += did;
                *idle_at = (did == 0).then_some(done);
            }
            if done == before {
                return Ok(());
            }
        }
        ensure!(false, "the services did not come to rest in {MAX_ROUNDS} rounds");
        Ok(())
    }
}
