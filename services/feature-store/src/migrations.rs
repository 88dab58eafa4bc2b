//! The shape of the tables, change by change.

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait::async_trait};

/// Brings a database to the present shape.
pub struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = store::migrations();
        migrations.push(Box::new(store::SqlMigration::new(
            "feature_store_0001_facts",
            store::sql_files!("migrations", "facts.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "feature_store_0002_lodged",
            store::sql_files!("migrations", "lodged.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "feature_store_0003_cases",
            store::sql_files!("migrations", "cases.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "feature_store_0004_quality",
            store::sql_files!("migrations", "quality.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "feature_store_0005_compression",
            store::sql_files!("migrations", "compression.sql"),
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
