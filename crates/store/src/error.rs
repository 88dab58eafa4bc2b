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
            DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner) => match sqlite_code(inner) {
                // The low byte is the primary result code: BUSY 5, LOCKED 6; IOERR 10, FULL 13, CANTOPEN 14.
                Some(5 | 6) => Self::Busy(error),
                Some(10 | 13 | 14) => Self::Disk(error),
                _ => Self::Database(error),
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

fn sqlite_code(error: &RuntimeErr) -> Option<u32> {
    let RuntimeErr::SqlxError(error) = error else { return None };
    let sqlx::Error::Database(error) = &**error else { return None };
    error.code()?.parse::<u32>().ok().map(|code| code & 0xff)
}
