//! The table of assignments: the audit trail of who was given a control, by whom and why.

use customs::{ControlId, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder};
use store::StoreError;

use super::time;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assignments")]
pub struct Model {
    /// The control.
    #[sea_orm(primary_key, auto_increment = false)]
    pub control: Uuid,
    /// Order, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// Who was given it.
    pub officer: String,
    /// Who decided: a supervisor, or `system`.
    pub assigned_by: String,
    /// Why, where a person decided.
    pub reason: Option<String>,
    /// When, microseconds.
    pub assigned_at: i64,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// When.
    pub fn at(&self) -> Result<Timestamp, StoreError> {
        time(self.assigned_at)
    }
}

/// Every assignment of a control, in order.
pub async fn history(db: &impl ConnectionTrait, control: ControlId) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().filter(Column::Control.eq(control.0)).order_by_asc(Column::Number).all(db).await?)
}

/// Adds an assignment.
pub async fn add(tx: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    let row = ActiveModel {
        control: Set(row.control),
        number: Set(row.number),
        officer: Set(row.officer),
        assigned_by: Set(row.assigned_by),
        reason: Set(row.reason),
        assigned_at: Set(row.assigned_at),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
