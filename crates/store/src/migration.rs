//! Changes of tables, as SQL texts with a name.
//!
//! A change that programs of the version before cannot live with is made in two: a release that only adds (and writes both
//! shapes), and a later one that takes away. So the program before can still start beside the new one: it leaves alone
//! what it does not know.

use std::collections::HashSet;

use async_trait::async_trait;
use lifecycle::ProcessClock;
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait};
use sea_orm_migration::seaql_migrations::{ActiveModel, Entity};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};

use crate::Sql;

/// On `PostgreSQL`: makes the schema of the connection unless it is there.
const MAKE_SCHEMA: &str = "DO $$ BEGIN IF current_schema() IS NULL THEN \
     EXECUTE format('CREATE SCHEMA %I', current_setting('search_path')); END IF; END $$";

/// A change of tables, written as SQL. Once released it is never edited: the next change is a new one.
#[derive(Clone, Copy, Debug)]
pub struct SqlMigration {
    name: &'static str,
    sql: Sql,
}

impl SqlMigration {
    /// The statements `sql` (separated by semicolons) under a `name` that is unique in the database.
    pub const fn new(name: &'static str, sql: Sql) -> Self {
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
        let text = self.sql.text(manager.get_database_backend());
        manager.get_connection().execute_unprepared(text).await.map(|_| ())
    }
}

/// The tables of this crate. Every service's migrator begins with them.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(SqlMigration::new("store_0001_messaging", crate::sql_files!("migration", "messaging.sql")))]
}

/// Makes, within `tx`, the changes of `M` that the tables have not seen.
pub(crate) async fn apply<M: MigratorTrait>(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(MAKE_SCHEMA).await?;
    }
    M::install(tx).await?;
    let made = Entity::find().all(tx).await?;
    let made: HashSet<&str> = made.iter().map(|row| row.version.as_str()).collect();
    let manager = SchemaManager::new(tx);
    for change in M::migrations() {
        if made.contains(change.name()) {
            continue;
        }
        change.up(&manager).await?;
        let applied_at = ProcessClock::default().unix_ms() / 1_000;
        let row = ActiveModel { version: Set(change.name().to_owned()), applied_at: Set(applied_at) };
        Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}
