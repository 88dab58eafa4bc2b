//! What can fail, and the only mapping to a problem response.

use features::UnreadableFact;
use online_store::OnlineStoreError;
use rest::Problem;
use store::StoreError;

/// A failed operation.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The database.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The online store.
    #[error("the online store failed")]
    Online(#[from] OnlineStoreError),
    /// A message that cannot be read. It belongs in the dead letters.
    #[error("a message cannot be read")]
    Message(#[from] events::DecodeError),
    /// A message with a vector that is none.
    #[error("the vector of item {0} cannot be read")]
    Vector(u32),
    /// A fact of the log that cannot be read: the file was changed from outside.
    #[error("the fact at {sequence} cannot be read")]
    Fact {
        /// Where it stands.
        sequence: u64,
        /// What is wrong with it.
        source: UnreadableFact,
    },
    /// A stored value that was changed from outside.
    #[error("a stored {0} cannot be read")]
    Stored(&'static str),
    /// Rows that cannot be written as JSON.
    #[error("rows cannot be written")]
    Rows(#[from] serde_json::Error),
    /// Nothing was served for the declaration.
    #[error("no vector was served for declaration {0}")]
    NotServed(customs::DeclarationId),
    /// The declaration is not in the log, or not in this version.
    #[error("declaration {0} was not lodged")]
    NotLodged(customs::DeclarationId),
}

impl ServiceError {
    /// Whether the online store is out of reach or out of step, which passes.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Online(error) if error.is_passing())
    }

    /// Whether the online store has to be filled again.
    pub fn wants_filling(&self) -> bool {
        use OnlineStoreError::{Elsewhere, Empty, Unreadable};
        matches!(self, Self::Online(Elsewhere { .. } | Empty | Unreadable(_)))
    }
}

impl From<sea_orm::DbErr> for ServiceError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match &error {
            ServiceError::NotServed(id) => Self::not_found(format!("a served vector of declaration {id}")),
            ServiceError::NotLodged(id) => Self::not_found(format!("declaration {id} in this version")),
            ServiceError::Store(store) if store.is_transient() => Self::overloaded(1),
            _ => Self::internal(&error),
        }
    }
}
