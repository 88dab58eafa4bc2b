//! Opening a database: connections that write, and connections that only read.
//!
//! The transactions of one service take turns, on `SQLite` by its single writing connection, on `PostgreSQL` by a lock of
//! the schema, also across processes. So reading before writing needs no further lock, and whatever is numbered within
//! a transaction (outbox, feeds) is committed in the order of its numbers. What is committed is on the disk.

mod postgres;
mod sqlite;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::hot_postgres::{TAKE_LONG_TURN, TAKE_TURN};
use crate::{Settings, Sql, StoreError, migration};

/// Prepared statements kept per connection.
const STATEMENTS: usize = 256;

/// An open database. Cloning shares the connections.
///
/// In memory there is a single connection: reading through [`reader`](Self::reader) while a transaction is open waits
/// for that transaction. Read through the transaction instead; elsewhere that is also the consistent way.
#[derive(Clone, Debug)]
pub struct Database {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
}

impl Database {
    /// Opens the database that `settings` name. A file and its directory are created when they are absent; a database of
    /// `PostgreSQL` must exist.
    pub async fn open(settings: &Settings) -> Result<Self, StoreError> {
        let refuse = |reason: String| StoreError::Url { url: settings.shown_url(), reason };
        let (writer, reader) = match settings.url.split_once(':') {
            Some(("sqlite", _)) => sqlite::open(&settings.url, refuse).await?,
            Some(("postgres" | "postgresql", _)) => postgres::open(settings, refuse).await?,
            _ => return Err(refuse("a database begins with sqlite: or postgres:".to_owned())),
        };
        Ok(Self { writer, reader })
    }

    /// Brings the tables to the shape that `M` describes, in one transaction; of several programs that do so at the same
    /// time one does, and the others find it done. Tables that a later program has changed already are left as they are.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), StoreError> {
        let tx = self.turn(TAKE_LONG_TURN).await?;
        migration::apply::<M>(&tx).await.map_err(StoreError::Migration)?;
        tx.commit().await.map_err(StoreError::Migration)
    }

    /// For reading only, outside any transaction. Sees what is committed.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Starts a writing transaction; waits while another is open. Dropping it undoes it.
    pub async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        self.turn(TAKE_TURN).await
    }

    /// A connection that writes, for a single statement that is its own transaction.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Closes every connection, after the open transactions. Another process can then open the file.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.reader.close_by_ref().await?;
        Ok(self.writer.close_by_ref().await?)
    }

    async fn turn(&self, turn: &'static str) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = self.writer.begin_with_options(options).await?;
        if tx.get_database_backend() == DbBackend::Postgres {
            tx.execute_raw(Sql::both(turn).on(&tx, [])).await?;
        }
        Ok(tx)
    }
}
