//! What can go wrong, and what callers are told of it.

use declaration_formats::quality::files::ReferenceError;
use rest::Problem;
use sea_orm::DbErr;
use store::StoreError;

/// A failure of the service itself; refusals are problems from the start.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum IntakeError {
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// Something that cannot be written as JSON: a defect.
    #[error("cannot be written as JSON: {0}")]
    Json(String),
    /// A stored value that is not what was written.
    #[error("stored {0} cannot be read")]
    Unreadable(String),
    /// The operating system gives no randomness.
    #[error("no randomness: {0}")]
    Randomness(String),
    /// Webhooks cannot be called, or made.
    #[error("webhooks: {0}")]
    Webhooks(String),
    /// The committer is gone.
    #[error("the committer stopped")]
    Stopped,
}

impl From<DbErr> for IntakeError {
    fn from(error: DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<serde_json::Error> for IntakeError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error.to_string())
    }
}

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Self {
        match &error {
            IntakeError::Store(store) if store.is_transient() => {
                tracing::warn!(cause = %store, "refused for the moment");
                Self::overloaded(2)
            }
            IntakeError::Stopped => Self::overloaded(5),
            _ => Self::internal(&error),
        }
    }
}

/// A service that cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Its database cannot be opened or migrated.
    #[error("the database of declaration-intake")]
    Store(#[from] StoreError),
    /// A file of reference data cannot be used.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// What it remembers cannot be read.
    #[error("what declaration-intake remembers")]
    Remembered(#[source] Box<dyn std::error::Error + Send + Sync>),
}
