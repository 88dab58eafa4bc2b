//! Webhooks: whose they are, how far they have come, and what was put aside.

use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entity::channel_feed;
use crate::error::IntakeError;

pub(crate) mod webhook {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) owner: String,
        pub(crate) url: String,
        pub(crate) offices: Option<String>,
        pub(crate) created_at_ms: i64,
        pub(crate) cursor: i64,
        pub(crate) revision: i64,
        pub(crate) failures: i64,
        pub(crate) refusals: i64,
        pub(crate) last_error: Option<String>,
        pub(crate) next_at_ms: i64,
        pub(crate) holder: Option<String>,
        pub(crate) held_until_ms: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod secret {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_secret")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) webhook: Uuid,
        pub(crate) secret: String,
    }

    /// Never what it is.
    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "the secret of {}", self.webhook)
        }
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod dead_letter {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_dead_letter")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) webhook: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) cursor: i64,
        pub(crate) error: String,
        pub(crate) died_at_ms: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use webhook::Model as Webhook;

/// Stores a webhook; one that its owner has for the same URL gets the offices and the secret, and keeps its place.
pub(crate) async fn put(tx: &impl ConnectionTrait, new: Webhook, secret: &str) -> Result<(), IntakeError> {
    let replaced = OnConflict::column(webhook::Column::Id)
        .update_columns([webhook::Column::Offices])
        .value(webhook::Column::NextAtMs, Expr::value(0_i64))
        .to_owned();
    let id = new.id;
    webhook::Entity::insert(webhook::ActiveModel::from(new)).on_conflict(replaced).exec_without_returning(tx).await?;
    let replaced = OnConflict::column(secret::Column::Webhook).update_columns([secret::Column::Secret]).to_owned();
    let row = secret::ActiveModel::from(secret::Model { webhook: id, secret: secret.to_owned() });
    secret::Entity::insert(row).on_conflict(replaced).exec_without_returning(tx).await?;
    Ok(())
}

/// One webhook.
pub(crate) async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Webhook>, IntakeError> {
    Ok(webhook::Entity::find_by_id(id).one(db).await?)
}

/// The webhooks of `owner`, or all, in the order of their making.
pub(crate) async fn list(db: &impl ConnectionTrait, owner: Option<&str>) -> Result<Vec<Webhook>, IntakeError> {
    let mut query = webhook::Entity::find();
    if let Some(owner) = owner {
        query = query.filter(webhook::Column::Owner.eq(owner));
    }
    Ok(query.order_by_asc(webhook::Column::CreatedAtMs).order_by_asc(webhook::Column::Id).all(db).await?)
}

/// The secret of a webhook.
pub(crate) async fn secret(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<lifecycle::Secret>, IntakeError> {
    let row = secret::Entity::find_by_id(id).one(db).await?;
    Ok(row.map(|row| lifecycle::Secret::new(row.secret)))
}

/// Forgets a webhook with all that belongs to it.
pub(crate) async fn delete(tx: &impl ConnectionTrait, id: Uuid) -> Result<(), IntakeError> {
    webhook::Entity::delete_by_id(id).exec(tx).await?;
    secret::Entity::delete_by_id(id).exec(tx).await?;
    dead_letter::Entity::delete_many().filter(dead_letter::Column::Webhook.eq(id)).exec(tx).await?;
    Ok(())
}

/// Sets the place of a webhook anew; it is tried at once.
pub(crate) async fn replay(tx: &impl ConnectionTrait, id: Uuid, after: i64) -> Result<(), IntakeError> {
    webhook::Entity::update_many()
        .col_expr(webhook::Column::Cursor, Expr::value(after))
        .col_expr(webhook::Column::Revision, Expr::col(webhook::Column::Revision).add(1))
        .col_expr(webhook::Column::Failures, Expr::value(0_i64))
        .col_expr(webhook::Column::Refusals, Expr::value(0_i64))
        .col_expr(webhook::Column::NextAtMs, Expr::value(0_i64))
        .filter(webhook::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes a webhook for `holder` until `until`, unless another process has it at `now`. Returns whether it was taken.
pub(crate) async fn hold(
    db: &impl ConnectionTrait,
    id: Uuid,
    holder: &str,
    now: i64,
    until: i64,
) -> Result<bool, IntakeError> {
    let free = Condition::any()
        .add(webhook::Column::Holder.is_null())
        .add(webhook::Column::Holder.eq(holder))
        .add(webhook::Column::HeldUntilMs.lte(now));
    let taken = webhook::Entity::update_many()
        .col_expr(webhook::Column::Holder, Expr::value(holder))
        .col_expr(webhook::Column::HeldUntilMs, Expr::value(until))
        .filter(webhook::Column::Id.eq(id))
        .filter(free)
        .exec(db)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Where a webhook stands after a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) cursor: i64,
    pub(crate) failures: i64,
    pub(crate) refusals: i64,
    pub(crate) last_error: Option<String>,
    pub(crate) next_at_ms: i64,
}

/// Writes down where `before` stands now, unless its place was set anew or another process took it meanwhile. What is
/// told is no longer a dead letter.
pub(crate) async fn settle(
    tx: &impl ConnectionTrait,
    before: &Webhook,
    holder: &str,
    standing: &Standing,
) -> Result<bool, IntakeError> {
    let written = webhook::Entity::update_many()
        .col_expr(webhook::Column::Cursor, Expr::value(standing.cursor))
        .col_expr(webhook::Column::Failures, Expr::value(standing.failures))
        .col_expr(webhook::Column::Refusals, Expr::value(standing.refusals))
        .col_expr(webhook::Column::LastError, Expr::value(standing.last_error.clone()))
        .col_expr(webhook::Column::NextAtMs, Expr::value(standing.next_at_ms))
        .filter(webhook::Column::Id.eq(before.id))
        .filter(webhook::Column::Revision.eq(before.revision))
        .filter(webhook::Column::Holder.eq(holder))
        .exec(tx)
        .await?;
    if standing.last_error.is_none() {
        dead_letter::Entity::delete_many()
            .filter(dead_letter::Column::Webhook.eq(before.id))
            .filter(dead_letter::Column::Cursor.gt(before.cursor))
            .filter(dead_letter::Column::Cursor.lte(standing.cursor))
            .exec(tx)
            .await?;
    }
    Ok(written.rows_affected == 1)
}

/// Puts an entry aside.
pub(crate) async fn put_aside(tx: &impl ConnectionTrait, letter: dead_letter::Model) -> Result<(), IntakeError> {
    let again = OnConflict::columns([dead_letter::Column::Webhook, dead_letter::Column::Cursor])
        .update_columns([dead_letter::Column::Error, dead_letter::Column::DiedAtMs])
        .to_owned();
    let row = dead_letter::ActiveModel::from(letter);
    dead_letter::Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// The entries that were put aside, at most `limit`.
pub(crate) async fn dead_letters(
    db: &impl ConnectionTrait,
    id: Uuid,
    limit: u64,
) -> Result<Vec<dead_letter::Model>, IntakeError> {
    let of = dead_letter::Entity::find().filter(dead_letter::Column::Webhook.eq(id));
    Ok(of.order_by_asc(dead_letter::Column::Cursor).limit(limit).all(db).await?)
}

/// How many entries were put aside.
pub(crate) async fn count_dead(db: &impl ConnectionTrait, id: Uuid) -> Result<u64, IntakeError> {
    Ok(dead_letter::Entity::find().filter(dead_letter::Column::Webhook.eq(id)).count(db).await?)
}

/// The end of the feed.
pub(crate) async fn end_of_feed(db: &impl ConnectionTrait) -> Result<i64, IntakeError> {
    let last = channel_feed::Entity::find().order_by_desc(channel_feed::Column::Cursor).one(db).await?;
    Ok(last.map_or(0, |last| last.cursor))
}
