//! Messages between services: published once, delivered at least once, in the order of each stream.
//!
//! One durable stream per subscriber and shard. A message is leased to a consumer until it is acknowledged; a lease
//! belongs to the process that took it, so a process that starts takes over everything its predecessor left unfinished,
//! and redelivery is ordinary. Handlers make it harmless by admitting each message through their inbox in the
//! transaction of its effects. A message that fails again and again goes to the dead letters, where a person can read
//! why and redrive it; it never holds up the messages behind it.

pub mod consumer;
pub mod deps;
pub mod embedded;
pub mod handler;
pub mod message;
pub mod place;
pub mod relay;
pub mod settings;
pub mod shards;
pub mod streams;

mod backend;

pub use backend::{Queue, QueueError};
pub use consumer::{Consumer, ConsumerSettings};
pub use deps::Deps;
pub use embedded::{EmbeddedQueue, EmbeddedSettings};
pub use handler::{Handler, HandlerError};
pub use message::{DeadLetter, Delivery, DeliveryId, Depth, NewMessage, Stream};
pub use place::{Held, Place, Relayed, Stretch};
pub use relay::{Relay, RelaySettings};
pub use settings::{Settings, open};
pub use shards::Shard;
pub use streams::RedisQueue;
