//! The tables this service owns, one file per change.

use sea_orm_migration::{MigrationTrait, MigratorTrait};
use store::SqlMigration;

/// Every change, the store's own tables first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = store::migrations();
        all.push(Box::new(SqlMigration::new("models_0001_management", include_str!("migrations/0001_management.sql"))));
        let lists = include_str!("migrations/0002_risks_and_lists.sql");
        all.push(Box::new(SqlMigration::new("models_0002_risks_and_lists", lists)));
        all.push(Box::new(SqlMigration::new("models_0003_replays", include_str!("migrations/0003_replays.sql"))));
        all.push(Box::new(SqlMigration::new("models_0004_cards", include_str!("migrations/0004_cards.sql"))));
        all
    }
}
