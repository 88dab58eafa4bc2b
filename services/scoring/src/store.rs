//! The tables of this service.

mod hot_postgres;
mod hot_sqlite;
pub mod offices;
pub mod scorers;
pub mod selections;
pub mod tables;

use ::store::Forgets;
use ::store::retention::Time;

fn hex(id: uuid::Uuid) -> String {
    id.simple().to_string()
}

/// What may be forgotten: decisions with their grounds.
pub(crate) const FORGETS: [Forgets; 1] =
    [Forgets { table: "selection", at: "decided_at", time: Time::Domain, key: "seq", monthly: false }];
