//! Reading the messages of this service's stream.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use customs::{DeclarationId, Direction, ItemVector, OfficeCode, SelectionId, Timestamp};
use events::{
    ControlResulted, DeclarationAccepted, DeclarationCancelled, DeclarationSelected, Envelope, LabelOrigin, Payload,
    PersonErased, VectorsServed,
};
use features::{Cancelled, Resulted, unpack_vectors};

use crate::ServiceError;
use crate::domain::found::Found;
use crate::domain::label;
use crate::store::wire_name;
use crate::store::write::LabelRows;

/// What a message says, as far as it concerns this service.
#[allow(clippy::large_enum_variant, reason = "one at a time, and results are the most frequent")]
pub enum Message<'a> {
    /// A declaration version was accepted; with its text, which is kept as it came.
    Accepted(Box<DeclarationAccepted>, &'a str),
    /// It was withdrawn.
    Cancelled(Cancelled),
    /// It was decided with vectors.
    Served(Box<Served>),
    /// A control of it has a result.
    Resulted(LabelRows, Reported),
    /// A person is to be taken out.
    Erased(PersonErased),
    /// Nothing that is kept.
    Other,
}

/// Who reported a result, and when it was established.
pub struct Reported {
    pub office: OfficeCode,
    pub method: String,
    pub established_at: Timestamp,
}

/// The vectors of a selection.
pub struct Served {
    pub declaration: DeclarationId,
    pub version: u32,
    pub selection: SelectionId,
    pub direction: Direction,
    pub decided_at: i64,
    pub probability: f64,
    pub contract: String,
    pub sequence: u64,
    pub items: Vec<u32>,
    pub vectors: Vec<u8>,
}

/// The message in `envelope`.
pub fn read(envelope: &Envelope) -> Result<Message<'_>, ServiceError> {
    Ok(match envelope.name.as_str() {
        DeclarationAccepted::NAME => Message::Accepted(Box::new(envelope.decode()?), envelope.body.get()),
        DeclarationCancelled::NAME => {
            let cancelled: DeclarationCancelled = envelope.decode()?;
            Message::Cancelled(Cancelled { declaration: cancelled.id, cancelled_at: cancelled.cancelled_at })
        }
        PersonErased::NAME => Message::Erased(envelope.decode()?),
        VectorsServed::NAME => served(envelope.decode()?)?,
        DeclarationSelected::NAME => selected(envelope.decode()?)?,
        ControlResulted::NAME => {
            let resulted: ControlResulted = envelope.decode()?;
            let history = resulted.origin == LabelOrigin::History;
            match Resulted::of(&resulted.control, &resulted.result, history) {
                Some(result) => {
                    let power = label::power(&resulted.control);
                    let found = Found::of(&resulted.control, &resulted.result);
                    let control = resulted.control;
                    let method = wire_name(&control.order.method)?;
                    let established_at = resulted.result.result.established_at;
                    let reported = Reported { office: control.office, method, established_at };
                    Message::Resulted(LabelRows { result, power, found }, reported)
                }
                // A control that concerns no declaration tells nothing about one.
                None => Message::Other,
            }
        }
        _ => Message::Other,
    })
}

/// A selection with its vectors, as the version before this one tells them.
fn selected(selected: DeclarationSelected) -> Result<Message<'static>, ServiceError> {
    let selection = selected.selection;
    let Some(feature_contract) = selection.feature_contract else { return Ok(Message::Other) };
    served(VectorsServed {
        declaration: selection.declaration,
        version: selection.declaration_version,
        selection: selection.id,
        direction: selected.summary.direction,
        decided_at: selection.decided_at,
        probability: selection.probability,
        feature_contract,
        feature_sequence: selection.feature_sequence.unwrap_or(0),
        packed: None,
        vectors: selection.vectors,
    })
}

fn served(served: VectorsServed) -> Result<Message<'static>, ServiceError> {
    let (items, vectors) = match served.packed {
        Some(packed) => {
            let first = packed.items.first().copied().unwrap_or_default();
            let vectors = unpack_vectors(&packed).ok_or(ServiceError::Vector(first))?;
            (packed.items, vectors)
        }
        None if served.vectors.is_empty() => return Ok(Message::Other),
        None => (served.vectors.iter().map(|vector| vector.item).collect(), unpacked(&served.vectors)?),
    };
    Ok(Message::Served(Box::new(Served {
        declaration: served.declaration,
        version: served.version,
        selection: served.selection,
        direction: served.direction,
        decided_at: served.decided_at.as_microsecond(),
        probability: served.probability,
        contract: served.feature_contract,
        sequence: served.feature_sequence,
        items,
        vectors,
    })))
}

/// The values of all items, as the version before this one tells them.
fn unpacked(told: &[ItemVector]) -> Result<Vec<u8>, ServiceError> {
    let (mut vectors, mut length) = (Vec::new(), None);
    for vector in told {
        let before = vectors.len();
        STANDARD.decode_vec(&vector.values, &mut vectors).map_err(|_| ServiceError::Vector(vector.item))?;
        // All items have vectors of one length, of whole values.
        let own = vectors.len() - before;
        if own == 0 || own % 4 != 0 || *length.get_or_insert(own) != own {
            return Err(ServiceError::Vector(vector.item));
        }
    }
    Ok(vectors)
}
