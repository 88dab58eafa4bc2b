//! What every backend of the queue does. `testkit::queue_contract` says it in tests, and runs on all of them.

use std::time::Duration;

use async_trait::async_trait;
use redis_link::LinkError;
use store::StoreError;

use crate::{DeadLetter, Delivery, DeliveryId, Depth, Held, NewMessage, Relayed, Shard, Stream, Stretch};

/// A queue of durable streams.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Makes messages durable, in the order given, all or none. Publishing a message again that its stream has seen
    /// lately changes nothing.
    async fn publish(&self, messages: &[NewMessage]) -> Result<(), QueueError>;

    /// Publishes as [`publish`](Self::publish) does and moves the relay's place, both or neither; nothing of either when
    /// the queue stands elsewhere than the relay thinks. A backend that keeps no places only publishes.
    async fn relay(&self, _stretch: Stretch<'_>, messages: &[NewMessage]) -> Result<Relayed, QueueError> {
        self.publish(messages).await?;
        Ok(Relayed::Done)
    }

    /// Every stream that there is.
    fn streams(&self) -> Vec<Stream> {
        events::Service::ALL.into_iter().map(Stream::of).collect()
    }

    /// Offices that were given streams of their own while processes run, beside those of the settings.
    async fn shards(&self) -> Result<Vec<Shard>, QueueError> {
        Ok(Vec::new())
    }

    /// Gives offices streams of their own, instead of those that were told before. Every process that publishes goes by
    /// it within seconds; what is under way is decided where it is.
    async fn tell_shards(&self, _shards: Vec<Shard>) -> Result<(), QueueError> {
        Err(QueueError::Settings("a queue that is not in Redis has one stream for all offices".to_owned()))
    }

    /// How many bytes of bodies the backend takes best in one stretch.
    fn bytes_at_once(&self) -> usize {
        usize::MAX
    }

    /// Up to where the queue holds, or has delivered, what `relay` has published.
    async fn held(&self, _relay: &str) -> Result<Held, QueueError> {
        Ok(Held::Unknown)
    }

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
    /// Redis refuses, or is out of reach.
    #[error("redis refuses, or is out of reach")]
    Redis(#[from] redis::RedisError),
    /// The settings cannot work.
    #[error("settings of the queue: {0}")]
    Settings(String),
    /// A file that the settings name cannot be read.
    #[error("cannot read {path}")]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// What stands in Redis is not what was written: it was changed from outside.
    #[error("redis holds {what} that cannot be read: {reason}")]
    Unreadable {
        /// What.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The stream holds as many unfinished messages as it may.
    #[error("stream {stream} is full: {most} messages are unfinished")]
    Full {
        /// The stream.
        stream: Stream,
        /// The most it may hold.
        most: u64,
    },
    /// Another process started under the same name and has taken over.
    #[error("another process reads as {consumer}: every process needs a name of its own")]
    Replaced {
        /// The name.
        consumer: String,
    },
}

impl QueueError {
    /// Whether the same call may succeed later, when the storage is back or the stream has room.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient(),
            Self::Redis(error) => {
                !matches!(error.kind(), redis::ErrorKind::AuthenticationFailed | redis::ErrorKind::InvalidClientConfig)
            }
            Self::Full { .. } => true,
            _ => false,
        }
    }

    pub(crate) fn unreadable(what: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Unreadable { what, reason: reason.to_string() }
    }
}

impl From<LinkError> for QueueError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Redis(error) => Self::Redis(error),
            LinkError::Address(reason) => Self::Settings(reason.to_owned()),
            LinkError::File { path, source } => Self::File { path, source },
        }
    }
}

impl From<sea_orm::sqlx::Error> for QueueError {
    fn from(error: sea_orm::sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
