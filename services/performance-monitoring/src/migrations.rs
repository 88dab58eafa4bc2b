//! The shape of the tables, change by change.

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait::async_trait};

/// Brings a database to the present shape.
pub struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = store::migrations();
        migrations.push(Box::new(store::SqlMigration::new(
            "performance_monitoring_0001_read_models",
            include_str!("migrations/monitoring.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "performance_monitoring_0002_filter_statistics",
            include_str!("migrations/filters.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "performance_monitoring_0003_novelty",
            include_str!("migrations/novelty.sql"),
        )));
        migrations
    }
}
