//! A place for what a service under test keeps: a folder, and on `PostgreSQL` a schema, gone with the test.
//!
//! `AFORO_TEST_POSTGRES_URL` alone decides where databases are: set, every test that asks a [`Home`] for its store runs
//! on `PostgreSQL`; unset, on files of `SQLite`.

use std::path::Path;
use std::thread;

use sea_orm::ConnectionTrait;
use store::Settings;
use tempfile::TempDir;

/// The variable that names a database of `PostgreSQL` whose user may make schemas.
pub const POSTGRES: &str = "AFORO_TEST_POSTGRES_URL";

/// The URL in [`POSTGRES`], if it is set.
#[expect(clippy::disallowed_methods, reason = "which servers tests may use is the environment's to say")]
pub fn postgres_url() -> Option<String> {
    std::env::var(POSTGRES).ok().filter(|url| !url.is_empty())
}

/// A folder with a database, both gone when dropped.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
    /// The database of `PostgreSQL`, where that is what tests run on.
    url: Option<String>,
}

impl Home {
    /// An empty place, on the database that the environment names.
    #[expect(clippy::new_without_default, reason = "a place on the disk is no default value")]
    pub fn new() -> Self {
        Self::on(postgres_url())
    }

    /// An empty place on files alone.
    pub fn of_files() -> Self {
        Self::on(None)
    }

    /// An empty place on `PostgreSQL`, where the environment names one.
    pub fn of_postgres() -> Option<Self> {
        postgres_url().map(|url| Self::on(Some(url)))
    }

    fn on(url: Option<String>) -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary directory"), url }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The database, the same at every call.
    pub fn store(&self) -> Settings {
        let Some(url) = &self.url else { return Settings::file(self.path().join("test.db")) };
        Settings { schema: Some(self.schema()), ..Settings::new(url) }
    }

    /// Named after the folder, whose name is nobody else's.
    fn schema(&self) -> String {
        let name = self.path().file_name().unwrap_or_default().as_encoded_bytes();
        let hex = name.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        format!("test_{}_{hex}", std::process::id())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(url) = self.url.take() {
            let schema = self.schema();
            // A runtime of its own: the test's may be ending. What cannot be dropped is left behind.
            let dropping = thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.map(|runtime| runtime.block_on(drop_schema(&url, &schema)))
            });
            drop(dropping.join());
        }
    }
}

async fn drop_schema(url: &str, schema: &str) -> Result<(), sea_orm::DbErr> {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = sea_orm::Database::connect(options).await?;
    // Connections are named after their schema. Those that are left belong to a test that is over, and may hold locks.
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name =";
    let drop = format!("{end} '{schema}'; SET client_min_messages = 'error'; DROP SCHEMA IF EXISTS {schema} CASCADE");
    db.execute_unprepared(&drop).await?;
    db.close().await
}
