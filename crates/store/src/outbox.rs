//! What a service has yet to tell others, committed together with what it did.
//!
//! Rows are never updated: the relay remembers how far it has published. Publishing the same rows again after a crash
//! is harmless, because every subscriber keeps an inbox.

use events::Envelope;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};

use crate::places::Texts;
use crate::{Sql, StoreError, hot_postgres, hot_sqlite};

const APPEND: Sql = Sql { sqlite: hot_sqlite::APPEND_OUTBOX, postgres: hot_postgres::APPEND_OUTBOX };
const MOVE: Sql = Sql { sqlite: hot_sqlite::MOVE_RELAY, postgres: hot_postgres::MOVE_RELAY };

/// A row of the outbox.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// Its place in the order of commits.
    pub seq: i64,
    /// The message.
    pub envelope: Envelope,
}

/// Appends messages, in order, within the transaction that made them true. One statement, whatever their number.
pub async fn append(tx: &impl ConnectionTrait, envelopes: &[Envelope]) -> Result<(), StoreError> {
    let Some(recorded_at_ms) = envelopes.iter().map(|envelope| envelope.recorded_at_ms).max() else { return Ok(()) };
    let (messages, places) = pack(envelopes)?;
    let values = [messages.into(), places.into(), recorded_at_ms.into()];
    tx.execute_raw(APPEND.on(tx, values)).await?;
    Ok(())
}

/// Appends messages as [`append`] does, and gives them back as the rows that they are now: when the transaction is
/// committed, a relay that is handed them need not read them again. None when their numbers do not follow each other.
pub async fn append_handed(tx: &impl ConnectionTrait, envelopes: Vec<Envelope>) -> Result<Vec<OutboxRow>, StoreError> {
    let Some(recorded_at_ms) = envelopes.iter().map(|envelope| envelope.recorded_at_ms).max() else {
        return Ok(Vec::new());
    };
    let (messages, packed) = pack(&envelopes)?;
    let values = [messages.into(), packed.into(), recorded_at_ms.into()];
    let places = if tx.get_database_backend() == DbBackend::Postgres {
        tx.query_one_raw(Sql::both(hot_postgres::APPEND_OUTBOX_TELLING).on(tx, values)).await?.as_ref().map(appended)
    } else {
        let done = tx.execute_raw(APPEND.on(tx, values)).await?;
        let (count, last) = (done.rows_affected() as i64, done.last_insert_id() as i64);
        Some(Ok((last - count + 1, last)))
    };
    handed(places.transpose()?, envelopes)
}

/// The first and the last number of the rows that a statement appended, as its first two columns tell them.
fn appended(row: &QueryResult) -> Result<(i64, i64), StoreError> {
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))
}

/// Messages as the rows that they are now.
fn handed(places: Option<(i64, i64)>, envelopes: Vec<Envelope>) -> Result<Vec<OutboxRow>, StoreError> {
    let (first, last) = places.ok_or_else(|| StoreError::unreadable("outbox", "the appended rows were not told"))?;
    if last - first + 1 != envelopes.len() as i64 {
        return Ok(Vec::new());
    }
    Ok((first..).zip(envelopes).map(|(seq, envelope)| OutboxRow { seq, envelope }).collect())
}

/// Messages that a statement of a service appends itself, by [`append_outbox!`](crate::append_outbox).
#[derive(Debug)]
pub struct Appending {
    envelopes: Vec<Envelope>,
}

impl Appending {
    /// These messages, with what the statement takes: texts, places and time.
    pub fn new(envelopes: Vec<Envelope>) -> Result<(Self, [Value; 3]), StoreError> {
        let recorded_at_ms = envelopes.iter().map(|envelope| envelope.recorded_at_ms).max().unwrap_or_default();
        let (messages, places) = pack(&envelopes)?;
        Ok((Self { envelopes }, [messages.into(), places.into(), recorded_at_ms.into()]))
    }

    /// The rows that they are now, as [`append_handed`] gives them. `row`: the first and the last number.
    pub fn handed(self, row: Option<&QueryResult>) -> Result<Vec<OutboxRow>, StoreError> {
        handed(row.map(appended).transpose()?, self.envelopes)
    }
}

/// What follows `seq`, in order, at most `limit` rows.
pub async fn after(db: &impl ConnectionTrait, seq: i64, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
    let values = [seq.into(), (limit as i64).into()];
    let rows = db.query_all_raw(Sql::both(hot_sqlite::READ_OUTBOX).on(db, values)).await?;
    rows.iter().map(read_row).collect()
}

/// The last place of the outbox; 0 when it is empty.
pub async fn last(db: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let row = db.query_one_raw(Sql::both(hot_sqlite::LAST_OUTBOX).on(db, [])).await?;
    let last: Option<Option<i64>> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(last.flatten().unwrap_or(0))
}

/// What `relay` has not published yet, in order, at most `limit` rows.
pub async fn unpublished(db: &impl ConnectionTrait, relay: &str, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
    after(db, position(db, relay).await?, limit).await
}

/// How far `relay` has published; 0 at first.
pub async fn position(db: &impl ConnectionTrait, relay: &str) -> Result<i64, StoreError> {
    let row = db.query_one_raw(Sql::both(hot_sqlite::READ_RELAY).on(db, [relay.into()])).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0))
}

/// Records that `relay` has published everything up to `seq`.
pub async fn published(db: &impl ConnectionTrait, relay: &str, seq: i64) -> Result<(), StoreError> {
    db.execute_raw(MOVE.on(db, [relay.into(), seq.into()])).await?;
    Ok(())
}

/// Forgets at most `limit` rows that every relay has published and that were recorded before `before_ms` (Unix
/// milliseconds). Returns how many.
pub async fn purge(db: &impl ConnectionTrait, before_ms: i64, limit: usize) -> Result<u64, StoreError> {
    let values = [before_ms.into(), (limit as i64).into()];
    Ok(db.execute_raw(Sql::both(hot_sqlite::PURGE_OUTBOX).on(db, values)).await?.rows_affected())
}

/// The first two parameters of [`hot_sqlite::APPEND_OUTBOX`].
fn pack(envelopes: &[Envelope]) -> Result<(Vec<u8>, String), StoreError> {
    let bytes = envelopes.iter().map(|envelope| envelope.body.get().len() + 256).sum();
    let (mut texts, mut places) = (Texts::with_capacity(bytes), Vec::with_capacity(envelopes.len()));
    for envelope in envelopes {
        places.push(texts.add(|bytes| {
            serde_json::to_writer(bytes, envelope).map_err(|error| StoreError::unreadable("message", error))
        })?);
    }
    let places = serde_json::to_string(&places).map_err(|error| StoreError::unreadable("places", error))?;
    Ok((texts.into_blob(), places))
}

fn read_row(row: &QueryResult) -> Result<OutboxRow, StoreError> {
    let text: String = row.try_get_by_index(1)?;
    let envelope = serde_json::from_str(&text).map_err(|error| StoreError::unreadable("message", error))?;
    Ok(OutboxRow { seq: row.try_get_by_index(0)?, envelope })
}
