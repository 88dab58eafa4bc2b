//! The tables of this service.

pub(crate) mod arrivals;
pub(crate) mod controls;
pub(crate) mod declarations;
pub(crate) mod entity;
pub(crate) mod erasures;
pub(crate) mod feed;
mod hot_postgres;
mod hot_sqlite;
pub(crate) mod movements;
pub(crate) mod plans;
pub(crate) mod standings;
pub(crate) mod webhooks;

use ::store::Forgets;
use ::store::retention::Time;
use customs::{Channel, Timestamp};
use uuid::Uuid;

use crate::domain::telling::Reason;
use crate::error::IntakeError;

fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

/// A stored time.
pub(crate) fn time(micros: i64) -> Result<Timestamp, IntakeError> {
    Timestamp::from_microsecond(micros).map_err(|error| IntakeError::Unreadable(format!("time {micros}: {error}")))
}

/// A stored reason.
pub(crate) fn reason(text: &str) -> Result<Reason, IntakeError> {
    Reason::parse(text).ok_or_else(|| IntakeError::Unreadable(format!("reason {text:?}")))
}

/// A stored channel.
pub(crate) fn channel(text: &str) -> Result<Channel, IntakeError> {
    Channel::ALL
        .into_iter()
        .find(|channel| channel.as_str() == text)
        .ok_or_else(|| IntakeError::Unreadable(format!("channel {text:?}")))
}

/// What may be forgotten: texts as they were received (nothing asks for them again), and what was told long ago.
pub(crate) const FORGETS: [Forgets; 2] = [
    Forgets { table: "declaration_version", at: "received_at_ms", time: Time::Process, key: "rowid", monthly: true },
    Forgets { table: "channel_feed", at: "decided_at", time: Time::Domain, key: "cursor", monthly: false },
];
