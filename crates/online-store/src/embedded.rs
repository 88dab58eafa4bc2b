//! The online store of a single process: a map in memory.

use std::sync::{PoisonError, RwLock};

use features::{ByEntity, EntityKey, EntityState};

use crate::{Entries, OnlineStore, OnlineStoreError, Snapshot};

/// States in the memory of this process; empty at start, filled by the feature store.
#[derive(Debug, Default)]
pub struct EmbeddedOnlineStore {
    inner: RwLock<Inner>,
}

/// Parts of the map: one that grows moves what it holds, and has it twice for as long.
const PARTS: usize = 64;

#[derive(Debug)]
struct Inner {
    /// None until it is filled for the first time.
    sequence: Option<u64>,
    parts: [ByEntity<EntityState>; PARTS],
}

impl Default for Inner {
    fn default() -> Self {
        Self { sequence: None, parts: std::array::from_fn(|_| ByEntity::default()) }
    }
}

impl Inner {
    fn insert(&mut self, key: EntityKey, state: EntityState) {
        self.parts[part(&key)].insert(key, state);
    }
}

/// The part that holds `key`. The map itself goes by the low half of a key, so this goes by the high one.
fn part(key: &EntityKey) -> usize {
    (key.0 >> 64) as usize % PARTS
}

impl EmbeddedOnlineStore {
    /// A store that nobody has filled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A store that stands at `sequence` and knows nobody.
    pub fn at(sequence: u64) -> Self {
        Self { inner: RwLock::new(Inner { sequence: Some(sequence), ..Inner::default() }) }
    }

    /// How many entities have a state.
    pub fn entities(&self) -> usize {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).parts.iter().map(ByEntity::len).sum()
    }
}

#[async_trait::async_trait]
impl OnlineStore for EmbeddedOnlineStore {
    async fn read(&self, keys: &[EntityKey]) -> Result<Snapshot, OnlineStoreError> {
        // A writer changes the map only after everything that can fail, so that a poisoned lock hides no half write.
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let sequence = inner.sequence.ok_or(OnlineStoreError::Empty)?;
        let states = keys.iter().map(|key| inner.parts[part(key)].get(key).copied()).collect();
        Ok(Snapshot { states, sequence })
    }

    async fn write(
        &self,
        after: u64,
        sequence: u64,
        entries: &[(EntityKey, EntityState)],
    ) -> Result<(), OnlineStoreError> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let applied = inner.sequence.ok_or(OnlineStoreError::Empty)?;
        if applied != after {
            return Err(OnlineStoreError::Elsewhere { expected: after, applied });
        }
        for (key, state) in entries {
            inner.insert(*key, *state);
        }
        inner.sequence = Some(sequence);
        Ok(())
    }

    async fn fill(&self, sequence: u64, entries: Entries<'_>) -> Result<(), OnlineStoreError> {
        let mut filled = Inner { sequence: Some(sequence), ..Inner::default() };
        for (key, state) in entries {
            filled.insert(key, state);
        }
        *self.inner.write().unwrap_or_else(PoisonError::into_inner) = filled;
        Ok(())
    }
}
