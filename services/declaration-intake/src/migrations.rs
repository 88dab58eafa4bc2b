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
            store::sql_files!("migrations", "0001_declarations.sql"),
        )));
        migrations.push(Box::new(SqlMigration::new(
            "intake_0002_controls",
            store::sql_files!("migrations", "0002_controls.sql"),
        )));
        migrations.push(Box::new(SqlMigration::new(
            "intake_0003_webhooks",
            store::sql_files!("migrations", "0003_webhooks.sql"),
        )));
        migrations.push(Box::new(SqlMigration::new(
            "intake_0004_erasures",
            store::sql_files!("migrations", "0004_erasures.sql"),
        )));
        migrations
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
