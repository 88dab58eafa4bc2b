//! What was served for a declaration.

use customs::DeclarationId;

use crate::ServiceError;
use crate::store::read::{self, Served};

/// The vectors that the highest version of a declaration was decided with.
pub async fn served(database: &::store::Database, declaration: DeclarationId) -> Result<Served, ServiceError> {
    read::served(database.reader(), declaration).await?.ok_or(ServiceError::NotServed(declaration))
}
