//! What every backend of the queue does. `testkit::queue_contract` says it in tests, and runs on all of them.

use std::time::Duration;

use async_trait::async_trait;
use store::StoreError;

use crate::{DeadLetter, Delivery, DeliveryId, Depth, NewMessage, Stream};

/// A queue of durable streams.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Makes messages durable, in the order given, all or none. Publishing a message again that its stream has seen
    /// lately changes nothing.
    async fn publish(&self, messages: &[NewMessage]) -> Result<(), QueueError>;

    /// Leases at most `max` messages of `stream`, in order. With none there, waits up to `wait` for the first.
    async fn receive(&self, stream: &Stream, max: usize, wait: Duration) -> Result<Vec<Delivery>, QueueError>;

    /// Ends leases and their messages: the work is done. After a crash, messages acknowledged last may come once more.
    async fn acknowledge(&self, stream: &Stream, ids: &[DeliveryId]) -> Result<(), QueueError>;

    /// Ends leases without counting an attempt: the messages are there again at once, in their old order.
    async fn release(&self, stream: &Stream, ids: &[DeliveryId]) -> Result<(), QueueError>;

    /// Ends a lease and counts an attempt: the message is delivered again after a growing wait, or goes to the dead
    /// letters when it has failed too often.
    async fn fail(&self, stream: &Stream, id: DeliveryId, error: &str) -> Result<(), QueueError>;

    /// How much of `stream` is unfinished.
    async fn depth(&self, stream: &Stream) -> Result<Depth, QueueError>;

    /// The dead letters of `stream`, oldest first, at most `limit`.
    async fn dead_letters(&self, stream: &Stream, limit: usize) -> Result<Vec<DeadLetter>, QueueError>;

    /// Publishes dead letters again, at the end of the stream with no attempts. Returns how many there were.
    async fn redrive(&self, stream: &Stream, ids: &[DeliveryId]) -> Result<usize, QueueError>;

    /// Ends the use of the queue in good order: what was acknowledged will not come again. Further calls may fail.
    async fn close(&self) -> Result<(), QueueError>;
}

/// A failed operation on a queue.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The queue's storage fails.
    #[error("the queue's storage fails")]
    Store(#[from] StoreError),
    /// More streams than the backend holds.
    #[error("the embedded queue holds at most {most} streams")]
    TooManyStreams {
        /// The most it holds.
        most: usize,
    },
}

impl From<sea_orm::sqlx::Error> for QueueError {
    fn from(error: sea_orm::sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
