//! Changes of tables, as SQL texts with a name.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// A change of tables, written as SQL. Once released it is never edited: the next change is a new one.
#[derive(Clone, Copy, Debug)]
pub struct SqlMigration {
    name: &'static str,
    sql: &'static str,
}

impl SqlMigration {
    /// The statements `sql` (separated by semicolons) under a `name` that is unique in the database.
    pub const fn new(name: &'static str, sql: &'static str) -> Self {
        Self { name, sql }
    }
}

impl MigrationName for SqlMigration {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for SqlMigration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.sql).await.map(|_| ())
    }
}

/// The tables of this crate. Every service's migrator begins with them.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(SqlMigration::new("store_0001_messaging", include_str!("migration/messaging.sql")))]
}
