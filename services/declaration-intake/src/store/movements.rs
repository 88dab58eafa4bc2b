//! Where goods are.

use std::collections::HashMap;

use customs::{DeclarationId, OfficeCode, Timestamp};
use events::Movement;
use sea_orm::{ConnectionTrait, QueryResult};
use store::hot;
use uuid::Uuid;

use super::{hex, time};
use crate::error::IntakeError;

/// The goods of one declaration.
#[derive(Clone, Debug)]
pub(crate) struct Goods {
    pub(crate) id: DeclarationId,
    pub(crate) office: OfficeCode,
    pub(crate) state: String,
    pub(crate) arrived_at: Option<Timestamp>,
    pub(crate) presented_at: Option<Timestamp>,
    pub(crate) released_at: Option<Timestamp>,
}

impl Goods {
    /// When it happened to them, if it did.
    pub(crate) fn happened(&mut self, movement: Movement) -> &mut Option<Timestamp> {
        match movement {
            Movement::Arrived => &mut self.arrived_at,
            Movement::Presented => &mut self.presented_at,
            Movement::Released => &mut self.released_at,
        }
    }
}

/// The goods of these declarations.
pub(crate) async fn find(
    tx: &impl ConnectionTrait,
    ids: &[DeclarationId],
) -> Result<HashMap<DeclarationId, Goods>, IntakeError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<String> = ids.iter().map(|id| hex(id.0)).collect();
    let array = serde_json::to_string(&ids)?;
    let rows = tx.query_all_raw(hot!(FIND_GOODS).on(tx, [array.into()])).await?;
    rows.iter().map(|row| read(row, 0).map(|goods| (goods.id, goods))).collect()
}

/// The goods that travel with `means` (with voyage), by place in `means`, in the order of their ids.
pub(crate) async fn find_under_way(
    tx: &impl ConnectionTrait,
    means: &[(&str, &str)],
) -> Result<Vec<(usize, Goods)>, IntakeError> {
    if means.is_empty() {
        return Ok(Vec::new());
    }
    let array = serde_json::to_string(means)?;
    let rows = tx.query_all_raw(hot!(FIND_UNDER_WAY).on(tx, [array.into()])).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index::<i64>(0)? as usize, read(row, 1)?))).collect()
}

fn read(row: &QueryResult, first: usize) -> Result<Goods, IntakeError> {
    let at = |index: usize| row.try_get_by_index::<Option<i64>>(index)?.map(time).transpose();
    Ok(Goods {
        id: DeclarationId(row.try_get_by_index::<Uuid>(first)?),
        office: OfficeCode(row.try_get_by_index(first + 1)?),
        state: row.try_get_by_index(first + 2)?,
        arrived_at: at(first + 3)?,
        presented_at: at(first + 4)?,
        released_at: at(first + 5)?,
    })
}

/// Records where goods are now.
pub(crate) async fn update(tx: &impl ConnectionTrait, moved: &[&Goods]) -> Result<(), IntakeError> {
    if moved.is_empty() {
        return Ok(());
    }
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    let rows: Vec<_> = moved
        .iter()
        .map(|goods| {
            (
                hex(goods.id.0),
                micros(goods.arrived_at),
                micros(goods.presented_at),
                micros(goods.released_at),
                &goods.state,
            )
        })
        .collect();
    let array = serde_json::to_string(&rows)?;
    tx.execute_raw(hot!(UPDATE_GOODS).on(tx, [array.into()])).await?;
    Ok(())
}
