//! Messages as rows: what is written to the log, and what is read from it and from the dead letters.

use events::Envelope;
use sea_orm::sqlx::Row;
use sea_orm::sqlx::sqlite::SqliteRow;
use store::{StoreError, Texts};

use crate::{DeadLetter, DeliveryId, QueueError};

/// The first two parameters of [`APPEND`](super::sql::APPEND).
pub fn pack(rows: &[(u64, &Envelope)]) -> Result<(Vec<u8>, String), StoreError> {
    let bytes = rows.iter().map(|(_, envelope)| envelope.body.get().len() + 256).sum();
    let (mut texts, mut places) = (Texts::with_capacity(bytes), Vec::with_capacity(rows.len()));
    for (streams, envelope) in rows {
        let write =
            |bytes: &mut Vec<u8>| serde_json::to_writer(bytes, envelope).map_err(|error| unreadable("message", error));
        places.push((texts.add(write)?, streams));
    }
    let places = serde_json::to_string(&places).map_err(|error| unreadable("places", error))?;
    Ok((texts.into_blob(), places))
}

/// Reads the message of a row of the log or the dead letters.
pub fn read_envelope(row: &SqliteRow) -> Result<Envelope, QueueError> {
    let text: String = row.try_get(1)?;
    Ok(serde_json::from_str(&text).map_err(|error| unreadable("message", error))?)
}

/// Reads a dead letter.
pub fn read_dead(row: &SqliteRow) -> Result<DeadLetter, QueueError> {
    Ok(DeadLetter {
        id: DeliveryId(row.try_get::<i64, _>(0)? as u128),
        envelope: read_envelope(row)?,
        attempts: row.try_get::<i64, _>(2)? as u32,
        error: row.try_get(3)?,
        died_at_ms: row.try_get(4)?,
    })
}

/// What stands in the file is not what was written.
pub fn unreadable(what: &'static str, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable { what, reason: reason.to_string() }
}
