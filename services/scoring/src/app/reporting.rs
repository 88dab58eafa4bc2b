//! Telling by which epoch of the routing this process decides.
//!
//! A change of routing has happened when every process serves it, so whoever changes it has to know who there is. A process
//! counts while it reports; one that stops in good order takes itself off the list.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use lifecycle::{Worker, WorkerError};
use rollout::Scorer;

use super::decider::Decider;
use crate::error::ServiceError;
use crate::store::scorers;

/// How often it looks whether its epoch has changed.
const LOOK: Duration = Duration::from_millis(500);
/// How often it reports although nothing has changed.
const REPORT: Duration = Duration::from_secs(10);
/// After so long without a report a process decides no more, in milliseconds.
const GONE_MS: i64 = 30_000;

/// What was last done, and when.
#[derive(Default)]
struct Last {
    looked: Option<Instant>,
    reported: Option<(Instant, u64)>,
}

/// The worker.
pub struct Reporter {
    decider: std::sync::Arc<Decider>,
    name: String,
    last: Mutex<Last>,
}

impl Reporter {
    /// Reports as `name`.
    pub fn new(decider: std::sync::Arc<Decider>, name: String) -> Self {
        Self { decider, name, last: Mutex::default() }
    }

    async fn report(&self) -> Result<(), ServiceError> {
        let clock = &self.decider.process_clock;
        let now = clock.instant();
        let (look, reported) = {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            let look = last.looked.is_none_or(|looked| now.duration_since(looked) >= LOOK);
            if look {
                last.looked = Some(now);
            }
            (look, last.reported)
        };
        if !look {
            return Ok(());
        }
        let epoch = self.decider.live().tables.epochs.routing;
        let due = reported.is_none_or(|(at, told)| told != epoch || now.duration_since(at) >= REPORT);
        if due {
            let now_ms = clock.unix_ms();
            let tx = self.decider.db.begin().await?;
            scorers::report(&tx, &self.name, epoch, now_ms, now_ms - 2 * GONE_MS).await?;
            tx.commit().await?;
            self.last.lock().unwrap_or_else(PoisonError::into_inner).reported = Some((now, epoch));
        }
        Ok(())
    }
}

#[async_trait]
impl Worker for Reporter {
    fn name(&self) -> &'static str {
        "scoring-reporter"
    }

    async fn step(&self) -> Result<usize, WorkerError> {
        self.report().await?;
        Ok(0)
    }

    async fn idle(&self) {
        tokio::time::sleep(LOOK).await;
    }

    async fn end(&self) -> Result<(), WorkerError> {
        let tx = self.decider.db.begin().await.map_err(ServiceError::from)?;
        scorers::forget(&tx, &self.name).await?;
        tx.commit().await.map_err(ServiceError::from)?;
        Ok(())
    }
}

impl Decider {
    /// The processes that decide now, by name, with the epochs that they decide by.
    pub async fn scorers(&self) -> Result<Vec<Scorer>, ServiceError> {
        scorers::seen(self.db.reader(), self.process_clock.unix_ms() - GONE_MS).await
    }
}
