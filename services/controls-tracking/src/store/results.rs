//! The table of results.

use std::collections::{BTreeSet, HashMap};

use customs::{Control, ControlId, NewResult, ResultVersion, Timestamp};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;
use store::{StoreError, hot};

use super::{hex, json, time, unreadable};
use crate::domain::record::result_id;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "results")]
pub struct Model {
    /// The control.
    #[sea_orm(primary_key, auto_increment = false)]
    pub control: Uuid,
    /// The version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// When the record learned of it, microseconds.
    pub known_at: i64,
    /// Who reported it.
    pub reported_by: String,
    /// The report, as JSON.
    pub content: String,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A version as it stands in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// When the record learned of it.
    pub known_at: Timestamp,
    /// Who reported it.
    pub reported_by: String,
    /// What was reported.
    pub result: NewResult,
}

impl Stored {
    /// The version as other services know it.
    pub fn version(&self, control: &Control) -> ResultVersion {
        ResultVersion {
            id: result_id(control),
            control: control.id,
            known_at: self.known_at,
            result: self.result.clone(),
        }
    }
}

impl Model {
    fn stored(self) -> Result<Stored, StoreError> {
        let result = serde_json::from_str(&self.content).map_err(|error| unreadable("result", error))?;
        Ok(Stored { known_at: time(self.known_at)?, reported_by: self.reported_by, result })
    }
}

/// Inserts versions.
pub async fn insert<'r>(
    tx: &impl ConnectionTrait,
    results: impl IntoIterator<Item = (ControlId, &'r Stored)>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = results
        .into_iter()
        .map(|(control, stored)| {
            let known_at = stored.known_at.as_microsecond();
            (hex(control.0), stored.result.version, known_at, &stored.reported_by, &stored.result)
        })
        .collect();
    if !rows.is_empty() {
        tx.execute_raw(hot!(INSERT_RESULTS).on(tx, [json(&rows)?])).await?;
    }
    Ok(())
}

/// The versions among `asked` that exist.
pub async fn read(
    tx: &impl ConnectionTrait,
    asked: &BTreeSet<(ControlId, u32)>,
) -> Result<HashMap<(ControlId, u32), Stored>, StoreError> {
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let asked: Vec<(String, u32)> = asked.iter().map(|(id, version)| (hex(id.0), *version)).collect();
    let rows = Entity::find().from_raw_sql(hot!(READ_RESULTS).on(tx, [json(&asked)?])).all(tx).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        let control = ControlId(row.control);
        let stored = row.stored()?;
        found.insert((control, stored.result.version), stored);
    }
    Ok(found)
}

/// Every version of a control's result, in order.
pub async fn history(db: &impl ConnectionTrait, control: ControlId) -> Result<Vec<Stored>, StoreError> {
    let rows = Entity::find().filter(Column::Control.eq(control.0)).order_by_asc(Column::Version).all(db).await?;
    rows.into_iter().map(Model::stored).collect()
}
