//! Selections and advisory scores.

use customs::{Declaration, DeclarationId, Selection, SelectionId};
use serde_json::Value;

use crate::{Client, ClientError};

impl Client {
    /// What would be decided, without deciding it.
    pub async fn score(&self, declaration: &Declaration) -> Result<Value, ClientError> {
        self.post("/v1/scores", &[], declaration).await
    }

    /// A page of decision records.
    pub async fn selections(&self, after: Option<&str>, limit: Option<u32>) -> Result<Value, ClientError> {
        let query = [("after", after.map(str::to_owned)), ("limit", limit.map(|limit| limit.to_string()))];
        self.get("/v1/selections", &query).await
    }

    /// One decision record.
    pub async fn selection(&self, id: SelectionId) -> Result<Selection, ClientError> {
        self.get(&format!("/v1/selections/{id}"), &[]).await
    }

    /// Takes a decision again: `equal`, or what differs.
    pub async fn verify_selection(&self, id: SelectionId) -> Result<Value, ClientError> {
        self.get(&format!("/v1/selections/{id}/verification"), &[]).await
    }

    /// Takes decisions again, and tells those that are not equal.
    pub async fn verify_selections(&self, after: Option<&str>, limit: Option<u32>) -> Result<Value, ClientError> {
        let query = [("after", after.map(str::to_owned)), ("limit", limit.map(|limit| limit.to_string()))];
        self.get("/v1/selections/verification", &query).await
    }

    /// Why it was decided so, and what a finding would be; with exact contributions where asked for.
    pub async fn explanation(&self, id: SelectionId, exact: bool) -> Result<Value, ClientError> {
        let query = [("exact", exact.then(|| "true".to_owned()))];
        self.get(&format!("/v1/selections/{id}/explanation"), &query).await
    }

    /// The explanation of the last decision about a declaration.
    pub async fn declaration_explanation(&self, id: DeclarationId) -> Result<Value, ClientError> {
        self.get(&format!("/v1/declarations/{id}/explanation"), &[]).await
    }

    /// The decision records of a declaration.
    pub async fn declaration_selections(&self, id: DeclarationId) -> Result<Value, ClientError> {
        self.get(&format!("/v1/declarations/{id}/selections"), &[]).await
    }
}
