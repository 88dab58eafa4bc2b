//! The online store: the state of every entity, as far as the feature log is applied, for those who decide now.
//!
//! It is disposable. The feature store rebuilds it from its log and is its only writer; scoring reads it, all entities
//! of a batch in one round trip. A write carries the sequence of the log up to which it applies, and one that is not
//! newer than what is there is refused: an old writer cannot undo a new one.

pub mod embedded;

use features::{EntityKey, EntityState};

pub use embedded::EmbeddedOnlineStore;

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
    /// The store is further than the writer.
    #[error("sequence {offered} is not newer than {applied}, which is applied")]
    Outdated {
        /// What the writer brought.
        offered: u64,
        /// What the store has.
        applied: u64,
    },
    /// The store cannot be reached.
    #[error("the online store cannot be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// States by entity, with the sequence up to which they hold.
#[async_trait::async_trait]
pub trait OnlineStore: Send + Sync {
    /// The states of `keys`, all at the same sequence.
    async fn read(&self, keys: &[EntityKey]) -> Result<Snapshot, OnlineStoreError>;

    /// Replaces the states of `entries` and moves to `sequence`, which must be higher than the present one.
    async fn write(&self, sequence: u64, entries: Vec<(EntityKey, EntityState)>) -> Result<(), OnlineStoreError>;
}
