//! Messages on their way into streams: each text once, whatever the number of its streams.

use std::fmt::Write;

use redis::ScriptInvocation;

use super::keys::{Keys, StreamKeys, place_text};
use super::{entries, scripts};
use crate::{Fairness, Held, NewMessage, QueueError, Stream, Stretch};

/// How many messages a stream remembers at least, to recognise one that is published again.
const REMEMBERED: usize = 8_192;

/// Messages by stream.
pub struct Parcel {
    messages: Vec<Packed>,
    /// The numbers of its messages, from 1 on, with commas; after [`SHARED`] where offices share the stream.
    streams: Vec<(Stream, String)>,
}

struct Packed {
    id: uuid::Uuid,
    /// `window:office`, or nothing for what is about no office.
    turn: String,
    text: Vec<u8>,
}

/// Marks the numbers of a stream that offices share.
const SHARED: &str = "o";

impl Parcel {
    /// Packs messages for the streams that `place` gives them. One that follows itself to another stream is sent once.
    pub fn pack(
        new: &[NewMessage],
        fairness: &Fairness,
        place: impl Fn(&NewMessage) -> Stream,
    ) -> Result<Self, QueueError> {
        let mut parcel = Self { messages: Vec::with_capacity(new.len()), streams: Vec::new() };
        for message in new {
            let (stream, envelope) = (place(message), &message.envelope);
            if parcel.messages.last().is_none_or(|packed| packed.id != envelope.id.0) {
                let text =
                    serde_json::to_vec(envelope).map_err(|error| QueueError::unreadable("a new message", error))?;
                let office = envelope.office.as_ref();
                let turn = office.map(|office| format!("{}:{}", fairness.window(&office.0), office.0));
                let turn = turn.unwrap_or_default();
                parcel.messages.push(Packed { id: envelope.id.0, turn, text: entries::pack(text) });
            }
            let number = parcel.messages.len();
            let place = parcel.streams.iter().position(|(known, _)| *known == stream).unwrap_or_else(|| {
                let numbers = if fairness.holds(stream) { SHARED.to_owned() } else { String::new() };
                parcel.streams.push((stream, numbers));
                parcel.streams.len() - 1
            });
            // Writing to a text does not fail.
            let _ = write!(parcel.streams[place].1, "{number},");
        }
        Ok(parcel)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The stream that a script calls by its number from 1 on.
    pub fn stream(&self, number: i64) -> Option<Stream> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        self.streams.get(place).map(|(stream, _)| *stream)
    }

    /// Publishes what its streams have not seen lately.
    pub fn publish(&self, keys: &Keys, most: u64) -> ScriptInvocation<'static> {
        let mut call = scripts::PUBLISH.prepare_invoke();
        for (stream, _) in &self.streams {
            let StreamKeys { stream, seen, seen_before, held, aside, .. } = keys.of(*stream);
            call.key(stream).key(seen).key(seen_before).key(held).key(aside);
        }
        call.arg(REMEMBERED).arg(most).arg(self.messages.len());
        for Packed { id, turn, text } in &self.messages {
            call.arg(&id.as_bytes()[..]).arg(turn).arg(text);
        }
        self.add_numbers(&mut call);
        call
    }

    /// Publishes a stretch of an outbox.
    pub fn relay(&self, keys: &Keys, most: u64, stretch: Stretch<'_>) -> ScriptInvocation<'static> {
        let mut call = scripts::RELAY.prepare_invoke();
        call.key(keys.places());
        for (stream, _) in &self.streams {
            let StreamKeys { stream, held, aside, .. } = keys.of(*stream);
            call.key(stream).key(held).key(aside);
        }
        let after = match stretch.after {
            Held::UpTo(place) => place_text(place),
            Held::Unknown | Held::Nothing => String::new(),
        };
        call.arg(stretch.relay).arg(after).arg(place_text(stretch.up_to)).arg(most).arg(self.messages.len());
        for Packed { turn, text, .. } in &self.messages {
            call.arg(turn).arg(text);
        }
        self.add_numbers(&mut call);
        call
    }

    fn add_numbers(&self, call: &mut ScriptInvocation<'static>) {
        for (_, numbers) in &self.streams {
            call.arg(numbers);
        }
    }
}
