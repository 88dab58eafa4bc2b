//! Bringing the online store to the end of the log.

use features::{EntityKey, EntityState, MemoryStates, Timeline};
use online_store::{OnlineStore, OnlineStoreError};

use crate::ServiceError;
use crate::store::read;
use crate::worker::quality::Usuals;

/// Facts read at a time.
const CHUNK: usize = 10_000;
/// States compared at a time.
const COMPARED: usize = 10_000;

/// Where the log ends, and what of it is not known yet.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The last sequence.
    pub sequence: u64,
    /// What waits for the time at which it was known.
    pub timeline: Timeline,
    /// What is usual, as far as it is at hand.
    pub usuals: Usuals,
}

/// Replays the whole log and fills the online store, unless it stands at the end of the log already.
pub async fn rebuild(database: &::store::Database, online: &dyn OnlineStore) -> Result<Progress, ServiceError> {
    let (states, progress) = replay(database).await?;
    match online.read(&[]).await {
        Ok(snapshot) if snapshot.sequence == progress.sequence => return Ok(progress),
        Ok(_) | Err(OnlineStoreError::Empty | OnlineStoreError::Unreadable(_)) => {}
        Err(error) => return Err(error.into()),
    }
    online.fill(progress.sequence, Box::new(states.states.into_iter())).await?;
    Ok(progress)
}

/// Replays the whole log and fills the online store, wherever it stands. Returns the sequence.
pub async fn refill(database: &::store::Database, online: &dyn OnlineStore) -> Result<u64, ServiceError> {
    let (states, progress) = replay(database).await?;
    online.fill(progress.sequence, Box::new(states.states.into_iter())).await?;
    Ok(progress.sequence)
}

/// What of the online store is not what the log gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Where the log ends.
    pub sequence: u64,
    /// Where the online store stands.
    pub applied: u64,
    /// Entities of the log.
    pub entities: usize,
    /// How many of them have another state in the online store.
    pub different: usize,
}

impl Comparison {
    /// Whether they say the same.
    pub fn is_equal(&self) -> bool {
        self.sequence == self.applied && self.different == 0
    }
}

/// Replays the whole log and compares every state with the online store's. Nothing may be written meanwhile.
pub async fn compare(database: &::store::Database, online: &dyn OnlineStore) -> Result<Comparison, ServiceError> {
    let (states, progress) = replay(database).await?;
    let states: Vec<(EntityKey, EntityState)> = states.states.into_iter().collect();
    let applied = online.read(&[]).await?.sequence;
    let mut different = 0;
    for some in states.chunks(COMPARED) {
        let keys: Vec<_> = some.iter().map(|(key, _)| *key).collect();
        let found = online.read(&keys).await?.states;
        different += some.iter().zip(found).filter(|((_, state), found)| Some(*state) != *found).count();
    }
    Ok(Comparison { sequence: progress.sequence, applied, entities: states.len(), different })
}

async fn replay(database: &::store::Database) -> Result<(MemoryStates, Progress), ServiceError> {
    let last = read::last_sequence(database.reader()).await?;
    let (mut states, mut progress) = (MemoryStates::default(), Progress::default());
    while progress.sequence < last {
        let facts = read::facts_after(database.reader(), progress.sequence, CHUNK).await?;
        if facts.is_empty() {
            break;
        }
        for (sequence, fact) in facts {
            progress.timeline.take(sequence, fact, &mut states);
            progress.sequence = sequence;
        }
        tracing::info!(applied = progress.sequence, of = last, "replaying the feature log");
        tokio::task::yield_now().await;
    }
    Ok((states, progress))
}
