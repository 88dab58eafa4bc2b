//! The tables this service owns, one file per change.

use sea_orm_migration::{MigrationTrait, MigratorTrait};
use store::SqlMigration;

/// Every change, the store's own tables first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = store::migrations();
        all.push(Box::new(SqlMigration::new(
            "controls_0001_controls",
            store::sql_files!("migrations", "controls.sql"),
        )));
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
