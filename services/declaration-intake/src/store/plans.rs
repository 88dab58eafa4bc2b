//! The fail-safe channels of the capacity plans in force.

use std::collections::BTreeMap;

use customs::{Channel, OfficeCode};
use sea_orm::ConnectionTrait;
use store::hot;

use super::channel;
use crate::error::IntakeError;

/// Puts the plans of `epoch` in force; false when a later epoch, or this one, is.
pub(crate) async fn replace(
    tx: &impl ConnectionTrait,
    epoch: u64,
    fail_safes: &BTreeMap<OfficeCode, Channel>,
) -> Result<bool, IntakeError> {
    let epoch = i64::try_from(epoch).unwrap_or(i64::MAX);
    if tx.execute_raw(hot!(RAISE_EPOCH).on(tx, [epoch.into()])).await?.rows_affected() == 0 {
        return Ok(false);
    }
    let rows: Vec<_> = fail_safes.iter().collect();
    tx.execute_raw(hot!(DELETE_FAIL_SAFES).on(tx, [])).await?;
    tx.execute_raw(hot!(INSERT_FAIL_SAFES).on(tx, [serde_json::to_string(&rows)?.into()])).await?;
    Ok(true)
}

/// The fail-safe channel of every office that has a plan.
pub(crate) async fn read(db: &impl ConnectionTrait) -> Result<BTreeMap<OfficeCode, Channel>, IntakeError> {
    let rows = db.query_all_raw(hot!(FIND_FAIL_SAFES).on(db, [])).await?;
    let read = rows.iter().map(|row| {
        let told: String = row.try_get_by_index(1)?;
        Ok((OfficeCode(row.try_get_by_index(0)?), channel(&told)?))
    });
    read.collect()
}
