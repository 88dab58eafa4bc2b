//! The online store: the state of every entity, as far as the feature log is applied, for those who decide now.
//!
//! It is disposable. The feature store fills it from its log and is its only writer; scoring reads it, all entities of a
//! batch in one round trip. A write says from which sequence of the log to which it leads, and is refused where the store
//! stands elsewhere: it lost what came last, or another has filled it. Then it is filled again. A store that holds nothing
//! says so and answers nobody: whoever decides must not take what was lost for what was never seen.

pub mod embedded;
pub mod redis;
pub mod settings;

use features::{EntityKey, EntityState};
use redis_link::LinkError;

pub use embedded::EmbeddedOnlineStore;
pub use redis::RedisOnlineStore;
pub use settings::{Settings, open};

/// The states of the asked entities at one sequence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// In the order of the keys asked for; none for an entity that nobody has seen.
    pub states: Vec<Option<EntityState>>,
    /// The sequence of the feature log that is applied.
    pub sequence: u64,
}

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum OnlineStoreError {
    /// The store does not stand where the writer thinks.
    #[error("the online store stands at {applied} and not at {expected}")]
    Elsewhere {
        /// Where the writer thinks it stands.
        expected: u64,
        /// What is applied.
        applied: u64,
    },
    /// Nobody has filled it yet, or it lost everything.
    #[error("the online store holds nothing until the feature store has filled it")]
    Empty,
    /// While it was filled another began to.
    #[error("another has begun to fill the online store")]
    Overtaken,
    /// The store cannot be reached, or refuses.
    #[error("the online store cannot be reached")]
    Unavailable(#[source] LinkError),
    /// The settings cannot work.
    #[error("settings of the online store: {0}")]
    Settings(String),
    /// What stands there is not what was written: it was changed from outside.
    #[error("the online store holds {0} that cannot be read")]
    Unreadable(&'static str),
}

impl OnlineStoreError {
    /// Whether it passes by itself, when the store is back or filled.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Elsewhere { .. } | Self::Empty | Self::Overtaken | Self::Unavailable(_))
    }
}

impl From<LinkError> for OnlineStoreError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Address(reason) => Self::Settings(reason.to_owned()),
            error => Self::Unavailable(error),
        }
    }
}

impl From<::redis::RedisError> for OnlineStoreError {
    fn from(error: ::redis::RedisError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// States on their way into a store that is filled.
pub type Entries<'a> = Box<dyn Iterator<Item = (EntityKey, EntityState)> + Send + 'a>;

/// States by entity, with the sequence up to which they hold.
#[async_trait::async_trait]
pub trait OnlineStore: Send + Sync {
    /// The states of `keys`, all at the same sequence. Without keys, only where the store stands.
    async fn read(&self, keys: &[EntityKey]) -> Result<Snapshot, OnlineStoreError>;

    /// Replaces the states of `entries` and leads from `after` to `sequence`, both or neither.
    async fn write(
        &self,
        after: u64,
        sequence: u64,
        entries: &[(EntityKey, EntityState)],
    ) -> Result<(), OnlineStoreError>;

    /// Replaces everything by `entries`, which hold at `sequence`, wherever the store stood. Until it is done readers see
    /// what was there before.
    async fn fill(&self, sequence: u64, entries: Entries<'_>) -> Result<(), OnlineStoreError>;
}
