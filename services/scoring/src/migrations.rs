//! The shape of the tables, change by change.

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait::async_trait};

/// Brings a database to the present shape.
pub struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = store::migrations();
        migrations.push(Box::new(store::SqlMigration::new(
            "scoring_0001_selections",
            include_str!("migrations/0001_selections.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "scoring_0002_explanation",
            include_str!("migrations/0002_explanation.sql"),
        )));
        migrations
    }
}
