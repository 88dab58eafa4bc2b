//! The envelope every message travels in.

use customs::{EventId, OfficeCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::Payload;

/// A message with its identity, times and trace. `E` is the payload; [`RawValue`] while it is only carried.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<E = Box<RawValue>> {
    /// Derived from what happened, so that publishing again publishes the same message.
    pub id: EventId,
    /// Past tense, without the version: `declaration.accepted`.
    pub name: String,
    /// Version of the payload's shape.
    pub version: u16,
    /// When it happened (domain time).
    pub occurred_at: Timestamp,
    /// When it was recorded (process time, Unix milliseconds): measures latency, decides nothing.
    pub recorded_at_ms: i64,
    /// The office it concerns; decides the shard. None for what concerns all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<OfficeCode>,
    /// W3C trace context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// The payload.
    pub body: E,
}

/// A message that cannot be read. It belongs in the dead letters.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Another message than the reader expected.
    #[error("expected {expected}, got {got} version {version}")]
    Unexpected {
        /// What the reader reads.
        expected: &'static str,
        /// What came.
        got: String,
        /// In which version.
        version: u16,
    },
    /// The body does not have the shape of its version.
    #[error("{name} version {version} does not have its shape")]
    Body {
        /// The message's name.
        name: String,
        /// Its version.
        version: u16,
        /// Where it departs.
        #[source]
        source: serde_json::Error,
    },
}

impl<E: Payload> Envelope<E> {
    /// A message about `key` (what makes it unique within its name: id and version of its subject).
    pub fn new(
        key: &[&[u8]],
        occurred_at: Timestamp,
        recorded_at_ms: i64,
        office: Option<OfficeCode>,
        body: E,
    ) -> Self {
        let mut parts: Vec<&[u8]> = vec![E::NAME.as_bytes()];
        parts.extend_from_slice(key);
        Self {
            id: EventId::derive(occurred_at, &parts),
            name: E::NAME.to_owned(),
            version: E::VERSION,
            occurred_at,
            recorded_at_ms,
            office,
            trace: None,
            body,
        }
    }

    /// The message with its payload as text, for the outbox.
    pub fn into_raw(self) -> Envelope {
        let text = serde_json::to_string(&self.body).expect("payloads have text keys and finite numbers");
        Envelope {
            id: self.id,
            name: self.name,
            version: self.version,
            occurred_at: self.occurred_at,
            recorded_at_ms: self.recorded_at_ms,
            office: self.office,
            trace: self.trace,
            body: RawValue::from_string(text).expect("serde_json writes JSON"),
        }
    }
}

impl Envelope {
    /// Whether this is an `E` of a version that this program reads.
    pub fn is<E: Payload>(&self) -> bool {
        self.name == E::NAME && (self.version == E::VERSION || self.version + 1 == E::VERSION)
    }

    /// The payload as an `E`.
    pub fn decode<E: Payload>(&self) -> Result<E, DecodeError> {
        if !self.is::<E>() {
            return Err(DecodeError::Unexpected { expected: E::NAME, got: self.name.clone(), version: self.version });
        }
        serde_json::from_str(self.body.get()).map_err(|source| DecodeError::Body {
            name: self.name.clone(),
            version: self.version,
            source,
        })
    }
}
