//! What the parts of an open queue share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use lifecycle::ProcessClock;

use super::keys::Keys;
use crate::{QueueError, Settings, Shard, shards::Shards};

/// The settings, and who this process is.
pub struct Shared {
    /// The settings.
    pub settings: Settings,
    /// The names in Redis.
    pub keys: Keys,
    /// Process time.
    pub clock: ProcessClock,
    /// The name of this process.
    pub name: String,
    /// Its incarnation: another one of the same name ends this one.
    pub incarnation: String,
    /// Both, as Redis knows the consumer.
    pub me: String,
    /// Another incarnation has begun.
    pub replaced: AtomicBool,
    /// Offices with streams of their own.
    pub shards: RwLock<Arc<Shards>>,
}

impl Shared {
    /// Offices with streams of their own, as they were last told.
    pub fn shards(&self) -> Arc<Shards> {
        Arc::clone(&self.shards.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Goes by `told` from now on, if that can be.
    pub fn go_by(&self, told: Vec<Shard>) -> Result<(), QueueError> {
        let shards = Arc::new(self.shards().with(told)?);
        *self.shards.write().unwrap_or_else(PoisonError::into_inner) = shards;
        Ok(())
    }

    /// Refuses once another process has taken over.
    pub fn still_ours(&self) -> Result<(), QueueError> {
        if self.replaced.load(Ordering::Acquire) {
            return Err(QueueError::Replaced { consumer: self.name.clone() });
        }
        Ok(())
    }
}
