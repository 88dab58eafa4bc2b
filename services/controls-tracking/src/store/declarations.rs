//! What is remembered of declarations: items, parties, containers, cancellations.

use std::collections::{BTreeSet, HashMap, HashSet};

use customs::{DeclarationId, Timestamp};
use events::DeclarationSelected;
use jiff::SignedDuration;
use sea_orm::entity::prelude::*;
use store::{StoreError, hot, rounds};

use super::{among, hex, json, unreadable};

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "declarations")]
pub struct Model {
    /// The declaration.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its highest version.
    pub version: i64,
    /// When that was accepted, microseconds.
    pub accepted_at: i64,
    /// Identifier of the declarant.
    pub declarant: String,
    /// Identifier of the importer or exporter.
    pub trader: Option<String>,
    /// Sequences of the items, as JSON.
    pub items: String,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A declaration as far as controls need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The declaration.
    pub id: DeclarationId,
    /// Its highest version.
    pub version: u32,
    /// Sequences of the items of any of its versions.
    pub items: Vec<u32>,
    /// Identifiers of declarant and trader.
    pub parties: Vec<String>,
}

impl Model {
    fn known(self) -> Result<Known, StoreError> {
        Ok(Known {
            id: DeclarationId(self.id),
            version: u32::try_from(self.version).map_err(|error| unreadable("declaration version", error))?,
            items: serde_json::from_str(&self.items).map_err(|error| unreadable("declaration items", error))?,
            parties: std::iter::once(self.declarant).chain(self.trader).collect(),
        })
    }
}

/// Remembers the declarations of selections, in order.
pub async fn remember(tx: &impl ConnectionTrait, selected: &[&DeclarationSelected]) -> Result<(), StoreError> {
    for round in rounds(selected, |one| one.selection.declaration) {
        let rows: Vec<_> = round
            .into_iter()
            .map(|one| {
                let summary = &one.summary;
                (
                    hex(one.selection.declaration.0),
                    one.selection.declaration_version,
                    summary.accepted_at.as_microsecond(),
                    &summary.declarant,
                    &summary.trader,
                    &summary.items,
                )
            })
            .collect();
        tx.execute_raw(hot!(UPSERT_DECLARATIONS).on(tx, [json(&rows)?])).await?;
    }
    let containers: Vec<(&str, String)> = selected
        .iter()
        .flat_map(|one| one.summary.containers.iter().map(|id| (id.as_str(), hex(one.selection.declaration.0))))
        .collect();
    if !containers.is_empty() {
        tx.execute_raw(hot!(INSERT_CONTAINERS).on(tx, [json(&containers)?])).await?;
    }
    Ok(())
}

/// Remembers cancellations.
pub async fn cancel(tx: &impl ConnectionTrait, cancelled: &[(DeclarationId, Timestamp)]) -> Result<(), StoreError> {
    let rows: Vec<_> = cancelled.iter().map(|(id, at)| (hex(id.0), at.as_microsecond())).collect();
    if !rows.is_empty() {
        tx.execute_raw(hot!(INSERT_CANCELLATIONS).on(tx, [json(&rows)?])).await?;
    }
    Ok(())
}

/// The cancelled ones among `ids`.
pub async fn cancelled(
    tx: &impl ConnectionTrait,
    ids: &BTreeSet<DeclarationId>,
) -> Result<HashSet<DeclarationId>, StoreError> {
    among(tx, hot!(READ_CANCELLED), ids).await
}

/// The declarations among `ids` that are known.
pub async fn read(
    tx: &impl ConnectionTrait,
    ids: &BTreeSet<DeclarationId>,
) -> Result<HashMap<DeclarationId, Known>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let asked: Vec<String> = ids.iter().map(|id| hex(id.0)).collect();
    let found = hot!(READ_DECLARATIONS).on(tx, [json(&asked)?]);
    let rows = Entity::find().from_raw_sql(found).all(tx).await?;
    rows.into_iter().map(|row| row.known().map(|known| (known.id, known))).collect()
}

/// The latest declaration with `container` that was accepted within `window` of `at` and is not cancelled.
pub async fn of_container(
    tx: &impl ConnectionTrait,
    container: &str,
    at: Timestamp,
    window: SignedDuration,
) -> Result<Option<Known>, StoreError> {
    let window = i64::try_from(window.as_micros()).unwrap_or(i64::MAX);
    let values = [container.into(), at.as_microsecond().into(), window.into()];
    let found = hot!(READ_DECLARATION_OF_CONTAINER).on(tx, values);
    Entity::find().from_raw_sql(found).one(tx).await?.map(Model::known).transpose()
}
