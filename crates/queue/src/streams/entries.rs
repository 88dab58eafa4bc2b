//! Messages as Redis gives them back.

use customs::EventId;
use events::Envelope;
use jiff::Timestamp;
use redis::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::keys::read_id;
use crate::{DeadLetter, DeliveryId, QueueError};

/// A message of a stream: its id and its text.
pub type Entry = (DeliveryId, Vec<u8>);

/// The names and values of an entry.
type Fields = Vec<(Vec<u8>, Vec<u8>)>;

/// The messages in the answer of a read from one stream; none when there was nothing to read.
pub fn read(answer: Value) -> Result<Vec<Entry>, QueueError> {
    match answer {
        Value::Nil => Ok(Vec::new()),
        Value::Array(mut streams) if streams.len() == 1 => match streams.pop() {
            Some(Value::Array(mut parts)) if parts.len() == 2 => entries(parts.pop().unwrap_or(Value::Nil)),
            _ => Err(strange()),
        },
        _ => Err(strange()),
    }
}

/// The messages of a range.
pub fn entries(range: Value) -> Result<Vec<Entry>, QueueError> {
    let Value::Array(entries) = range else { return Err(strange()) };
    entries.into_iter().map(|entry| fields(entry).map(|(id, mut fields)| (id, take(&mut fields, "e")))).collect()
}

/// The dead letters of a range.
pub fn dead_letters(range: Value) -> Result<Vec<DeadLetter>, QueueError> {
    let Value::Array(entries) = range else { return Err(strange()) };
    entries.into_iter().map(dead_letter).collect()
}

fn dead_letter(entry: Value) -> Result<DeadLetter, QueueError> {
    let (id, mut fields) = fields(entry)?;
    let number = |field: Vec<u8>| std::str::from_utf8(&field).ok().and_then(|text| text.parse::<i64>().ok());
    let died_at_ms = number(take(&mut fields, "died")).unwrap_or_default();
    Ok(DeadLetter {
        id,
        envelope: envelope(&take(&mut fields, "e")).unwrap_or_else(|(text, _)| unreadable(&text, died_at_ms)),
        attempts: number(take(&mut fields, "attempts")).unwrap_or_default() as u32,
        error: String::from_utf8_lossy(&take(&mut fields, "error")).into_owned(),
        died_at_ms,
    })
}

/// Reads a message; gives the text back with the reason when it is none.
pub fn envelope(text: &[u8]) -> Result<Envelope, (String, serde_json::Error)> {
    serde_json::from_slice(text).map_err(|error| (String::from_utf8_lossy(text).into_owned(), error))
}

/// What stands in the place of a message that cannot be read, so that it can be seen among the dead letters.
fn unreadable(text: &str, died_at_ms: i64) -> Envelope {
    Envelope {
        id: EventId(Uuid::nil()),
        name: "unreadable".to_owned(),
        version: 0,
        occurred_at: Timestamp::from_millisecond(died_at_ms).unwrap_or_default(),
        recorded_at_ms: died_at_ms,
        office: None,
        trace: None,
        body: RawValue::from_string(serde_json::Value::from(text).to_string()).unwrap_or_default(),
    }
}

fn fields(entry: Value) -> Result<(DeliveryId, Fields), QueueError> {
    let (id, fields): (String, Option<Fields>) =
        redis::from_redis_value(entry).map_err(|error| QueueError::unreadable("a message", error))?;
    Ok((read_id(&id)?, fields.unwrap_or_default()))
}

fn take(fields: &mut [(Vec<u8>, Vec<u8>)], name: &str) -> Vec<u8> {
    let found = fields.iter_mut().find(|(field, _)| field == name.as_bytes());
    found.map(|(_, value)| std::mem::take(value)).unwrap_or_default()
}

fn strange() -> QueueError {
    QueueError::unreadable("a stream", "the answer has another shape")
}
