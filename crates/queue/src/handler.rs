//! What a service does with its messages.

use std::sync::Arc;

use async_trait::async_trait;
use lifecycle::WorkerError;
use store::StoreError;

use crate::Delivery;

/// The effect of a stream's messages.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Applies a batch in one transaction: inbox, effects and outbox. A batch is in stream order; batch boundaries mean
    /// nothing. After an error nothing of the batch may have happened.
    async fn handle(&self, batch: &[Delivery]) -> Result<(), HandlerError>;
}

#[async_trait]
impl<H: Handler + ?Sized> Handler for Arc<H> {
    async fn handle(&self, batch: &[Delivery]) -> Result<(), HandlerError> {
        (**self).handle(batch).await
    }
}

/// Why a batch failed. Made from any error by `?`; displays the whole chain.
#[derive(Debug)]
pub struct HandlerError {
    error: WorkerError,
    passing: bool,
}

impl HandlerError {
    /// An error that passes by itself: what the batch needs is out of reach.
    pub fn passing(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { error: error.into(), passing: true }
    }

    /// Whether the batch is not to blame (the database was busy), so that no attempt is counted.
    pub fn is_transient(&self) -> bool {
        self.passing || StoreError::any_transient(self.error.as_error())
    }

    /// The same as a worker's error.
    pub fn into_worker_error(self) -> WorkerError {
        self.error
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self { error: error.into(), passing: false }
    }
}

impl std::fmt::Display for HandlerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}
