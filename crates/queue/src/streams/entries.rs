//! Messages as Redis gives them back.

use std::borrow::Cow;

use customs::EventId;
use events::Envelope;
use jiff::Timestamp;
use redis::Value;
use serde::de::Error as _;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::keys::read_id;
use crate::{DeadLetter, DeliveryId, QueueError};

/// The first byte of a packed text, which no JSON begins with.
const PACKED: u8 = 0;
/// Shorter texts are not packed.
const WORTH_PACKING: usize = 512;
/// The longest text that is unpacked.
const LONGEST: usize = 64 * 1024 * 1024;

/// A message of a stream: its id and its text, packed or not.
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

/// A text as a stream keeps it: packed (LZ4), where that makes it shorter. Every subscriber's stream holds a copy, and Redis
/// handles each several times.
pub fn pack(text: Vec<u8>) -> Vec<u8> {
    if text.len() < WORTH_PACKING || text.len() > LONGEST {
        return text;
    }
    let mut packed = vec![0; 5 + lz4_flex::block::get_maximum_output_size(text.len())];
    let Ok(length) = lz4_flex::block::compress_into(&text, &mut packed[5..]) else { return text };
    if 5 + length >= text.len() {
        return text;
    }
    packed.truncate(5 + length);
    packed[0] = PACKED;
    packed[1..5].copy_from_slice(&(text.len() as u32).to_le_bytes());
    packed
}

/// The text of a message.
fn unpack(kept: &[u8]) -> Result<Cow<'_, [u8]>, serde_json::Error> {
    let (Some(&PACKED), Some((size, packed))) = (kept.first(), kept.get(1..).and_then(|rest| rest.split_first_chunk()))
    else {
        return Ok(kept.into());
    };
    let size = u32::from_le_bytes(*size) as usize;
    if size > LONGEST {
        return Err(serde_json::Error::custom(format!("it says that it is {size} bytes long")));
    }
    lz4_flex::block::decompress(packed, size).map(Cow::Owned).map_err(serde_json::Error::custom)
}

/// Reads a message; gives the text back with the reason when it is none.
pub fn envelope(kept: &[u8]) -> Result<Envelope, (String, serde_json::Error)> {
    let lossy = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let text = unpack(kept).map_err(|error| (lossy(kept), error))?;
    serde_json::from_slice(&text).map_err(|error| (lossy(&text), error))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_texts_are_short_and_come_back_whole_and_old_ones_are_read_as_they_are() {
        let message = testkit::envelope("declaration.moved", 7, 4_000);
        let text = serde_json::to_vec(&message).expect("messages are JSON");
        let packed = pack(text.clone());
        assert!(packed.len() < text.len() / 2, "{} of {}", packed.len(), text.len());
        for kept in [&packed, &text] {
            assert_eq!(envelope(kept).expect("it is read").body.get(), message.body.get());
        }
        assert_eq!(pack(b"{}".to_vec()), b"{}");
    }

    #[test]
    fn what_was_damaged_is_refused() {
        let text = serde_json::to_vec(&testkit::envelope("declaration.moved", 7, 4_000)).expect("messages are JSON");
        let packed = pack(text);
        for wrong in [&packed[..5], &packed[..40], &[PACKED, 255, 255, 255, 255, 1][..], &[PACKED][..], &[][..]] {
            assert!(envelope(wrong).is_err(), "{wrong:?}");
        }
    }
}
