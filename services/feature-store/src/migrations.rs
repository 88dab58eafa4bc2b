//! The shape of the tables, change by change.

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait::async_trait};

/// Brings a database to the present shape.
pub struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = store::migrations();
        migrations
            .push(Box::new(store::SqlMigration::new("feature_store_0001_facts", include_str!("migrations/facts.sql"))));
        migrations.push(Box::new(store::SqlMigration::new(
            "feature_store_0002_lodged",
            include_str!("migrations/lodged.sql"),
        )));
        migrations
            .push(Box::new(store::SqlMigration::new("feature_store_0003_cases", include_str!("migrations/cases.sql"))));
        migrations.push(Box::new(store::SqlMigration::new(
            "feature_store_0004_quality",
            include_str!("migrations/quality.sql"),
        )));
        migrations
    }
}
