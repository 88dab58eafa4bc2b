//! The tables of this service, after those of messaging. A released change is never edited.

use sea_orm_migration::{MigrationTrait, MigratorTrait};
use store::SqlMigration;

/// Brings the tables to the shape that this program needs.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = store::migrations();
        migrations.push(Box::new(SqlMigration::new(
            "intake_0001_declarations",
            include_str!("migrations/0001_declarations.sql"),
        )));
        migrations
            .push(Box::new(SqlMigration::new("intake_0002_controls", include_str!("migrations/0002_controls.sql"))));
        migrations
    }
}
