//! Arrivals of means of transport, which declarations may come after.

use std::collections::HashMap;

use customs::Timestamp;
use sea_orm::ConnectionTrait;
use store::hot;

use super::time;
use crate::error::IntakeError;

/// By place in `asked` (means, voyage, not after): the last arrival.
pub(crate) async fn find(
    tx: &impl ConnectionTrait,
    asked: &[(&str, &str, i64)],
) -> Result<HashMap<usize, Timestamp>, IntakeError> {
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = tx.query_all_raw(hot!(FIND_ARRIVALS).on(tx, [serde_json::to_string(asked)?.into()])).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        let place: i64 = row.try_get_by_index(0)?;
        found.insert(place as usize, time(row.try_get_by_index(1)?)?);
    }
    Ok(found)
}

/// Records arrivals (means, voyage, at).
pub(crate) async fn insert(tx: &impl ConnectionTrait, arrivals: &[(&str, &str, i64)]) -> Result<(), IntakeError> {
    if !arrivals.is_empty() {
        let array = serde_json::to_string(arrivals)?;
        tx.execute_raw(hot!(INSERT_ARRIVALS).on(tx, [array.into()])).await?;
    }
    Ok(())
}
