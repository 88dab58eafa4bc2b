//! What can fail, and the only mapping to a problem response.

use rest::Problem;
use store::StoreError;

use crate::draw_key::DrawKeyError;

/// A failed operation.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The database.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// A message that cannot be read. It belongs in the dead letters.
    #[error("a message cannot be read")]
    Message(#[from] events::DecodeError),
    /// Something that cannot be written as or read from JSON.
    #[error("{0} is not its JSON")]
    Json(&'static str, #[source] serde_json::Error),
    /// The secret of the draws.
    #[error("the secret of the draws cannot be had")]
    DrawKey(#[from] DrawKeyError),
    /// The settings.
    #[error("the setting {0} cannot work")]
    Setting(&'static str),
    /// No such record, or not for this caller.
    #[error("{0} does not exist")]
    NotFound(String),
    /// The artefact of a past decision, for an exact explanation.
    #[error("{0}")]
    Artefact(String),
    /// The online store, for an advisory score.
    #[error("the online store failed")]
    Online(#[from] online_store::OnlineStoreError),
}

impl From<sea_orm::DbErr> for ServiceError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match &error {
            ServiceError::NotFound(what) => {
                Self::new(actix_web::http::StatusCode::NOT_FOUND, "not-found", "There is no such resource")
                    .with_detail(format!("{what} does not exist"))
            }
            ServiceError::Store(store) if store.is_transient() => Self::overloaded(1),
            ServiceError::Online(_) => Self::overloaded(1),
            ServiceError::Artefact(why) => {
                tracing::warn!(why, "a decision cannot be explained exactly now");
                Self::overloaded(30)
            }
            _ => Self::internal(&error),
        }
    }
}
