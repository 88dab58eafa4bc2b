//! What the parts of an open queue share.

use std::sync::atomic::{AtomicBool, Ordering};

use lifecycle::ProcessClock;

use super::keys::Keys;
use crate::{NewMessage, QueueError, Settings, Stream};

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
}

impl Shared {
    /// The stream of a message: of its office where that has a shard of its own.
    pub fn place(&self, message: &NewMessage) -> Stream {
        self.settings.place(message.stream, message.envelope.office.as_ref().map(|office| office.0.as_str()))
    }

    /// Refuses once another process has taken over.
    pub fn still_ours(&self) -> Result<(), QueueError> {
        if self.replaced.load(Ordering::Acquire) {
            return Err(QueueError::Replaced { consumer: self.name.clone() });
        }
        Ok(())
    }
}
