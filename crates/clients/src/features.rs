//! Features and training sets.

use customs::DeclarationId;
use serde_json::Value;

use crate::{Client, ClientError};

impl Client {
    /// The feature vectors of a declaration, by name.
    pub async fn features(&self, id: DeclarationId) -> Result<Value, ClientError> {
        self.get(&format!("/v1/features/{id}"), &[]).await
    }

    /// A training set: `{direction, asOf, from?}`.
    pub async fn training_set(&self, request: &Value) -> Result<Value, ClientError> {
        self.post("/v1/training-sets", &[], request).await
    }

    /// The features there are.
    pub async fn feature_catalogue(&self) -> Result<Value, ClientError> {
        self.get("/v1/catalogue", &[]).await
    }
}
