//! A batch of messages, read: runs of accepted declarations between the messages that change how they are decided.

use std::ops::Range;

use customs::{DeclarationId, OfficeCode, Timestamp};
use events::{
    CapacityChanged, DeclarationAccepted, DeclarationCancelled, DecodeError, Envelope, FiltersChanged, Payload,
    PersonErased, RoutingChanged,
};
use features::{DeclarationKeys, EntityKey};

/// A message that matters here.
pub enum Message {
    /// A declaration version to decide.
    Accepted(Box<Prepared>),
    /// A declaration withdrawn.
    Cancelled(DeclarationId),
    /// Another routing.
    Routing(RoutingChanged),
    /// Other filters.
    Filters(FiltersChanged),
    /// Other plans, in force from then on.
    Capacity(CapacityChanged, Timestamp),
    /// A person to take out of decisions.
    Erased(PersonErased),
    /// Nothing to do: the past, or what others listen for.
    Nothing,
}

/// Reads a message, and adds the keys to read for it to `all`.
pub fn read(envelope: &Envelope, all: &mut Vec<EntityKey>) -> Result<Message, DecodeError> {
    Ok(match envelope.name.as_str() {
        DeclarationAccepted::NAME => {
            let accepted: DeclarationAccepted = envelope.decode()?;
            if accepted.history { Message::Nothing } else { Message::Accepted(Box::new(Prepared::of(accepted, all))) }
        }
        DeclarationCancelled::NAME => Message::Cancelled(envelope.decode::<DeclarationCancelled>()?.id),
        RoutingChanged::NAME => Message::Routing(envelope.decode()?),
        FiltersChanged::NAME => Message::Filters(envelope.decode()?),
        CapacityChanged::NAME => Message::Capacity(envelope.decode()?, envelope.occurred_at),
        PersonErased::NAME => Message::Erased(envelope.decode()?),
        _ => Message::Nothing,
    })
}

/// An accepted declaration version with the place of its keys in the batch's read.
pub struct Prepared {
    /// The message.
    pub accepted: DeclarationAccepted,
    /// Its entity keys.
    pub keys: DeclarationKeys,
    /// Where their states stand in what was read.
    pub states: Range<usize>,
}

impl Prepared {
    fn of(accepted: DeclarationAccepted, all: &mut Vec<EntityKey>) -> Self {
        let keys = features::keys(&accepted.declaration);
        let start = all.len();
        all.extend_from_slice(keys.list());
        Self { accepted, keys, states: start..all.len() }
    }

    /// The office that decides.
    pub fn office(&self) -> &OfficeCode {
        &self.accepted.declaration.office
    }
}

/// One thing to do.
pub enum Step {
    /// Decide these, in this order.
    Decide(Vec<Prepared>),
    /// Anything else.
    Other(Message),
}

/// What there is to do, in order. Declarations between two other messages are decided in the order of acceptance; ties
/// by id.
pub fn steps(messages: impl Iterator<Item = Message>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut run = Vec::new();
    for message in messages {
        match message {
            Message::Nothing => {}
            Message::Accepted(prepared) => run.push(*prepared),
            other => {
                end_run(&mut run, &mut steps);
                steps.push(Step::Other(other));
            }
        }
    }
    end_run(&mut run, &mut steps);
    steps
}

fn end_run(run: &mut Vec<Prepared>, steps: &mut Vec<Step>) {
    if !run.is_empty() {
        run.sort_by_key(|prepared| (prepared.accepted.accepted_at, prepared.accepted.id, prepared.accepted.version));
        steps.push(Step::Decide(std::mem::take(run)));
    }
}
