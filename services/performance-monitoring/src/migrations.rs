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
            store::sql_files!("migrations", "monitoring.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "performance_monitoring_0002_filter_statistics",
            store::sql_files!("migrations", "filters.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "performance_monitoring_0003_novelty",
            store::sql_files!("migrations", "novelty.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "performance_monitoring_0004_trials",
            store::sql_files!("migrations", "trials.sql"),
        )));
        migrations.push(Box::new(store::SqlMigration::new(
            "performance_monitoring_0005_filters_in_force",
            store::sql_files!("migrations", "filters_in_force.sql"),
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
