//! The table of offices, every version, and the key of the lottery.

use customs::{OfficeCode, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder};
use store::{Sql, StoreError};

use super::unreadable;
use crate::domain::NewOffice;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "office_versions")]
pub struct Model {
    /// The office.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Version, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// The office, as JSON.
    pub content: String,
    /// Who set it up so.
    pub changed_by: String,
    /// When, microseconds.
    pub changed_at: i64,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The version that holds, with its number.
pub async fn read(db: &impl ConnectionTrait, code: &OfficeCode) -> Result<Option<(i64, NewOffice)>, StoreError> {
    let row = Entity::find().filter(Column::Code.eq(code.as_str())).order_by_desc(Column::Number).one(db).await?;
    row.map(|row| {
        let office = serde_json::from_str(&row.content).map_err(|error| unreadable("office", error))?;
        Ok((row.number, office))
    })
    .transpose()
}

/// Adds a version.
pub async fn add(
    tx: &impl ConnectionTrait,
    code: &OfficeCode,
    number: i64,
    office: &NewOffice,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let row = ActiveModel {
        code: Set(code.0.clone()),
        number: Set(number),
        content: Set(serde_json::to_string(office).map_err(|error| unreadable("office", error))?),
        changed_by: Set(by.to_owned()),
        changed_at: Set(at.as_microsecond()),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The key that was made with the tables.
pub async fn lottery_key(db: &impl ConnectionTrait) -> Result<String, StoreError> {
    let row = db.query_one_raw(Sql::both("SELECT key FROM lottery").on(db, [])).await?;
    let row = row.ok_or_else(|| unreadable("lottery key", "it is not there"))?;
    Ok(row.try_get_by_index(0)?)
}
