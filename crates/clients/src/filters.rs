//! What surrounds filters: statistics, replays, proposals, lists and the risk register.

use customs::FilterId;
use serde::Serialize;
use serde_json::{Value, json};

use crate::client::segment;
use crate::{Client, ClientError};

impl Client {
    /// A page of the statistics of filters.
    pub async fn filter_statistics(&self, after: Option<&str>) -> Result<Value, ClientError> {
        let query = [("after", after.map(str::to_owned)), ("limit", Some("500".to_owned()))];
        self.get("/v1/filters/statistics", &query).await
    }

    /// The statistics of one filter in detail.
    pub async fn filter_statistics_of(&self, code: &str) -> Result<Value, ClientError> {
        self.get(&format!("/v1/filters/statistics/{}", segment(code)), &[]).await
    }

    /// Tries a filter over the past: `{version?, from?, until?}`.
    pub async fn replay_filter(&self, id: FilterId, replay: &Value) -> Result<Value, ClientError> {
        self.post(&format!("/v1/filters/{id}/replay"), &[], replay).await
    }

    /// A replay: its progress, and its result when it is done.
    pub async fn filter_replay(&self, id: &str) -> Result<Value, ClientError> {
        self.get(&format!("/v1/filters/replays/{}", segment(id)), &[]).await
    }

    /// Breaks a replay off.
    pub async fn cancel_filter_replay(&self, id: &str) -> Result<Value, ClientError> {
        self.post(&format!("/v1/filters/replays/{}/cancellation", segment(id)), &[], &json!({})).await
    }

    /// Searches the past for filters: `{from?, until?, …}`.
    pub async fn propose_filters(&self, search: &(impl Serialize + ?Sized)) -> Result<Value, ClientError> {
        self.post("/v1/filters/proposals", &[], search).await
    }

    /// A search for filters: its progress, and what it proposes when it is done.
    pub async fn filter_proposals(&self, id: &str) -> Result<Value, ClientError> {
        self.get(&format!("/v1/filters/proposals/{}", segment(id)), &[]).await
    }

    /// Adds a risk to the register.
    pub async fn create_risk(&self, risk: &(impl Serialize + ?Sized)) -> Result<Value, ClientError> {
        self.post("/v1/risks", &[], risk).await
    }

    /// Writes a new version of a risk.
    pub async fn put_risk(&self, code: &str, risk: &(impl Serialize + ?Sized)) -> Result<Value, ClientError> {
        self.put(&format!("/v1/risks/{}", segment(code)), risk).await
    }

    /// Closes a risk.
    pub async fn close_risk(&self, code: &str) -> Result<Value, ClientError> {
        self.delete(&format!("/v1/risks/{}", segment(code))).await
    }

    /// What covers each risk.
    pub async fn risk_coverage(&self) -> Result<Value, ClientError> {
        self.get("/v1/risks/coverage", &[]).await
    }

    /// Drafts a list that filters may name.
    pub async fn create_list(&self, list: &(impl Serialize + ?Sized)) -> Result<Value, ClientError> {
        self.post("/v1/lists", &[], list).await
    }

    /// Drafts a new version of a list.
    pub async fn create_list_version(
        &self,
        name: &str,
        content: &(impl Serialize + ?Sized),
    ) -> Result<Value, ClientError> {
        self.post(&format!("/v1/lists/{}/versions", segment(name)), &[], content).await
    }

    /// Approves a version of a list: two different people must.
    pub async fn approve_list(&self, name: &str, approval: &Value) -> Result<Value, ClientError> {
        self.post(&format!("/v1/lists/{}/approvals", segment(name)), &[], approval).await
    }

    /// Looks at what is on a list, for a reason that is recorded.
    pub async fn look_at_list(&self, name: &str, reason: &str) -> Result<Value, ClientError> {
        self.get(&format!("/v1/lists/{}/entries", segment(name)), &[("reason", Some(reason.to_owned()))]).await
    }
}
