//! Reading the feed of channels.

use rest::Offices;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::channel_feed::{Column, Entity, Model};
use crate::error::IntakeError;

/// The entries after `after` of these offices, in order, at most `limit`.
pub(crate) async fn after(
    db: &impl ConnectionTrait,
    after: i64,
    offices: &Offices,
    limit: u64,
) -> Result<Vec<Model>, IntakeError> {
    let mut query = Entity::find().filter(Column::Cursor.gt(after)).order_by_asc(Column::Cursor).limit(limit);
    if let Offices::Only(offices) = offices {
        query = query.filter(Column::Office.is_in(offices.iter().map(customs::OfficeCode::as_str)));
    }
    Ok(query.all(db).await?)
}
