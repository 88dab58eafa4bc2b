//! The tables of the trail. A released change is never edited.

use sea_orm_migration::{MigrationTrait, MigratorTrait};
use store::SqlMigration;

/// Brings the tables to the shape that this program needs.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(SqlMigration::new("audit_0001_trail", store::sql_files!("migrations", "0001_trail.sql")))]
    }
}

#[cfg(test)]
mod tests {
    use super::Migrator;

    #[tokio::test]
    async fn tables_are_the_same_on_both_databases() {
        testkit::tables_are_the_same_on_both::<Migrator>().await;
    }
}
