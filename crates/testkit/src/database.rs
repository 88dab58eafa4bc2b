//! Databases and queues that vanish with their test.

use std::sync::Arc;

use lifecycle::{Metrics, ProcessClock};
use queue::{Deps, EmbeddedQueue};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use store::{Database, Settings};
use tempfile::TempDir;

use crate::driven_clock;

/// A database in a directory of its own, deleted when dropped. Used like a [`Database`].
#[derive(Debug)]
pub struct TestDatabase {
    db: Database,
    directory: TempDir,
}

impl TestDatabase {
    /// Where it is, to open it once more.
    pub fn settings(&self) -> Settings {
        Settings::file(self.directory.path().join("test.db"))
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
    let directory = tempfile::tempdir().expect("a temporary directory");
    let settings = Settings::file(directory.path().join("test.db"));
    let db = Database::open(&settings).await.expect("the database opens");
    db.migrate::<M>().await.expect("the tables are made");
    TestDatabase { db, directory }
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
