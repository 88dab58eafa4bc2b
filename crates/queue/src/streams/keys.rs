//! The names of what stands in Redis.
//!
//! All keys of an installation carry the same tag in braces, so that a Redis Cluster keeps them together, and the version
//! of their shape.

use crate::{DeliveryId, Held, Place, QueueError, Stream};

/// The group that reads a stream. There is one: a stream belongs to one subscriber.
pub const GROUP: &str = "workers";

/// The keys of an installation.
#[derive(Clone, Debug)]
pub struct Keys {
    root: String,
}

impl Keys {
    /// With the prefix of the settings.
    pub fn new(prefix: &str) -> Self {
        Self { root: format!("{{{prefix}}}:1") }
    }

    /// Hash of relays and their places.
    pub fn places(&self) -> String {
        format!("{}:places", self.root)
    }

    /// Sorted set of consumers by their last sign of life.
    pub fn consumers(&self) -> String {
        format!("{}:consumers", self.root)
    }

    /// Hash of the consumers' names and what incarnation has each.
    pub fn incarnations(&self) -> String {
        format!("{}:incarnations", self.root)
    }

    /// Text: offices that have streams of their own while processes run.
    pub fn shards(&self) -> String {
        format!("{}:shards", self.root)
    }

    /// The keys of one stream.
    pub fn of(&self, stream: Stream) -> StreamKeys {
        let key = |what: &str| format!("{}:{what}:{stream}", self.root);
        StreamKeys {
            stream: key("stream"),
            returned: key("returned"),
            attempts: key("attempts"),
            dead: key("dead"),
            seen: key("seen"),
            seen_before: key("seen-before"),
        }
    }
}

/// The keys of one stream.
#[derive(Clone, Debug)]
pub struct StreamKeys {
    /// The messages that are not finished. Its length is the work to do.
    pub stream: String,
    /// Sorted set of leased messages that nobody works on, by when they are due.
    pub returned: String,
    /// Hash of messages and how often they failed.
    pub attempts: String,
    /// Stream of the dead letters.
    pub dead: String,
    /// Set of the messages published lately.
    pub seen: String,
    /// The same, of the time before.
    pub seen_before: String,
}

/// A message's id as Redis writes it.
pub fn id_text(id: DeliveryId) -> String {
    format!("{}-{}", (id.0 >> 64) as u64, id.0 as u64)
}

/// Reads a message's id.
pub fn read_id(text: &str) -> Result<DeliveryId, QueueError> {
    let parsed = text.split_once('-').and_then(|(time, number)| {
        Some(DeliveryId(u128::from(time.parse::<u64>().ok()?) << 64 | u128::from(number.parse::<u64>().ok()?)))
    });
    parsed.ok_or_else(|| QueueError::unreadable("the id of a message", text))
}

/// When a message was published (Unix milliseconds, by the clock of the server).
pub fn published_at_ms(id: DeliveryId) -> i64 {
    (id.0 >> 64) as i64
}

/// A place as it stands in [`Keys::places`].
pub fn place_text(place: Place) -> String {
    format!("{}:{}", place.seq, place.event.0.simple())
}

/// Reads a place.
pub fn read_place(text: Option<&str>) -> Result<Held, QueueError> {
    let Some(text) = text else { return Ok(Held::Nothing) };
    let parsed = text.split_once(':').and_then(|(seq, event)| {
        Some(Place { seq: seq.parse().ok()?, event: customs::EventId(uuid::Uuid::try_parse(event).ok()?) })
    });
    parsed.map(Held::UpTo).ok_or_else(|| QueueError::unreadable("the place of a relay", text))
}

#[cfg(test)]
mod tests {
    use events::Service;

    use super::*;

    #[test]
    fn ids_and_places_survive_their_text() {
        let id = DeliveryId(1_772_470_800_123 << 64 | 7);
        assert_eq!(id_text(id), "1772470800123-7");
        assert_eq!(read_id(&id_text(id)).unwrap(), id);
        assert_eq!(published_at_ms(id), 1_772_470_800_123);
        assert!(id < read_id("1772470800123-10").unwrap() && read_id("7").is_err());
        let place = Place { seq: 42, event: customs::EventId(uuid::Uuid::from_u128(5)) };
        assert_eq!(read_place(Some(&place_text(place))).unwrap(), Held::UpTo(place));
        assert_eq!(read_place(None).unwrap(), Held::Nothing);
        assert!(read_place(Some("forty")).is_err());
    }

    #[test]
    fn keys_of_an_installation_share_their_tag() {
        let keys = Keys::new("aforo");
        assert_eq!(keys.of(Stream::of(Service::Scoring)).stream, "{aforo}:1:stream:scoring/0");
        assert_eq!(keys.places(), "{aforo}:1:places");
    }
}
