//! What already had its effect, so that a message delivered again has no second one.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};

use customs::EventId;
use events::Service;
use lifecycle::ProcessClock;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{Sql, StoreError, hot_postgres, hot_sqlite};

const ADMIT: Sql = Sql { sqlite: hot_sqlite::ADMIT_INBOX, postgres: hot_postgres::ADMIT_INBOX };
const ADMITTED: Sql = Sql { sqlite: hot_sqlite::ADMITTED_INBOX, postgres: hot_postgres::ADMITTED_INBOX };

/// Admits messages to `subscriber`, within the transaction of their effects. The answer is aligned with `ids`: true
/// means new, false means that it had its effect before (or stands earlier in `ids`). One statement when all are new,
/// which is nearly always; one more when some are not.
pub async fn admit(tx: &impl ConnectionTrait, subscriber: Service, ids: &[EventId]) -> Result<Vec<bool>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let values = [subscriber.as_str().into(), hex_array(ids).into(), next_mark().into()];
    let admitted = tx.execute_raw(ADMIT.on(tx, values.clone())).await?.rows_affected();
    if admitted == ids.len() as u64 {
        return Ok(vec![true; ids.len()]);
    }
    let rows = tx.query_all_raw(ADMITTED.on(tx, values)).await?;
    let mut new = HashSet::with_capacity(rows.len());
    for row in &rows {
        new.insert(row.try_get_by_index::<Uuid>(0)?);
    }
    Ok(ids.iter().map(|id| new.remove(&id.0)).collect())
}

/// Forgets at most `limit` messages that were admitted before `before_ms` (Unix milliseconds). Must lie further back
/// than any outbox that can still be published again. Returns how many.
pub async fn purge(db: &impl ConnectionTrait, before_ms: i64, limit: usize) -> Result<u64, StoreError> {
    let values = [before_ms.saturating_mul(1_000).into(), (limit as i64).into()];
    Ok(db.execute_raw(Sql::both(hot_sqlite::PURGE_INBOX).on(db, values)).await?.rows_affected())
}

/// Process time in microseconds, and never the same twice.
fn next_mark() -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(0);
    let now = ProcessClock::default().unix_ms() * 1_000;
    let next = |last: i64| Some(now.max(last + 1));
    LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).map_or(now, |last| now.max(last + 1))
}

fn hex_array(ids: &[EventId]) -> String {
    let mut buffer = Uuid::encode_buffer();
    let mut text = String::with_capacity(ids.len() * 35 + 2);
    for id in ids {
        text.push_str(if text.is_empty() { "[\"" } else { "\",\"" });
        text.push_str(id.0.simple().encode_lower(&mut buffer));
    }
    text.push_str("\"]");
    text
}
