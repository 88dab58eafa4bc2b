//! What already had its effect, so that a message delivered again has no second one.
//!
//! What is admitted together is one row, whatever its number: its ids in their order, between the first and the last. They
//! begin with the time at which something happened, so few rows lie about a message, and these are looked through.

use customs::EventId;
use events::Service;
use lifecycle::ProcessClock;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{Sql, StoreError, hot_postgres, hot_sqlite};

const NEAR: Sql = Sql { sqlite: hot_sqlite::NEAR_INBOX, postgres: hot_postgres::NEAR_INBOX };
const ADMIT: Sql = Sql { sqlite: hot_sqlite::ADMIT_INBOX, postgres: hot_postgres::ADMIT_INBOX };

/// Events further apart stand in rows of their own (milliseconds), so that a row lies about few others.
const APART: u64 = 60 * 60 * 1_000;
/// Bytes of an id.
const WIDTH: usize = size_of::<Uuid>();

/// Admits messages to `subscriber`, within the transaction of their effects. The answer is aligned with `ids`: true
/// means new, false means that it had its effect before (or stands earlier in `ids`). Two statements, whatever their number.
pub async fn admit(tx: &impl ConnectionTrait, subscriber: Service, ids: &[EventId]) -> Result<Vec<bool>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut lacking: Vec<(Uuid, usize)> = ids.iter().enumerate().map(|(place, id)| (id.0, place)).collect();
    lacking.sort_unstable();
    lacking.dedup_by_key(|(id, _)| *id);
    let runs: Vec<_> = runs(&lacking).map(|run| (hex(run[0].0), hex(run[run.len() - 1].0))).collect();
    let near = tx.query_all_raw(NEAR.on(tx, [subscriber.as_str().into(), json(&runs)?.into()])).await?;
    let mut known = vec![false; lacking.len()];
    for row in near {
        let events: Vec<u8> = row.try_get_by_index(0)?;
        let (events, _) = events.as_chunks::<WIDTH>();
        for event in events {
            if let Ok(at) = lacking.binary_search_by_key(&Uuid::from_bytes(*event), |(id, _)| *id) {
                known[at] = true;
            }
        }
    }
    let mut known = known.into_iter();
    lacking.retain(|_| !known.next().unwrap_or_default());
    if !lacking.is_empty() {
        add(tx, subscriber, &lacking).await?;
    }
    let mut new = vec![false; ids.len()];
    for (_, place) in lacking {
        new[place] = true;
    }
    Ok(new)
}

/// Forgets at most `limit` rows that were admitted before `before_ms` (Unix milliseconds). Must lie further back
/// than any outbox that can still be published again. Returns how many.
pub async fn purge(db: &impl ConnectionTrait, before_ms: i64, limit: usize) -> Result<u64, StoreError> {
    let values = [before_ms.saturating_mul(1_000).into(), (limit as i64).into()];
    Ok(db.execute_raw(Sql::both(hot_sqlite::PURGE_INBOX).on(db, values)).await?.rows_affected())
}

async fn add(tx: &impl ConnectionTrait, subscriber: Service, new: &[(Uuid, usize)]) -> Result<(), StoreError> {
    let (mut events, mut rows) = (Vec::<u8>::with_capacity(new.len() * WIDTH), Vec::new());
    for run in runs(new) {
        rows.push((hex(run[0].0), hex(run[run.len() - 1].0), events.len(), run.len() * WIDTH));
        events.extend(run.iter().flat_map(|(id, _)| id.as_bytes()));
    }
    let mark = ProcessClock::default().unix_ms() * 1_000;
    let values = [subscriber.as_str().into(), json(&rows)?.into(), mark.into(), events.into()];
    tx.execute_raw(ADMIT.on(tx, values)).await?;
    Ok(())
}

/// Rising ids in stretches without a gap of [`APART`].
fn runs(ids: &[(Uuid, usize)]) -> impl Iterator<Item = &[(Uuid, usize)]> {
    ids.chunk_by(|(before, _), (after, _)| at_ms(after) - at_ms(before) <= APART)
}

/// When what `id` names happened.
fn at_ms(id: &Uuid) -> u64 {
    (id.as_u128() >> 80) as u64
}

fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

fn json(rows: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|error| StoreError::unreadable("messages", error))
}
