//! The consumer: events in, facts, vectors and labels out, and the online store moved to the new end of the log.
//!
//! One transaction per batch. The online store is written after the commit: what it shows is always durable. What it
//! missed while it was out of reach is written before the next batch; where it lost anything it is filled from the log.

pub mod batch;
pub mod keeper;
pub mod message;
pub mod quality;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use events::Service;
use features::{EntityKey, EntityState};
use online_store::OnlineStore;
use queue::{Delivery, Handler, HandlerError};
use tokio::sync::Mutex;

use crate::ServiceError;
use crate::app::rebuild::{Progress, rebuild};
use crate::metrics::Metrics;
use batch::Batch;
use message::Message;

/// Records what happened and applies it.
pub struct Recorder {
    database: ::store::Database,
    online: Arc<dyn OnlineStore>,
    metrics: Metrics,
    result_due_days: u32,
    /// None when the online store has to be filled first.
    standing: Mutex<Option<Standing>>,
    in_step: AtomicBool,
}

/// Where the log ends, and what of it the online store was not told yet.
struct Standing {
    progress: Progress,
    untold: Option<Untold>,
}

/// States that hold at the end of the log, while the online store stands before them.
struct Untold {
    after: u64,
    entries: Vec<(EntityKey, EntityState)>,
}

impl Recorder {
    /// Records into `database`, applies to `online`, going on at `progress`; a result is due so many days after its
    /// examination.
    pub fn new(
        database: ::store::Database,
        online: Arc<dyn OnlineStore>,
        metrics: Metrics,
        progress: Progress,
        result_due_days: u32,
    ) -> Self {
        let standing = Mutex::new(Some(Standing { progress, untold: None }));
        Self { database, online, metrics, result_due_days, standing, in_step: AtomicBool::new(true) }
    }

    /// Whether the online store stood at the end of the log when it was last looked at.
    pub fn is_in_step(&self) -> bool {
        self.in_step.load(Ordering::Relaxed)
    }

    async fn record(&self, deliveries: &[Delivery]) -> Result<(), ServiceError> {
        let messages =
            deliveries.iter().map(|delivery| message::read(&delivery.envelope)).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.envelope.id).collect();
        let mut slot = self.standing.lock().await;
        let progress = self.stand(&mut slot).await?.clone();
        let before = progress.sequence;
        let transaction = self.database.begin().await?;
        let admitted = ::store::inbox::admit(&transaction, Service::FeatureStore, &ids).await?;
        let new: Vec<Message<'_>> =
            messages.into_iter().zip(admitted).filter(|(_, new)| *new).map(|(m, _)| m).collect();
        let applied = Batch::apply(new, progress, self.result_due_days, &transaction, &*self.online).await;
        let mut batch = match applied {
            Ok(batch) => batch,
            Err(error) => {
                // Nothing was written: the log ends where it did.
                if error.wants_filling() {
                    *slot = None;
                }
                return Err(error);
            }
        };
        let labels = batch.write(&transaction).await?;
        let rewritten = batch.erase(&transaction).await?;
        // Whether it is committed is open when this fails: then the log tells.
        if let Err(error) = transaction.commit().await {
            *slot = None;
            return Err(::store::StoreError::from(error).into());
        }
        self.metrics.facts.inc_by(batch.facts.len() as u64);
        self.metrics.vectors.inc_by(batch.served.len() as u64);
        self.metrics.labels.inc_by(labels);
        self.metrics.waiting.set(batch.progress.timeline.waiting().count() as i64);
        let untold = (batch.progress.sequence > before).then_some(Untold { after: before, entries: batch.entries });
        // Where the log reads otherwise, all of it is replayed.
        *slot = (!rewritten).then_some(Standing { progress: batch.progress, untold });
        if let Err(error) = self.stand(&mut slot).await {
            // The batch is done; what the online store missed is told to it before the next.
            tracing::warn!(error = %HandlerError::from(error), "the online store could not be brought up to date");
        }
        Ok(())
    }

    /// Where the log ends, once the online store stands there too.
    async fn stand<'a>(&self, slot: &'a mut Option<Standing>) -> Result<&'a Progress, ServiceError> {
        let brought = self.bring_up(slot).await;
        self.in_step.store(brought.is_ok(), Ordering::Relaxed);
        brought?;
        let standing = if let Some(standing) = slot {
            standing
        } else {
            let progress = rebuild(&self.database, &*self.online).await.inspect_err(|_| self.fall_behind())?;
            slot.insert(Standing { progress, untold: None })
        };
        self.metrics.sequence.set(standing.progress.sequence as i64);
        Ok(&standing.progress)
    }

    /// The online store is not where the log ends, or nobody can tell.
    fn fall_behind(&self) {
        self.in_step.store(false, Ordering::Relaxed);
    }

    /// Tells the online store what it was not told yet. Where it has lost something, nothing is left to go on from.
    async fn bring_up(&self, slot: &mut Option<Standing>) -> Result<(), ServiceError> {
        let Some(standing) = slot else { return Ok(()) };
        let Some(untold) = &standing.untold else { return Ok(()) };
        let written = self.online.write(untold.after, standing.progress.sequence, &untold.entries).await;
        match written.map_err(ServiceError::from) {
            Ok(()) => standing.untold = None,
            Err(error) if error.wants_filling() => {
                tracing::warn!(%error, "the online store is filled again");
                *slot = None;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

#[async_trait]
impl Handler for Recorder {
    async fn handle(&self, deliveries: &[Delivery]) -> Result<(), HandlerError> {
        self.record(deliveries)
            .await
            .map_err(|error| if error.is_passing() { HandlerError::passing(error) } else { error.into() })
    }
}
