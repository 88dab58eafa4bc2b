//! What can fail, and the only mapping to a problem response.

use evidence::EvidenceError;
use rest::Problem;
use store::StoreError;

/// A failed operation.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The database.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// A message that cannot be read. It belongs in the dead letters.
    #[error("a message cannot be read")]
    Message(#[from] events::DecodeError),
    /// Rows that cannot be written as JSON.
    #[error("rows cannot be written")]
    Rows(#[from] serde_json::Error),
    /// A stored value that was changed from outside.
    #[error("a stored {0} cannot be read")]
    Stored(&'static str),
    /// A period that ends before it begins, or a time that is none.
    #[error("{0}")]
    Period(String),
    /// A stored probability that is none.
    #[error("the evidence is not sound")]
    Evidence(#[from] EvidenceError),
}

impl From<sea_orm::DbErr> for ServiceError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match &error {
            ServiceError::Period(text) => {
                Self::bad_request("query-invalid", "The query cannot be understood").with_detail(text.clone())
            }
            ServiceError::Store(store) if store.is_transient() => Self::overloaded(1),
            _ => Self::internal(&error),
        }
    }
}
