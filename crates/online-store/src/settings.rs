//! What an operator may set about the online store. The URL alone chooses the backend.

use std::path::PathBuf;
use std::sync::Arc;

use lifecycle::Secret;
use redis_link::{Address, is_plain};
use serde::{Deserialize, Serialize};

use crate::{EmbeddedOnlineStore, OnlineStore, OnlineStoreError, RedisOnlineStore};

/// The URL of a store in the memory of one process.
const IN_MEMORY: &str = "memory:";

/// Settings of the online store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `memory:` (the store of one process), `redis://host:6379/0`, or `rediss://host:6379/0` with TLS. A user may stand
    /// in it, a password may not.
    pub url: String,
    /// The password of Redis.
    pub password: Secret,
    /// A file with the password, read when the store is opened; wins over `password`.
    pub password_file: Option<PathBuf>,
    /// A file with the certificates (PEM) that sign the server's; without it those of the system count.
    pub ca_file: Option<PathBuf>,
    /// What all keys in Redis begin with: installations that share a Redis have different ones.
    pub prefix: String,
    /// How long an answer of Redis may take.
    pub response_timeout_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: IN_MEMORY.to_owned(),
            password: Secret::default(),
            password_file: None,
            ca_file: None,
            prefix: "aforo".to_owned(),
            response_timeout_ms: 5_000,
        }
    }
}

impl Settings {
    /// The store at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// Whether the store is a Redis, which several processes share.
    pub fn is_shared(&self) -> bool {
        Address::is_redis(&self.url)
    }

    /// Where the Redis is.
    pub(crate) fn address(&self) -> Address<'_> {
        Address::new(&self.url, &self.password, self.password_file.as_ref(), self.ca_file.as_ref())
    }

    fn validate(&self) -> Result<(), OnlineStoreError> {
        if !is_plain(&self.prefix) {
            let reason = "the prefix is made of letters, digits, '-', '_' and '.'";
            return Err(OnlineStoreError::Settings(reason.to_owned()));
        }
        if self.response_timeout_ms == 0 {
            return Err(OnlineStoreError::Settings("an answer takes time".to_owned()));
        }
        Ok(())
    }
}

/// Opens the online store that `settings` name. A Redis is reached when it is first asked.
pub async fn open(settings: &Settings) -> Result<Arc<dyn OnlineStore>, OnlineStoreError> {
    settings.validate()?;
    if settings.is_shared() {
        return Ok(Arc::new(RedisOnlineStore::open(settings).await?));
    }
    if settings.url == IN_MEMORY {
        return Ok(Arc::new(EmbeddedOnlineStore::new()));
    }
    Err(OnlineStoreError::Settings(format!(
        "the URL of an online store is {IN_MEMORY}, or begins with redis: or rediss:"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_url_chooses_the_backend() {
        assert!(open(&Settings::default()).await.is_ok() && !Settings::default().is_shared());
        assert!(open(&Settings::new("rediss://localhost")).await.is_ok(), "nothing is reached yet");
        for wrong in ["sqlite:online.db", "memory", "redis://user:secret@localhost"] {
            let refused = open(&Settings::new(wrong)).await.err().expect("it cannot work");
            assert!(matches!(refused, OnlineStoreError::Settings(_)), "{wrong}: {refused}");
        }
        for prefix in ["", "a b", "{a}"] {
            assert!(open(&Settings { prefix: prefix.to_owned(), ..Settings::default() }).await.is_err(), "{prefix}");
        }
    }
}
