//! The tables this service owns, one file per change.

use sea_orm_migration::{MigrationTrait, MigratorTrait};
use store::SqlMigration;

/// Every change, the store's own tables first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = store::migrations();
        all.push(Box::new(SqlMigration::new(
            "models_0001_management",
            store::sql_files!("migrations", "0001_management.sql"),
        )));
        let lists = store::sql_files!("migrations", "0002_risks_and_lists.sql");
        all.push(Box::new(SqlMigration::new("models_0002_risks_and_lists", lists)));
        all.push(Box::new(SqlMigration::new(
            "models_0003_replays",
            store::sql_files!("migrations", "0003_replays.sql"),
        )));
        all.push(Box::new(SqlMigration::new("models_0004_cards", store::sql_files!("migrations", "0004_cards.sql"))));
        let rollouts = store::sql_files!("migrations", "0005_rollouts.sql");
        all.push(Box::new(SqlMigration::new("models_0005_rollouts", rollouts)));
        let provenance = store::sql_files!("migrations", "0006_provenance.sql");
        all.push(Box::new(SqlMigration::new("models_0006_provenance", provenance)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::Migrator;

    #[actix_web::test]
    async fn tables_are_the_same_on_both_databases() {
        testkit::tables_are_the_same_on_both::<Migrator>().await;
    }
}
