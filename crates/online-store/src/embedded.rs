//! The online store of a single process: a map in memory.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{PoisonError, RwLock};

use features::{EntityKey, EntityState};

use crate::{OnlineStore, OnlineStoreError, Snapshot};

/// States in the memory of this process; empty at start, filled by the feature store.
#[derive(Debug, Default)]
pub struct EmbeddedOnlineStore {
    inner: RwLock<Inner>,
}

/// Parts of the map: one that grows moves what it holds, and has it twice for as long.
const PARTS: usize = 64;

#[derive(Debug)]
struct Inner {
    sequence: u64,
    parts: [HashMap<EntityKey, EntityState, BuildHasherDefault<KeyHasher>>; PARTS],
}

impl Default for Inner {
    fn default() -> Self {
        Self { sequence: 0, parts: std::array::from_fn(|_| HashMap::default()) }
    }
}

/// The part that holds `key`. The map itself goes by the low half of a key, so this goes by the high one.
fn part(key: &EntityKey) -> usize {
    (key.0 >> 64) as usize % PARTS
}

impl EmbeddedOnlineStore {
    /// An empty store at sequence 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many entities have a state.
    pub fn entities(&self) -> usize {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).parts.iter().map(HashMap::len).sum()
    }

    /// The sequence that is applied.
    pub fn sequence(&self) -> u64 {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).sequence
    }
}

#[async_trait::async_trait]
impl OnlineStore for EmbeddedOnlineStore {
    async fn read(&self, keys: &[EntityKey]) -> Result<Snapshot, OnlineStoreError> {
        // A writer changes the map only after everything that can fail, so that a poisoned lock hides no half write.
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let states = keys.iter().map(|key| inner.parts[part(key)].get(key).copied()).collect();
        Ok(Snapshot { states, sequence: inner.sequence })
    }

    async fn write(&self, sequence: u64, entries: Vec<(EntityKey, EntityState)>) -> Result<(), OnlineStoreError> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if sequence <= inner.sequence {
            return Err(OnlineStoreError::Outdated { offered: sequence, applied: inner.sequence });
        }
        for (key, state) in entries {
            inner.parts[part(&key)].insert(key, state);
        }
        inner.sequence = sequence;
        Ok(())
    }
}

/// Keys are hashes already: their low half is taken as it is.
#[derive(Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, value: u128) {
        self.0 = value as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use features::{Group, History};

    fn entry(name: u64, day: u16) -> (EntityKey, EntityState) {
        (EntityKey::new(Group::Trader, &[name]), EntityState::History(History::seen(day)))
    }

    #[tokio::test]
    async fn a_read_gives_states_in_order_with_their_sequence() {
        let store = EmbeddedOnlineStore::new();
        let (known, state) = entry(1, 100);
        let (unknown, _) = entry(2, 100);
        store.write(7, vec![(known, state)]).await.unwrap();
        let snapshot = store.read(&[unknown, known]).await.unwrap();
        assert_eq!(snapshot, Snapshot { states: vec![None, Some(state)], sequence: 7 });
    }

    #[tokio::test]
    async fn a_write_with_a_lower_sequence_is_refused_whole() {
        let store = EmbeddedOnlineStore::new();
        store.write(7, vec![entry(1, 100)]).await.unwrap();
        for sequence in [6, 7] {
            let refused = store.write(sequence, vec![entry(1, 50), entry(2, 50)]).await;
            assert!(matches!(refused, Err(OnlineStoreError::Outdated { applied: 7, .. })));
        }
        assert_eq!((store.entities(), store.sequence()), (1, 7));
        assert_eq!(store.read(&[entry(1, 0).0]).await.unwrap().states, vec![Some(entry(1, 100).1)]);
    }
}
