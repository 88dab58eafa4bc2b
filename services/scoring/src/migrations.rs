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
            store::sql_files!("migrations", "0001_selections.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "scoring_0002_explanation",
            store::sql_files!("migrations", "0002_explanation.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "scoring_0003_scorers",
            store::sql_files!("migrations", "0003_scorers.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "scoring_0004_basis",
            store::sql_files!("migrations", "0004_basis.sql"),
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
