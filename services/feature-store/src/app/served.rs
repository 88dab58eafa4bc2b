//! What was served for a declaration.

use customs::{DeclarationId, Direction};
use features::{contract, vector_from_bytes};

use crate::ServiceError;
use crate::store::read::{self, Served};

/// The vectors that the highest version of a declaration was decided with.
pub async fn served(database: &::store::Database, declaration: DeclarationId) -> Result<Served, ServiceError> {
    read::served(database.reader(), declaration).await?.ok_or(ServiceError::NotServed(declaration))
}

/// A vector to see what values look like.
#[derive(Debug, Default)]
pub struct Example {
    /// When its declaration was decided, microseconds; none before anything was served.
    pub decided_at: Option<i64>,
    /// Its values in the order of the contract.
    pub values: Vec<f32>,
}

/// What was served for the first item of the latest declaration, of imports where there are any.
pub async fn example(database: &::store::Database) -> Result<Example, ServiceError> {
    for direction in [Direction::In, Direction::Out] {
        if let Some((decided_at, bytes)) = read::latest(database.reader(), direction, &contract().hash).await? {
            let width = contract().names.len() * 4;
            let first = bytes.get(..width).and_then(vector_from_bytes).ok_or(ServiceError::Stored("vector"))?;
            return Ok(Example { decided_at: Some(decided_at), values: first });
        }
    }
    Ok(Example::default())
}
