//! Filters, capacity plans, training runs, models and routing.

use bytes::Bytes;
use customs::{FilterId, ModelVersionId, OfficeCode};
use serde::Serialize;
use serde_json::Value;

use crate::client::segment;
use crate::{Client, ClientError};

impl Client {
    /// Drafts a filter.
    pub async fn create_filter(&self, filter: &(impl Serialize + ?Sized)) -> Result<Value, ClientError> {
        self.post("/v1/filters", &[], filter).await
    }

    /// A page of filters.
    pub async fn filters(&self, after: Option<&str>) -> Result<Value, ClientError> {
        self.get("/v1/filters", &[("after", after.map(str::to_owned))]).await
    }

    /// Drafts a new version of a filter.
    pub async fn create_filter_version(
        &self,
        id: FilterId,
        version: &(impl Serialize + ?Sized),
    ) -> Result<Value, ClientError> {
        self.post(&format!("/v1/filters/{id}/versions"), &[], version).await
    }

    /// Approves a filter version: two different people must.
    pub async fn approve_filter(&self, id: FilterId, approval: &Value) -> Result<Value, ClientError> {
        self.post(&format!("/v1/filters/{id}/approvals"), &[], approval).await
    }

    /// Puts a filter in force at once, for a limited time.
    pub async fn force_filter(&self, id: FilterId, emergency: &Value) -> Result<Value, ClientError> {
        self.post(&format!("/v1/filters/{id}/emergency"), &[], emergency).await
    }

    /// Checks a filter without storing it.
    pub async fn check_filter(&self, filter: &(impl Serialize + ?Sized)) -> Result<Value, ClientError> {
        self.post("/v1/filters/check", &[], filter).await
    }

    /// The fields that filters may use.
    pub async fn filter_catalogue(&self) -> Result<Value, ClientError> {
        self.get("/v1/filter-catalogue", &[]).await
    }

    /// Sets an office's capacity plan.
    pub async fn put_capacity_plan(
        &self,
        office: &OfficeCode,
        plan: &(impl Serialize + ?Sized),
    ) -> Result<Value, ClientError> {
        self.put(&format!("/v1/capacity-plans/{}", segment(office.as_str())), plan).await
    }

    /// Sets the capacity plans of many offices.
    pub async fn put_capacity_plans(&self, plans: &(impl Serialize + ?Sized)) -> Result<Value, ClientError> {
        self.put("/v1/capacity-plans", plans).await
    }

    /// An office's capacity plan.
    pub async fn capacity_plan(&self, office: &OfficeCode) -> Result<Value, ClientError> {
        self.get(&format!("/v1/capacity-plans/{}", segment(office.as_str())), &[]).await
    }

    /// Starts a training run.
    pub async fn start_training(&self, run: &Value) -> Result<Value, ClientError> {
        self.post("/v1/training-runs", &[], run).await
    }

    /// A page of training runs.
    pub async fn training_runs(&self, after: Option<&str>) -> Result<Value, ClientError> {
        self.get("/v1/training-runs", &[("after", after.map(str::to_owned))]).await
    }

    /// The models with their versions.
    pub async fn models(&self) -> Result<Value, ClientError> {
        self.get("/v1/models", &[]).await
    }

    /// One model version.
    pub async fn model_version(&self, id: ModelVersionId) -> Result<Value, ClientError> {
        self.get(&format!("/v1/model-versions/{id}"), &[]).await
    }

    /// The artefact with this digest.
    pub async fn artefact(&self, digest: &str) -> Result<Bytes, ClientError> {
        self.get_bytes(&format!("/v1/model-versions/{}/artefact", segment(digest))).await
    }

    /// Hash of the feature contract that is served.
    pub async fn feature_contract(&self) -> Result<String, ClientError> {
        let features: Value = self.get("/v1/models/features", &[]).await?;
        Ok(features["contract"].as_str().unwrap_or_default().to_owned())
    }

    /// Which version decides for what.
    pub async fn routing(&self) -> Result<Value, ClientError> {
        self.get("/v1/routing", &[]).await
    }
}
