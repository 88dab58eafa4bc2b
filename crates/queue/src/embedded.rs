//! The queue of one machine: a `SQLite` file that one process holds.
//!
//! The file is an append-only log of messages, each with the set of streams it goes to, and per stream the place up to
//! which it is finished: a message is stored once whatever the number of its subscribers, and finishing a batch moves
//! one number. Leases, waits after failures and the messages read ahead live in memory alone, since they end with the
//! process; the file is locked, so there is never a second one.

mod aside;
mod log;
mod places;
mod recent;
mod rows;
mod sql;
mod stream_state;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use events::Service;
use lifecycle::ProcessClock;
use store::Settings;
use tokio::sync::Mutex;

use crate::{
    DeadLetter, Delivery, DeliveryId, Depth, Fairness, Held, NewMessage, Queue, QueueError, Relayed, Stream, Stretch,
};
use log::Log;

/// How the embedded queue treats failures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedSettings {
    /// After so many failures a message goes to the dead letters.
    pub max_attempts: u32,
    /// The wait after the first failure; it doubles with each.
    pub first_back_off: Duration,
    /// The longest wait.
    pub longest_back_off: Duration,
    /// How offices share a stream.
    pub fairness: Fairness,
}

impl Default for EmbeddedSettings {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            first_back_off: Duration::from_millis(200),
            longest_back_off: Duration::from_mins(1),
            fairness: Fairness::default(),
        }
    }
}

impl EmbeddedSettings {
    fn back_off(&self, attempts: u32) -> Duration {
        let factor = 1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first_back_off.saturating_mul(factor).min(self.longest_back_off)
    }
}

/// The queue in a `SQLite` file of its own.
pub struct EmbeddedQueue {
    log: Mutex<Log>,
    clock: ProcessClock,
    settings: EmbeddedSettings,
}

impl EmbeddedQueue {
    /// Opens the queue at `url` (`sqlite:/path/queue.db` or `sqlite::memory:`), creating the file when absent. What a
    /// former process left unfinished is there again.
    pub async fn open(url: &str) -> Result<Self, QueueError> {
        Self::open_with(url, EmbeddedSettings::default(), ProcessClock::default()).await
    }

    /// The same with other settings and clock.
    pub async fn open_with(url: &str, settings: EmbeddedSettings, clock: ProcessClock) -> Result<Self, QueueError> {
        let log = Log::open(&Settings::new(url), settings.fairness.clone()).await?;
        Ok(Self { log: Mutex::new(log), clock, settings })
    }
}

#[async_trait]
impl Queue for EmbeddedQueue {
    async fn publish(&self, messages: &[NewMessage]) -> Result<(), QueueError> {
        self.log.lock().await.append(messages, self.clock.unix_ms()).await
    }

    async fn relay(&self, stretch: Stretch<'_>, messages: &[NewMessage]) -> Result<Relayed, QueueError> {
        let mut log = self.log.lock().await;
        if log.held(stretch.relay) != stretch.after {
            return Ok(Relayed::Elsewhere);
        }
        log.append(messages, self.clock.unix_ms()).await?;
        log.stand_at(stretch.relay, stretch.up_to).await?;
        Ok(Relayed::Done)
    }

    async fn held(&self, relay: &str) -> Result<Held, QueueError> {
        Ok(self.log.lock().await.held(relay))
    }

    async fn receive(&self, stream: &Stream, max: usize, wait: Duration) -> Result<Vec<Delivery>, QueueError> {
        let deadline = self.clock.instant() + wait;
        loop {
            let (woken, due) = {
                let mut log = self.log.lock().await;
                let now = self.clock.instant();
                let (deliveries, state) = log.lease(*stream, max, now).await?;
                if !deliveries.is_empty() || now >= deadline {
                    return Ok(deliveries);
                }
                // Registered while the log is held: what is published from here on wakes this call.
                let mut woken = Box::pin(state.wake.clone().notified_owned());
                woken.as_mut().enable();
                (woken, state.next_due().map_or(deadline, |due| due.min(deadline)))
            };
            let _ = tokio::time::timeout(due.saturating_duration_since(self.clock.instant()), woken).await;
        }
    }

    async fn acknowledge(&self, stream: &Stream, ids: &[DeliveryId]) -> Result<(), QueueError> {
        self.log.lock().await.finish(*stream, ids).await
    }

    async fn release(&self, stream: &Stream, ids: &[DeliveryId]) -> Result<(), QueueError> {
        self.log.lock().await.release(*stream, ids).await
    }

    async fn fail(&self, stream: &Stream, id: DeliveryId, error: &str) -> Result<(), QueueError> {
        let mut log = self.log.lock().await;
        let Some(attempts) = log.attempts_after_failure(*stream, id).await? else { return Ok(()) };
        if attempts >= self.settings.max_attempts {
            tracing::error!(%stream, %id, error, "message given up, see the dead letters");
            log.bury(*stream, id, attempts, error, self.clock.unix_ms()).await
        } else {
            log.put_off(*stream, id, attempts, self.clock.instant() + self.settings.back_off(attempts)).await
        }
    }

    async fn depth(&self, stream: &Stream) -> Result<Depth, QueueError> {
        self.log.lock().await.depth(*stream, self.clock.unix_ms()).await
    }

    async fn by_office(&self, subscriber: Service) -> Result<BTreeMap<String, u64>, QueueError> {
        Ok(self.log.lock().await.by_office(subscriber))
    }

    async fn dead_letters(&self, stream: &Stream, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        self.log.lock().await.dead_letters(*stream, limit).await
    }

    async fn redrive(&self, stream: &Stream, ids: &[DeliveryId]) -> Result<usize, QueueError> {
        self.log.lock().await.redrive(*stream, ids, self.clock.unix_ms()).await
    }

    async fn close(&self) -> Result<(), QueueError> {
        self.log.lock().await.close().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_up_to_its_bound() {
        let settings = EmbeddedSettings::default();
        let waits = [1, 2, 3, 40].map(|attempts| settings.back_off(attempts).as_millis());
        assert_eq!(waits, [200, 400, 800, 60_000]);
    }
}
