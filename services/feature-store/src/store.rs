//! The tables this service owns: statements that write them, and the questions asked of them.

pub mod cases;
pub mod erasure;
mod hot_postgres;
mod hot_sqlite;
pub mod quality;
pub mod read;
pub mod write;

use ::store::Forgets;
use ::store::retention::Time;
use serde::Serialize;

use crate::ServiceError;

/// The name of an enumerated value, as in messages.
pub fn wire_name(value: &impl Serialize) -> Result<String, ServiceError> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(name) => Ok(name),
        _ => Err(ServiceError::Stored("name")),
    }
}

/// Ids as a JSON array of hex, as statements take them.
fn hex_array(ids: impl IntoIterator<Item = uuid::Uuid>) -> String {
    let mut text = String::from("[");
    let mut buffer = uuid::Uuid::encode_buffer();
    for id in ids {
        text.push_str(if text.len() == 1 { "\"" } else { ",\"" });
        text.push_str(id.simple().encode_lower(&mut buffer));
        text.push('"');
    }
    text.push(']');
    text
}

/// What may be forgotten: declarations as they came, which filters are tried over. The log itself is needed whole.
pub(crate) const FORGETS: [Forgets; 1] =
    [Forgets { table: "lodged", at: "until_at", time: Time::Domain, key: "first", monthly: false }];
