//! A declaration that was read: its text, its canonical content and the digest that identifies the content.

use customs::{Channel, Declaration, DeclarationId, EventId, Modality, Note, Timestamp};
use declaration_formats::quality::Punctuality;
use declaration_formats::{Fault, FaultCode, ReferenceData, json, quality};
use events::{DeclarationAccepted, Envelope, Payload};
use rest::{Problem, ProblemError};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::domain::past::PastControl;

/// Everything about one declaration version that storing and announcing it needs.
#[derive(Clone, Debug)]
pub(crate) struct Lodgement {
    pub(crate) declaration: Declaration,
    /// The text as it was received.
    pub(crate) received: String,
    /// The declaration written again: the same content gives the same text.
    canonical: Box<RawValue>,
    /// BLAKE3 of the canonical content, hexadecimal.
    pub(crate) digest: String,
    pub(crate) notes: Vec<Note>,
    /// When it counts as accepted: what decides, and whose capacity is used. Never after it was recorded.
    pub(crate) accepted_at: Timestamp,
    pub(crate) origin: Origin,
}

/// Where a declaration comes from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// Lodged here.
    Lodged,
    /// The incumbent system's past, with how it was examined then.
    Past(Option<PastControl>),
}

/// What an announcement says beside the declaration.
pub(crate) struct Announced {
    pub(crate) id: DeclarationId,
    pub(crate) version: u32,
    /// When this version counts as accepted.
    pub(crate) accepted_at: Timestamp,
    pub(crate) known_at: Timestamp,
    pub(crate) received_at_ms: i64,
    pub(crate) arrived_at: Option<Timestamp>,
    pub(crate) told_channel: Option<Channel>,
}

impl Lodgement {
    /// Reads a declaration; every fault that makes it unreadable otherwise. It counts as accepted at its own date.
    pub(crate) fn read(bytes: &[u8], reference: &ReferenceData) -> Result<Self, Problem> {
        let received = json::receive(bytes).map_err(unreadable)?;
        let mut notes = quality::notes(&received.declaration, reference);
        notes.extend(received.unknown_fields);
        let canonical = to_raw_value(&received.declaration).map_err(|error| Problem::internal(&error))?;
        Ok(Self {
            digest: blake3::hash(canonical.get().as_bytes()).to_hex().to_string(),
            accepted_at: received.declaration.acceptance_date_time,
            declaration: received.declaration,
            received: String::from_utf8_lossy(bytes).into_owned(),
            canonical,
            notes,
            origin: Origin::Lodged,
        })
    }

    /// The same declaration, lodged at `now`: a date that is not of these days is noted and decides nothing.
    pub(crate) fn lodged(mut self, now: Timestamp, punctuality: Punctuality) -> Self {
        self.notes.extend(quality::lodged(&self.declaration, now, punctuality));
        self.accepted_at = punctuality.accepted_at(self.declaration.acceptance_date_time, now);
        self
    }

    /// The same declaration as part of the past.
    pub(crate) fn of_the_past(mut self, control: Option<PastControl>) -> Result<Self, serde_json::Error> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"past\n").update(self.canonical.get().as_bytes()).update(b"\n");
        hasher.update(serde_json::to_string(&control)?.as_bytes());
        self.digest = hasher.finalize().to_hex().to_string();
        self.origin = Origin::Past(control);
        Ok(self)
    }

    /// The identity it has as version 1.
    pub(crate) fn first_id(&self) -> DeclarationId {
        self.declaration.id(self.declaration.acceptance_date_time)
    }

    pub(crate) fn is_history(&self) -> bool {
        matches!(self.origin, Origin::Past(_))
    }

    /// Refuses a declaration with notes.
    pub(crate) fn check_strict(&self) -> Result<(), Problem> {
        if self.notes.is_empty() {
            return Ok(());
        }
        let errors = self.notes.iter().map(|note| ProblemError {
            pointer: note.pointer.clone(),
            code: serde_json::to_value(note.code)
                .ok()
                .and_then(|code| Some(code.as_str()?.to_owned()))
                .unwrap_or_default(),
            message: note.message.clone(),
        });
        Err(Problem::unprocessable("declaration-noted", "The declaration has data-quality notes").with_errors(errors))
    }

    /// The means of transport with its voyage; empty where none is named.
    pub(crate) fn means(&self) -> Option<(&str, &str)> {
        let means = self.declaration.means_of_transport.as_ref()?;
        Some((means.id.as_str(), means.voyage.as_deref().unwrap_or_default()))
    }

    /// Whether the goods may have arrived before it was lodged. The same voyage may come again: what is declared in
    /// advance never belongs to an arrival of the past.
    pub(crate) fn may_follow_its_goods(&self) -> bool {
        self.declaration.modality != Modality::Advance
    }

    /// The message that it was stored. The canonical text is used as it is.
    pub(crate) fn announce(&self, announced: &Announced) -> Result<Envelope, serde_json::Error> {
        let accepted_at = announced.accepted_at;
        let body = AcceptedText {
            id: announced.id,
            version: announced.version,
            consignment_key: self.declaration.consignment_key(),
            accepted_at,
            received_at_ms: announced.received_at_ms,
            arrived_at: announced.arrived_at,
            history: self.is_history(),
            declaration: &self.canonical,
            notes: &self.notes,
            told_channel: announced.told_channel,
        };
        let name = DeclarationAccepted::NAME;
        let key: [&[u8]; 3] = [name.as_bytes(), announced.id.0.as_bytes(), &announced.version.to_be_bytes()];
        Ok(Envelope {
            id: EventId::derive(accepted_at, &key),
            name: name.to_owned(),
            version: DeclarationAccepted::VERSION,
            occurred_at: if self.is_history() { accepted_at } else { announced.known_at },
            recorded_at_ms: announced.received_at_ms,
            office: Some(self.declaration.office.clone()),
            trace: None,
            body: to_raw_value(&body)?,
        })
    }
}

/// [`DeclarationAccepted`] on the wire, with the declaration as text.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AcceptedText<'a> {
    id: DeclarationId,
    version: u32,
    consignment_key: String,
    accepted_at: Timestamp,
    received_at_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrived_at: Option<Timestamp>,
    history: bool,
    declaration: &'a RawValue,
    #[serde(skip_serializing_if = "<[Note]>::is_empty")]
    notes: &'a [Note],
    #[serde(skip_serializing_if = "Option::is_none")]
    told_channel: Option<Channel>,
}

/// The refusal of a declaration that cannot be read.
pub(crate) fn unreadable(faults: Vec<Fault>) -> Problem {
    let problem = if faults.iter().any(|fault| fault.code == FaultCode::TooLarge) {
        Problem::new(
            actix_web::http::StatusCode::PAYLOAD_TOO_LARGE,
            "declaration-too-large",
            "The declaration is larger than what is read",
        )
    } else {
        Problem::bad_request("declaration-unreadable", "The declaration cannot be read")
    };
    problem.with_errors(faults.into_iter().map(|fault| ProblemError {
        pointer: fault.pointer,
        code: fault.code.as_str().to_owned(),
        message: fault.message,
    }))
}
