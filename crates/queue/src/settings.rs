//! What an operator may set about the queue. The URL alone chooses the backend.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lifecycle::{ProcessClock, Secret};
use redis_link::{Address, is_plain};
use serde::{Deserialize, Serialize};

use crate::{EmbeddedQueue, EmbeddedSettings, Queue, QueueError, RedisQueue};

/// The most shards.
const MOST_SHARDS: usize = 1_000;

/// Settings of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `sqlite:/path/queue.db` (the queue of one process), `redis://host:6379/0`, or `rediss://host:6379/0` with TLS. A
    /// user may stand in it, a password may not.
    pub url: String,
    /// The password of Redis.
    pub password: Secret,
    /// A file with the password, read when the queue is opened; wins over `password`.
    pub password_file: Option<PathBuf>,
    /// A file with the certificates (PEM) that sign the server's; without it those of the system count.
    pub ca_file: Option<PathBuf>,
    /// What all keys in Redis begin with: installations that share a Redis have different ones.
    pub prefix: String,
    /// The name of this process among those that read the same streams. A process that starts under a name takes over at
    /// once what the former of that name left unfinished. Without it, host and process number.
    pub consumer: Option<String>,
    /// After so many failures a message goes to the dead letters.
    pub max_attempts: u32,
    /// The wait after the first failure; it doubles with each.
    pub first_back_off_ms: u64,
    /// The longest wait.
    pub longest_back_off_ms: u64,
    /// Longer than any batch takes. A lease that is older goes to another consumer, alive or not.
    pub longest_handling_seconds: u64,
    /// A process that gives no sign of life for so long is dead: others take over its leases.
    pub dead_after_seconds: u64,
    /// After so many deliveries that nobody lived to answer a message goes to the dead letters; after half of them it is
    /// delivered alone.
    pub max_deliveries: u32,
    /// A stream with so many unfinished messages takes no more, and the relays wait.
    pub most_unfinished: u64,
    /// How long an answer of Redis may take.
    pub response_timeout_ms: u64,
    /// Redis alone: offices whose declarations are decided apart from all others, shard by shard from 1 on. Whoever
    /// publishes goes by it; `shard` of `[scoring]` says who decides them.
    pub shards: Vec<Vec<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: "sqlite::memory:".to_owned(),
            password: Secret::default(),
            password_file: None,
            ca_file: None,
            prefix: "aforo".to_owned(),
            consumer: None,
            max_attempts: 5,
            first_back_off_ms: 200,
            longest_back_off_ms: 60_000,
            longest_handling_seconds: 300,
            dead_after_seconds: 10,
            max_deliveries: 10,
            most_unfinished: 1_000_000,
            response_timeout_ms: 5_000,
            shards: Vec::new(),
        }
    }
}

impl Settings {
    /// The queue at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// Whether the queue is a Redis, which several processes share.
    pub fn is_shared(&self) -> bool {
        Address::is_redis(&self.url)
    }

    /// Where the Redis is.
    pub(crate) fn address(&self) -> Address<'_> {
        Address::new(&self.url, &self.password, self.password_file.as_ref(), self.ca_file.as_ref())
    }

    /// How the embedded queue treats failures.
    pub fn embedded(&self) -> EmbeddedSettings {
        EmbeddedSettings {
            max_attempts: self.max_attempts,
            first_back_off: Duration::from_millis(self.first_back_off_ms),
            longest_back_off: Duration::from_millis(self.longest_back_off_ms),
        }
    }

    /// Refuses what cannot work.
    pub fn validate(&self) -> Result<(), QueueError> {
        let mut offices = BTreeSet::new();
        let refused = [
            (!is_plain(&self.prefix), "the prefix is made of letters, digits, '-', '_' and '.'"),
            (
                self.consumer.as_deref().is_some_and(|name| !is_plain(name)),
                "a consumer's name is made of letters, digits, '-', '_' and '.'",
            ),
            (self.max_attempts == 0, "a message is tried once at least"),
            (self.max_deliveries == 0, "a message is delivered once at least"),
            (self.dead_after_seconds == 0, "a process needs time to give a sign of life"),
            (self.longest_handling_seconds == 0, "a batch takes time"),
            (self.most_unfinished == 0, "a stream holds one message at least"),
            (self.response_timeout_ms == 0, "an answer takes time"),
            (self.shards.len() > MOST_SHARDS, "there are at most 1,000 shards"),
            (!self.shards.iter().flatten().all(|office| offices.insert(office)), "an office is in one shard"),
        ];
        match refused.into_iter().find(|(wrong, _)| *wrong) {
            Some((_, reason)) => Err(QueueError::Settings(reason.to_owned())),
            None => Ok(()),
        }
    }
}

/// Opens the queue that `settings` name.
pub async fn open(settings: &Settings, clock: ProcessClock) -> Result<Arc<dyn Queue>, QueueError> {
    settings.validate()?;
    if settings.is_shared() {
        return Ok(Arc::new(RedisQueue::open(settings, clock).await?));
    }
    if settings.url.starts_with("sqlite:") {
        return Ok(Arc::new(EmbeddedQueue::open_with(&settings.url, settings.embedded(), clock).await?));
    }
    Err(QueueError::Settings("the URL of a queue begins with sqlite:, redis: or rediss:".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_is_in_one_shard() {
        let twice = Settings { shards: vec![vec!["118".to_owned()]; 2], ..Settings::default() };
        assert!(matches!(twice.validate(), Err(QueueError::Settings(_))));
    }

    #[tokio::test]
    async fn the_url_chooses_the_backend() {
        assert!(open(&Settings::default(), ProcessClock::default()).await.is_ok());
        assert!(Settings::new("rediss://host").is_shared() && !Settings::default().is_shared());
        let wrong = open(&Settings::new("amqp://host"), ProcessClock::default()).await.err().expect("unknown");
        assert!(matches!(wrong, QueueError::Settings(_)), "{wrong}");
    }

    #[test]
    fn names_that_would_break_keys_are_refused() {
        for name in ["", "a#1", "a b", "{a}"] {
            assert!(Settings { prefix: name.to_owned(), ..Settings::default() }.validate().is_err(), "{name}");
            assert!(Settings { consumer: Some(name.to_owned()), ..Settings::default() }.validate().is_err(), "{name}");
        }
        assert!(Settings::default().validate().is_ok());
    }
}
