//! What goes into a stream, and what comes out.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use events::{Envelope, Service};

/// Where one subscriber finds its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stream {
    /// Who reads it.
    pub subscriber: Service,
    /// Which part of the subscriber's work; 0 on one machine.
    pub shard: u16,
}

impl Stream {
    /// The only stream of `subscriber` on one machine.
    pub fn of(subscriber: Service) -> Self {
        Self { subscriber, shard: 0 }
    }
}

/// `scoring/0`.
impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.subscriber, self.shard)
    }
}

/// A text that names no stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a stream: expected a subscriber and a shard, like scoring/0")]
pub struct StreamError(String);

impl FromStr for Stream {
    type Err = StreamError;

    fn from_str(text: &str) -> Result<Self, StreamError> {
        let wrong = || StreamError(text.to_owned());
        let (subscriber, shard) = text.rsplit_once('/').ok_or_else(wrong)?;
        let subscriber = Service::ALL.into_iter().find(|service| service.as_str() == subscriber).ok_or_else(wrong)?;
        Ok(Self { subscriber, shard: shard.parse().map_err(|_| wrong())? })
    }
}

/// A message on its way into a stream.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The stream.
    pub stream: Stream,
    /// The message.
    pub envelope: Envelope,
}

/// A message's place in its stream: later messages have higher ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub u128);

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A message leased to a consumer.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// What it is acknowledged by.
    pub id: DeliveryId,
    /// How often it has failed before.
    pub attempts: u32,
    /// The message.
    pub envelope: Envelope,
}

/// How much of a stream is unfinished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Messages published and not acknowledged, leased ones included, dead ones not.
    pub unfinished: u64,
    /// How long the oldest of them has been in the stream.
    pub oldest_age: Option<Duration>,
    /// Messages in the dead letters.
    pub dead: u64,
}

/// A message that failed too often.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// What it is redriven by.
    pub id: DeliveryId,
    /// The message.
    pub envelope: Envelope,
    /// How often it failed.
    pub attempts: u32,
    /// Why it failed the last time.
    pub error: String,
    /// When it was given up (process time, Unix milliseconds).
    pub died_at_ms: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_survive_their_text() {
        for subscriber in Service::ALL {
            let stream = Stream { subscriber, shard: 7 };
            assert_eq!(stream.to_string().parse(), Ok(stream));
        }
        assert_eq!(Stream::of(Service::Scoring).to_string(), "scoring/0");
        for wrong in ["scoring", "scoring/", "billing/0", "scoring/70000"] {
            assert!(wrong.parse::<Stream>().is_err(), "{wrong}");
        }
    }
}
