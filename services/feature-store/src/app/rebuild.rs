//! Bringing the online store to the end of the log.

use features::{MemoryStates, Timeline};
use online_store::OnlineStore;

use crate::ServiceError;
use crate::store::read;
use crate::worker::quality::Usuals;

/// Facts read at a time.
const CHUNK: usize = 10_000;

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

/// Replays the whole log and writes the states to the online store, unless it is there already.
pub async fn rebuild(database: &::store::Database, online: &dyn OnlineStore) -> Result<Progress, ServiceError> {
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
    if online.read(&[]).await?.sequence < progress.sequence {
        online.write(progress.sequence, states.states.into_iter().collect()).await?;
    }
    Ok(progress)
}
