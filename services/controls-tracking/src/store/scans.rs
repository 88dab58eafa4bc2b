//! The table of scanner images.

use customs::{ControlId, ScanId, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder};
use store::StoreError;

use super::unreadable;
use crate::domain::NewScan;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "scans")]
pub struct Model {
    /// The image.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its control.
    pub control: Uuid,
    /// When it was taken, microseconds.
    pub taken_at: i64,
    /// The report, as JSON.
    pub request: String,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The report.
    pub fn scan(&self) -> Result<NewScan, StoreError> {
        serde_json::from_str(&self.request).map_err(|error| unreadable("scan", error))
    }
}

/// The image with this id.
pub async fn find(db: &impl ConnectionTrait, id: ScanId) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id.0).one(db).await?)
}

/// The images of a control, oldest first.
pub async fn of_control(db: &impl ConnectionTrait, control: ControlId) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().filter(Column::Control.eq(control.0)).order_by_asc(Column::TakenAt).all(db).await?)
}

/// Adds an image.
pub async fn add(
    tx: &impl ConnectionTrait,
    id: ScanId,
    control: ControlId,
    taken_at: Timestamp,
    scan: &NewScan,
) -> Result<(), StoreError> {
    let row = ActiveModel {
        id: Set(id.0),
        control: Set(control.0),
        taken_at: Set(taken_at.as_microsecond()),
        request: Set(serde_json::to_string(scan).map_err(|error| unreadable("scan", error))?),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
