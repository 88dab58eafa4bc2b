//! What can go wrong with a database, told apart by what the caller does next.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// A failed operation on a database.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another connection holds the database, or it is out of reach: trying again later may succeed.
    #[error("the database is busy or out of reach")]
    Busy(#[source] DbErr),
    /// A row with the same key exists.
    #[error("a row with the same key exists")]
    Unique(#[source] DbErr),
    /// A row that this one refers to does not exist, or is still referred to.
    #[error("a reference between rows would break")]
    Reference(#[source] DbErr),
    /// The disk is full or fails.
    #[error("the disk is full or failing")]
    Disk(#[source] DbErr),
    /// The URL does not name a database that this program can open.
    #[error("{url:?} is not a database: {reason}")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Months are set for a table that keeps everything, or none are left.
    #[error("keep_months: {table:?} cannot be kept for so many months; one or more may be set for: {known}")]
    Retention {
        /// What was set.
        table: String,
        /// The tables that may forget.
        known: String,
    },
    /// The tables cannot be brought to the shape that this program needs.
    #[error("migrating the tables failed")]
    Migration(#[source] DbErr),
    /// A stored value does not have the shape that was written: the file was changed from outside.
    #[error("stored {what} cannot be read: {reason}")]
    Unreadable {
        /// Which value.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A text is longer than a row can hold.
    #[error(transparent)]
    TooLong(#[from] crate::places::TooLong),
    /// Anything else: a defect of the program.
    #[error("the database refuses the operation")]
    Database(#[source] DbErr),
}

impl StoreError {
    /// Whether the same operation may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Disk(_))
    }

    /// Whether a row with the same key exists.
    pub fn is_unique(&self) -> bool {
        matches!(self, Self::Unique(_))
    }

    /// Whether `error` or one of its sources is a [`StoreError`] or [`DbErr`] that may succeed later.
    pub fn any_transient(error: &(dyn std::error::Error + 'static)) -> bool {
        std::iter::successors(Some(error), |error| error.source()).any(|error| {
            error.downcast_ref::<Self>().is_some_and(Self::is_transient)
                || error.downcast_ref::<DbErr>().is_some_and(|error| Self::from(error.clone()).is_transient())
        })
    }

    pub(crate) fn unreadable(what: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Unreadable { what, reason: reason.to_string() }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => return Self::Unique(error),
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => return Self::Reference(error),
            _ => {}
        }
        match &error {
            DbErr::ConnectionAcquire(_) => Self::Busy(error),
            DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner) => match cause(inner) {
                Cause::Busy => Self::Busy(error),
                Cause::Disk => Self::Disk(error),
                Cause::Defect => Self::Database(error),
            },
            _ => Self::Database(error),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::from(DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error))))
    }
}

/// What a caller can do about it.
enum Cause {
    Busy,
    Disk,
    Defect,
}

fn cause(error: &RuntimeErr) -> Cause {
    let RuntimeErr::SqlxError(error) = error else { return Cause::Defect };
    match &**error {
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                postgres_cause(&code)
            } else {
                sqlite_cause(&code)
            }
        }
        // The connection broke, or none could be had.
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => Cause::Busy,
        _ => Cause::Defect,
    }
}

/// The low byte is the primary result code: BUSY 5, LOCKED 6; IOERR 10, FULL 13, CANTOPEN 14.
fn sqlite_cause(code: &str) -> Cause {
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(5 | 6) => Cause::Busy,
        Ok(10 | 13 | 14) => Cause::Disk,
        _ => Cause::Defect,
    }
}

/// Classes: 08 connections, 40 rolled back for others' sake, 53 resources (53100 the disk), 57P0 the server stops or
/// starts; 25P03 idle too long in a transaction, 55P03 a lock that was not to be had, 58030 input or output.
fn postgres_cause(code: &str) -> Cause {
    match code {
        "53100" | "58030" => Cause::Disk,
        "25P03" | "55P03" => Cause::Busy,
        _ if ["08", "40", "53", "57P0"].iter().any(|class| code.starts_with(class)) => Cause::Busy,
        _ => Cause::Defect,
    }
}
