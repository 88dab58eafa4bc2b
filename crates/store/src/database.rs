//! Opening a database: one connection that writes, a few that read.
//!
//! `SQLite` admits one writer at a time. Queueing for the one writing connection in the process is cheaper and fairer than
//! letting several fail with "busy", so every transaction starts as a writing one. What is committed is on the disk.

use std::str::FromStr;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::{Settings, StoreError};

/// How many connections read at the same time.
const READERS: u32 = 2;
/// How long a connection waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a caller waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
/// Prepared statements kept per connection.
const STATEMENTS: usize = 256;
/// Rows that a connection hands over before its reader has taken the first: a batch, so that the two threads do not wait
/// for each other in turns.
const ROWS_AHEAD: usize = 256;
/// Pages after which the write-ahead log is folded into the file (4 KiB each).
const CHECKPOINT_PAGES: &str = "4000";

/// An open database. Cloning shares the connections.
///
/// In memory there is a single connection: reading through [`reader`](Self::reader) while a transaction is open waits
/// for that transaction. Read through the transaction instead; on files that is also the consistent way.
#[derive(Clone, Debug)]
pub struct Database {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
}

impl Database {
    /// Opens the database that `settings` name, creating the file and its directory when they are absent.
    pub async fn open(settings: &Settings) -> Result<Self, StoreError> {
        let url = &settings.url;
        let refuse = |reason: String| StoreError::Url { url: url.clone(), reason };
        if !url.starts_with("sqlite:") {
            return Err(refuse("only sqlite: is supported".to_owned()));
        }
        let in_memory = url == "sqlite::memory:" || url.contains("mode=memory");
        let file = SqliteConnectOptions::from_str(url).map_err(|error| refuse(error.to_string()))?;
        if !in_memory && let Some(directory) = file.get_filename().parent() {
            std::fs::create_dir_all(directory).map_err(|error| refuse(error.to_string()))?;
        }
        let writer = connect(url, 1, false).await?;
        let reader = if in_memory { writer.clone() } else { connect(url, READERS, true).await? };
        Ok(Self { writer, reader })
    }

    /// Brings the tables to the shape that `M` describes, in one transaction.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        M::up(&tx, None).await.map_err(StoreError::Migration)?;
        tx.commit().await.map_err(StoreError::Migration)
    }

    /// For reading only, outside any transaction. Sees what is committed.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Starts a writing transaction; waits while another is open. Dropping it undoes it.
    pub async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }

    /// The writing connection, for a single statement that is its own transaction.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Closes every connection, after the open transactions. The file can then be opened by another process.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.reader.close_by_ref().await?;
        Ok(self.writer.close_by_ref().await?)
    }
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
                .pragma("cache_size", if read_only { "-4096" } else { "-16384" })
                .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
                .pragma("query_only", if read_only { "on" } else { "off" })
        });
    Ok(sea_orm::Database::connect(options).await?)
}
