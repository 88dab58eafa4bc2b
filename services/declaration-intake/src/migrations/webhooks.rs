//! The tables of webhooks, the same on every database.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::prelude::{Alias, ColumnDef, Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// Adds webhooks.
pub(crate) struct Webhooks;

impl MigrationName for Webhooks {
    fn name(&self) -> &'static str {
        "intake_0003_webhooks"
    }
}

#[async_trait]
impl MigrationTrait for Webhooks {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let id = |name: &str| {
            let mut column = ColumnDef::new(Alias::new(name));
            column.uuid().not_null();
            column
        };
        let number = |name: &str| {
            let mut column = ColumnDef::new(Alias::new(name));
            column.big_integer().not_null();
            column
        };
        let text = |name: &str| {
            let mut column = ColumnDef::new(Alias::new(name));
            column.text();
            column
        };
        let table = |name: &str| {
            let mut table = Table::create();
            table.table(Alias::new(name));
            table
        };
        // One row per subscription: whose it is, and how far it has come. Times are process time, Unix milliseconds.
        let webhooks = table("webhook")
            .col(id("id").primary_key())
            .col(text("owner").not_null())
            .col(text("url").not_null())
            .col(&mut text("offices"))
            .col(&mut number("created_at_ms"))
            .col(&mut number("cursor"))
            // Raised when the place is set anew: who delivers meanwhile must not move it.
            .col(&mut number("revision"))
            // Since the last success: how often nobody answered, and how often the next entry was refused.
            .col(&mut number("failures"))
            .col(&mut number("refusals"))
            .col(&mut text("last_error"))
            .col(&mut number("next_at_ms"))
            // Which process delivers, and until when it may be waited for.
            .col(&mut text("holder"))
            .col(&mut number("held_until_ms"))
            .to_owned();
        manager.create_table(webhooks).await?;
        let by_owner = Index::create()
            .name("webhook_owner")
            .table(Alias::new("webhook"))
            .col(Alias::new("owner"))
            .col(Alias::new("url"))
            .unique()
            .to_owned();
        manager.create_index(by_owner).await?;
        // Apart, so that nothing that shows a subscription can show it.
        let secrets =
            table("webhook_secret").col(id("webhook").primary_key()).col(text("secret").not_null()).to_owned();
        manager.create_table(secrets).await?;
        // Entries that the receiver refused too often.
        let dead = table("webhook_dead_letter")
            .col(&mut id("webhook"))
            .col(&mut number("cursor"))
            .col(text("error").not_null())
            .col(&mut number("died_at_ms"))
            .primary_key(Index::create().col(Alias::new("webhook")).col(Alias::new("cursor")))
            .to_owned();
        manager.create_table(dead).await
    }
}
