//! The tables of the trail, the same on every database.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::prelude::{Alias, ColumnDef, Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};

/// Brings the tables to the shape that this program needs.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Trail)]
    }
}

struct Trail;

impl MigrationName for Trail {
    fn name(&self) -> &'static str {
        "audit_0001_trail"
    }
}

#[async_trait]
impl MigrationTrait for Trail {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let number = |name: &str| {
            let mut column = ColumnDef::new(Alias::new(name));
            column.big_integer();
            column
        };
        let text = |name: &str| {
            let mut column = ColumnDef::new(Alias::new(name));
            column.text().not_null();
            column
        };
        // What is chained, numbered from 1 without gaps.
        let mut entries = Table::create();
        entries
            .table(Alias::new("audit_entry"))
            .col(number("number").not_null().primary_key())
            .col(number("batch").not_null())
            .col(number("at_ms").not_null())
            .col(&mut text("stage"))
            .col(&mut text("operation"))
            .col(&mut number("begun"))
            .col(&mut number("status"))
            .col(ColumnDef::new(Alias::new("commitment")).text());
        manager.create_table(entries).await?;
        // Who and on what, apart: what is erased of a person.
        let mut persons = Table::create();
        persons
            .table(Alias::new("audit_person"))
            .col(number("number").not_null().primary_key())
            .col(&mut text("salt"))
            .col(&mut text("subject"))
            .col(&mut text("object"));
        manager.create_table(persons).await?;
        let mut by_subject = Index::create();
        by_subject
            .name("audit_person_subject")
            .table(Alias::new("audit_person"))
            .col(Alias::new("subject"))
            .col(Alias::new("number"));
        manager.create_index(by_subject).await?;
        // The chain.
        let mut batches = Table::create();
        batches
            .table(Alias::new("audit_batch"))
            .col(number("batch").not_null().primary_key())
            .col(number("first").not_null())
            .col(number("last").not_null())
            .col(&mut text("digest"));
        manager.create_table(batches).await
    }
}
