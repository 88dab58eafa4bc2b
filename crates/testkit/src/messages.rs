//! Messages for tests.

use customs::{Declaration, EventId};
use events::{DeclarationAccepted, Envelope};
use queue::{NewMessage, Stream};
use serde_json::value::RawValue;

use crate::noon;

/// The message that `declaration` was accepted as version 1.
pub fn accepted(declaration: Declaration) -> DeclarationAccepted {
    DeclarationAccepted {
        id: declaration.id(declaration.acceptance_date_time),
        version: 1,
        consignment_key: declaration.consignment_key(),
        accepted_at: declaration.acceptance_date_time,
        received_at_ms: 1_772_470_800_000,
        arrived_at: None,
        history: false,
        declaration,
        notes: Vec::new(),
        told_channel: None,
    }
}

/// A message named `name` whose identity and body come from `number`; `bytes` is the length of its body at least.
pub fn envelope(name: &str, number: u64, bytes: usize) -> Envelope {
    let filler = "Señal \u{1F6A2} \"quoted\" \\ ".chars().cycle().take(bytes).collect::<String>();
    let body = serde_json::json!({ "number": number, "filler": filler }).to_string();
    Envelope {
        id: EventId::derive(noon(), &[name.as_bytes(), &number.to_be_bytes()]),
        name: name.to_owned(),
        version: 1,
        occurred_at: noon(),
        recorded_at_ms: 1_772_470_800_000 + number as i64,
        office: (!number.is_multiple_of(2)).then(|| "118".into()),
        trace: None,
        body: RawValue::from_string(body).expect("JSON was written"),
    }
}

/// [`envelope`] on its way into `stream`.
pub fn message(stream: Stream, number: u64) -> NewMessage {
    NewMessage { stream, envelope: envelope("declaration.moved", number, 16) }
}

/// The number that an [`envelope`] was made from.
pub fn numbered(envelope: &Envelope) -> u64 {
    let body: serde_json::Value = serde_json::from_str(envelope.body.get()).expect("the body is JSON");
    body["number"].as_u64().expect("the body has a number")
}
