//! `SQLite`: one connection that writes, a few that read.
//!
//! It admits one writer at a time. Queueing for the one writing connection in the process is cheaper and fairer than
//! letting several fail with "busy", so every transaction starts as a writing one.

use std::str::FromStr;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, DatabaseConnection};

use super::STATEMENTS;
use crate::StoreError;

/// How many connections read at the same time.
const READERS: u32 = 2;
/// How long a connection waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a caller waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
/// Rows that a connection hands over before its reader has taken the first: a batch, so that the two threads do not wait
/// for each other in turns.
const ROWS_AHEAD: usize = 256;
/// Pages after which the write-ahead log is folded into the file (4 KiB each).
const CHECKPOINT_PAGES: &str = "4000";

/// The writing and the reading connections.
pub(super) async fn open(
    url: &str,
    refuse: impl Fn(String) -> StoreError,
) -> Result<(DatabaseConnection, DatabaseConnection), StoreError> {
    let in_memory = url == "sqlite::memory:" || url.contains("mode=memory");
    let file = SqliteConnectOptions::from_str(url).map_err(|error| refuse(error.to_string()))?;
    if !in_memory && let Some(directory) = file.get_filename().parent() {
        std::fs::create_dir_all(directory).map_err(|error| refuse(error.to_string()))?;
    }
    let writer = connect(url, 1, false).await?;
    let reader = if in_memory { writer.clone() } else { connect(url, READERS, true).await? };
    Ok((writer, reader))
}

async fn connect(url: &str, connections: u32, read_only: bool) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
                .statement_cache_capacity(STATEMENTS)
                .row_buffer_size(ROWS_AHEAD)
                .pragma("temp_store", "memory")
                .pragma("cache_size", if read_only { "-4096" } else { "-8192" })
                .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
                .pragma("query_only", if read_only { "on" } else { "off" })
        });
    Ok(sea_orm::Database::connect(options).await?)
}
