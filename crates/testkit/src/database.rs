//! Databases and queues that vanish with their test.

use std::collections::BTreeSet;
use std::sync::Arc;

use lifecycle::{Metrics, ProcessClock};
use queue::{Deps, EmbeddedQueue};
use sea_orm::ConnectionTrait;
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use store::{Database, Settings, Sql};

use crate::{Home, driven_clock};

/// A database of its own, deleted when dropped. Used like a [`Database`].
#[derive(Debug)]
pub struct TestDatabase {
    db: Database,
    home: Home,
}

impl TestDatabase {
    /// Where it is, to open it once more.
    pub fn settings(&self) -> Settings {
        self.home.store()
    }
}

impl std::ops::Deref for TestDatabase {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.db
    }
}

/// A database with the tables of `M`.
pub async fn database<M: MigratorTrait>() -> TestDatabase {
    database_in::<M>(Home::new()).await
}

/// The same in this place.
pub async fn database_in<M: MigratorTrait>(home: Home) -> TestDatabase {
    let db = Database::open(&home.store()).await.expect("the database opens");
    db.migrate::<M>().await.expect("the tables are made");
    TestDatabase { db, home }
}

/// A database with outbox and inbox alone.
pub async fn messaging_database() -> TestDatabase {
    database::<MessagingTables>().await
}

/// Makes the tables of `store` and nothing else.
#[derive(Debug)]
pub struct MessagingTables;

impl MigratorTrait for MessagingTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        store::migrations()
    }
}

/// What a service is built with: a driven clock at [`noon`](crate::noon), a queue in memory, an empty metrics registry.
pub async fn deps() -> Deps {
    let queue = EmbeddedQueue::open("sqlite::memory:").await.expect("a queue in memory opens");
    Deps {
        clock: driven_clock(),
        process_clock: ProcessClock::default(),
        queue: Arc::new(queue),
        metrics: Metrics::new(),
    }
}

/// Panics unless `M` makes the same tables with the same columns, of which the same may be absent, on both databases.
/// Does nothing where the environment names no `PostgreSQL`.
pub async fn tables_are_the_same_on_both<M: MigratorTrait>() {
    let Some(home) = Home::of_postgres() else { return };
    let sqlite = "SELECT m.name || '.' || c.name || CASE WHEN c.\"notnull\" OR c.pk THEN ' NOT NULL' ELSE '' END \
        FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name <> 'sqlite_sequence'";
    let postgres = "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END \
        FROM information_schema.columns c WHERE table_schema = current_schema() AND NOT EXISTS \
        (SELECT 1 FROM pg_inherits i WHERE i.inhrelid = (quote_ident(c.table_name))::regclass)";
    let columns = async |home: Home| {
        let db = database_in::<M>(home).await;
        let rows = db.reader().query_all_raw(Sql { sqlite, postgres }.on(db.reader(), [])).await;
        let rows = rows.expect("the columns are told");
        rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect::<BTreeSet<String>>()
    };
    assert_eq!(columns(Home::of_files()).await, columns(home).await);
}
