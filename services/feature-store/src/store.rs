//! The tables this service owns: statements that write them, and the questions asked of them.

pub mod cases;
pub mod hot_sqlite;
pub mod quality;
pub mod read;
pub mod write;

use sea_orm::{DbBackend, Statement, Value};
use serde::Serialize;

use crate::ServiceError;

fn statement<const N: usize>(sql: &'static str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

/// The name of an enumerated value, as in messages.
pub fn wire_name(value: &impl Serialize) -> Result<String, ServiceError> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(name) => Ok(name),
        _ => Err(ServiceError::Stored("name")),
    }
}

/// Ids as a JSON array of hex, for `unhex(value) FROM json_each(?)`.
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
