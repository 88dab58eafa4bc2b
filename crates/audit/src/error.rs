//! What can go wrong with the trail.

use rest::Problem;
use sea_orm::DbErr;
use store::StoreError;

/// A failure of the trail.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Its database.
    #[error("the database of the audit trail")]
    Store(#[from] StoreError),
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes: {0}")]
    Randomness(String),
    /// The writer is gone.
    #[error("the audit trail is no longer written")]
    Stopped,
}

impl From<DbErr> for AuditError {
    fn from(error: DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        match &error {
            AuditError::Store(store) if store.is_transient() => Self::overloaded(2),
            AuditError::Stopped => Self::overloaded(5),
            _ => Self::internal(&error),
        }
    }
}
