//! The consumer: events in, facts, vectors and labels out, and the online store moved to the new end of the log.
//!
//! One transaction per batch. The online store is written after the commit: what it shows is always durable, and what
//! it missed is rebuilt from the log.

pub mod batch;
pub mod message;
pub mod quality;

use std::sync::Arc;

use async_trait::async_trait;
use events::Service;
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
    /// Where the log ends and what of it waits; none when the online store has to be rebuilt first.
    progress: Mutex<Option<Progress>>,
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
        Self { database, online, metrics, result_due_days, progress: Mutex::new(Some(progress)) }
    }

    async fn record(&self, deliveries: &[Delivery]) -> Result<(), ServiceError> {
        let messages =
            deliveries.iter().map(|delivery| message::read(&delivery.envelope)).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.envelope.id).collect();
        let mut slot = self.progress.lock().await;
        let progress = match slot.take() {
            Some(progress) => progress,
            None => rebuild(&self.database, &*self.online).await?,
        };
        let transaction = self.database.begin().await?;
        let admitted = ::store::inbox::admit(&transaction, Service::FeatureStore, &ids).await?;
        let new: Vec<Message<'_>> =
            messages.into_iter().zip(admitted).filter(|(_, new)| *new).map(|(m, _)| m).collect();
        let outcome = Batch::apply(new, progress.clone(), self.result_due_days, &transaction, &*self.online).await;
        let batch = match outcome {
            Ok(batch) => batch,
            Err(error) => {
                // Nothing was written, and the online store still shows the end of the log.
                *slot = Some(progress);
                return Err(error);
            }
        };
        let labels = batch.write(&transaction).await?;
        transaction.commit().await.map_err(::store::StoreError::from)?;
        let sequence = batch.progress.sequence;
        if sequence > progress.sequence {
            self.online.write(sequence, batch.entries).await?;
        }
        self.metrics.facts.inc_by(batch.facts.len() as u64);
        self.metrics.vectors.inc_by(batch.served.len() as u64);
        self.metrics.labels.inc_by(labels);
        self.metrics.sequence.set(sequence as i64);
        self.metrics.waiting.set(batch.progress.timeline.waiting().count() as i64);
        *slot = Some(batch.progress);
        Ok(())
    }
}

#[async_trait]
impl Handler for Recorder {
    async fn handle(&self, deliveries: &[Delivery]) -> Result<(), HandlerError> {
        Ok(self.record(deliveries).await?)
    }
}
