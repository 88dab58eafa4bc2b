//! Where a relay stands, said by the queue itself.
//!
//! A queue keeps, with the messages, the place of each relay that published them. When the queue loses messages (a Redis
//! that starts empty, a file that was put back from a copy) the place is lost with them: the relay sees that the queue
//! stands further back than it thought, and publishes again from there. Inboxes dismiss what had its effect.

use customs::EventId;

/// A row of a relay's outbox. The message in it tells a database that was set back from one that went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The row.
    pub seq: i64,
    /// The message in it.
    pub event: EventId,
}

/// Up to where a queue holds, or has delivered, what a relay has published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// The queue cannot tell.
    Unknown,
    /// It has nothing of that relay: it is new, or has lost everything.
    Nothing,
    /// Everything up to this place.
    UpTo(Place),
}

/// What a relay publishes at once.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'a> {
    /// The relay's name, unique in the queue.
    pub relay: &'a str,
    /// Where the queue stands, as far as the relay knows.
    pub after: Held,
    /// Where it stands when the messages are there.
    pub up_to: Place,
}

/// What became of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relayed {
    /// The messages are there, and the queue stands at their end.
    Done,
    /// Nothing was published: the queue stands elsewhere than the relay thought. It lost messages, or another process
    /// relays the same outbox.
    Elsewhere,
}
