//! The tables this service owns: entities and queries.
//!
//! What runs per message or per reported result takes a whole batch in one statement (`hot_sqlite`, `hot_postgres`); the rest goes
//! through entities.

pub mod assignments;
pub mod controls;
pub mod declarations;
pub mod erasure;
mod hot_postgres;
mod hot_sqlite;
pub mod offices;
pub mod results;
pub mod scans;

use std::collections::{BTreeSet, HashSet};

use customs::DeclarationId;
use sea_orm::{ConnectionTrait, Value};
use store::{Sql, StoreError};
use uuid::Uuid;

fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

/// The declarations among `ids` that `sql` gives, whose one parameter is their list.
async fn among(
    tx: &impl ConnectionTrait,
    sql: Sql,
    ids: &BTreeSet<DeclarationId>,
) -> Result<HashSet<DeclarationId>, StoreError> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let asked: Vec<String> = ids.iter().map(|id| hex(id.0)).collect();
    let rows = tx.query_all_raw(sql.on(tx, [json(&asked)?])).await?;
    rows.iter().map(|row| Ok(DeclarationId(row.try_get_by_index::<Uuid>(0)?))).collect()
}

/// A batch as one parameter.
fn json<T: serde::Serialize>(rows: &T) -> Result<Value, StoreError> {
    serde_json::to_string(rows).map(Value::from).map_err(|error| unreadable("batch", error))
}

fn unreadable(what: &'static str, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable { what, reason: reason.to_string() }
}

fn time(microseconds: i64) -> Result<customs::Timestamp, StoreError> {
    customs::Timestamp::from_microsecond(microseconds).map_err(|error| unreadable("time", error))
}
