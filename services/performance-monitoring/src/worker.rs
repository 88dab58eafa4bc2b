//! The consumer: events in, rows out, one transaction and a handful of statements per batch.

pub mod batch;
pub mod figures;
pub mod message;

use async_trait::async_trait;
use events::Service;
use queue::{Delivery, Handler, HandlerError};

use crate::{metrics::Metrics, store::write};
use batch::Batch;

/// Records what happened.
pub struct Recorder {
    database: ::store::Database,
    metrics: Metrics,
}

impl Recorder {
    /// Records into `database`.
    pub fn new(database: ::store::Database, metrics: Metrics) -> Self {
        Self { database, metrics }
    }
}

#[async_trait]
impl Handler for Recorder {
    async fn handle(&self, deliveries: &[Delivery]) -> Result<(), HandlerError> {
        let messages =
            deliveries.iter().map(|delivery| message::read(&delivery.envelope)).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.envelope.id).collect();
        let transaction = self.database.begin().await?;
        let admitted = ::store::inbox::admit(&transaction, Service::PerformanceMonitoring, &ids).await?;
        let mut zones = write::time_zones(&transaction).await?;
        let new = deliveries.iter().zip(messages).zip(admitted).filter(|(_, new)| *new).map(|(pair, _)| pair);
        let batch = Batch::of(new.map(|(delivery, message)| (&delivery.envelope, message)), &mut zones);
        write::apply(&transaction, &batch).await?;
        transaction.commit().await.map_err(::store::StoreError::from)?;
        batch.count(&self.metrics);
        Ok(())
    }
}
