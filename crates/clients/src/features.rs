//! Features and training sets.

use customs::{DeclarationId, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Client, ClientError};

impl Client {
    /// The feature vectors of a declaration, by name.
    pub async fn features(&self, id: DeclarationId) -> Result<Value, ClientError> {
        self.get(&format!("/v1/features/{id}"), &[]).await
    }

    /// A training set: `{direction, asOf, from?, decidedBefore?, latestRows?}`. Read straight into what the caller makes
    /// of it: it may be large.
    pub async fn training_set<T: DeserializeOwned>(&self, request: &Value) -> Result<T, ClientError> {
        self.post("/v1/training-sets", &[], request).await
    }

    /// Past cases like these items of a declaration, `limit` of them per item, known before a moment.
    pub async fn similar_cases(
        &self,
        (declaration, version): (DeclarationId, u32),
        items: &[u32],
        before: Timestamp,
        limit: u32,
    ) -> Result<Value, ClientError> {
        let items: Vec<String> = items.iter().map(u32::to_string).collect();
        let query = [
            ("declaration", Some(declaration.to_string())),
            ("version", Some(version.to_string())),
            ("items", (!items.is_empty()).then(|| items.join(","))),
            ("before", Some(before.to_string())),
            ("limit", Some(limit.to_string())),
        ];
        self.get("/v1/cases/similar", &query).await
    }

    /// The features there are.
    pub async fn feature_catalogue(&self) -> Result<Value, ClientError> {
        self.get("/v1/catalogue", &[]).await
    }
}
