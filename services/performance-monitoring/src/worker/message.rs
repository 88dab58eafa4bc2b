//! What is read of each message: only what a report needs, so that a decision record's vectors are skipped unparsed.

use customs::{
    Channel, ControlOrder, DeclarationId, Direction, Form, Modality, Novelty, OfficeCode, SelectionId, Timestamp,
    TrialArm,
};
use events::{
    CapacityChanged, ControlOrdered, ControlResulted, DeclarationCancelled, DeclarationMoved, DeclarationSelected,
    DecodeError, Envelope, FiltersChanged, Payload, RoutingChanged,
};
use serde::Deserialize;

/// A message this service listens to.
pub enum Message {
    /// A declaration has a channel.
    Selected(Box<Selected>),
    /// Goods moved.
    Moved(DeclarationMoved),
    /// A declaration is withdrawn.
    Cancelled(DeclarationCancelled),
    /// A control is ordered.
    Ordered(Box<ControlOrdered>),
    /// A control has a result.
    Resulted(Box<ControlResulted>),
    /// Plans changed.
    Capacity(CapacityChanged),
    /// Filters changed.
    Filters(FiltersChanged),
    /// Routes changed.
    Routing(RoutingChanged),
    /// Anything else: not ours, and harmless.
    Other,
}

/// The part of `declaration.selected` that is kept.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Selected {
    pub received_at_ms: i64,
    pub summary: Summary,
    pub selection: Selection,
}

/// The part of the declaration's summary that is kept.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub accepted_at: Timestamp,
    pub direction: Direction,
    pub regime: String,
    pub modality: Modality,
    pub form: Form,
    #[serde(default)]
    pub arrived_at: Option<Timestamp>,
}

/// The part of the decision record that is kept.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    pub id: SelectionId,
    pub declaration: DeclarationId,
    pub declaration_version: u32,
    pub office: OfficeCode,
    pub decided_at: Timestamp,
    pub channel: Channel,
    pub channel_without_draw: Channel,
    pub orders: Vec<ControlOrder>,
    pub probability: f64,
    pub random_probability: f64,
    #[serde(default)]
    pub matches: Vec<Match>,
    #[serde(default)]
    pub novelty: Option<Novelty>,
    #[serde(default)]
    pub degraded: bool,
    #[serde(default)]
    pub trial: Option<TrialArm>,
}

/// The part of a filter match that is kept.
#[derive(Deserialize)]
pub struct Match {
    pub code: String,
    #[serde(default)]
    pub version: u32,
    pub acted: bool,
    #[serde(default)]
    pub listed: bool,
}

/// Reads a message.
pub fn read(envelope: &Envelope) -> Result<Message, DecodeError> {
    Ok(match envelope.name.as_str() {
        DeclarationSelected::NAME => Message::Selected(Box::new(read_selected(envelope)?)),
        DeclarationMoved::NAME => Message::Moved(envelope.decode()?),
        DeclarationCancelled::NAME => Message::Cancelled(envelope.decode()?),
        ControlOrdered::NAME => Message::Ordered(Box::new(envelope.decode()?)),
        ControlResulted::NAME => Message::Resulted(Box::new(envelope.decode()?)),
        CapacityChanged::NAME => Message::Capacity(envelope.decode()?),
        FiltersChanged::NAME => Message::Filters(envelope.decode()?),
        RoutingChanged::NAME => Message::Routing(envelope.decode()?),
        _ => Message::Other,
    })
}

fn read_selected(envelope: &Envelope) -> Result<Selected, DecodeError> {
    if !envelope.is::<DeclarationSelected>() {
        return Err(DecodeError::Unexpected {
            expected: DeclarationSelected::NAME,
            got: envelope.name.clone(),
            version: envelope.version,
        });
    }
    serde_json::from_str(envelope.body.get()).map_err(|source| unreadable(envelope, source))
}

fn unreadable(envelope: &Envelope, source: serde_json::Error) -> DecodeError {
    DecodeError::Body { name: envelope.name.clone(), version: envelope.version, source }
}
