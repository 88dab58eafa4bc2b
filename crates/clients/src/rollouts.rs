//! Rollouts, the routing that they change, and what they have come to.

use rollout::{Approval, LetThrough, Outcome, Report, Routing, Scorer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::segment;
use crate::{Client, ClientError};

/// The epoch of a routing that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct RoutingEpoch {
    /// What scorers are to serve.
    pub epoch: u64,
}

impl Client {
    /// Asks for a rollout.
    pub async fn create_rollout(&self, rollout: &(impl Serialize + ?Sized)) -> Result<Value, ClientError> {
        self.post("/v1/rollouts", &[], rollout).await
    }

    /// Every rollout, latest first.
    pub async fn rollouts(&self) -> Result<Value, ClientError> {
        self.get("/v1/rollouts", &[]).await
    }

    /// A rollout with its history.
    pub async fn rollout(&self, name: &str) -> Result<Value, ClientError> {
        self.get(&format!("/v1/rollouts/{}", segment(name)), &[]).await
    }

    /// Says something to a rollout: `approvals`, `abort`, `retry`, `suspension`, `emergency`.
    pub async fn tell_rollout(&self, name: &str, what: &str, body: &Value) -> Result<Value, ClientError> {
        self.post(&format!("/v1/rollouts/{}/{}", segment(name), segment(what)), &[], body).await
    }

    /// The routing as it concerns a rollout in a direction (`in`, `out`).
    pub async fn trial(&self, name: &str, direction: &str) -> Result<Routing, ClientError> {
        let query = [("direction", Some(direction.to_owned()))];
        self.get(&format!("/v1/routing/trials/{}", segment(name)), &query).await
    }

    /// Changes what a candidate does.
    pub async fn route_trial(
        &self,
        name: &str,
        intent: &(impl Serialize + ?Sized),
    ) -> Result<RoutingEpoch, ClientError> {
        self.put(&format!("/v1/routing/trials/{}", segment(name)), intent).await
    }

    /// Puts on record what a person, the bearer of the token, said elsewhere.
    pub async fn record_approval(&self, name: &str, id: &str, approval: &Approval) -> Result<(), ClientError> {
        let path = format!("/v1/routing/trials/{}/approvals/{}", segment(name), segment(id));
        self.put::<Value>(&path, approval).await.map(|_| ())
    }

    /// The processes that decide, with the epochs that they serve.
    pub async fn scorers(&self) -> Result<Vec<Scorer>, ClientError> {
        self.get("/v1/scorers", &[]).await
    }

    /// What a rollout has come to since `from` (RFC 3339).
    pub async fn rollout_report(&self, name: &str, from: &str, outcome: &Outcome) -> Result<Report, ClientError> {
        let query = [
            ("from", Some(from.to_owned())),
            ("maturitySeconds", Some(outcome.maturity_seconds.to_string())),
            ("slowMs", Some(outcome.slow_ms.to_string())),
        ];
        self.get(&format!("/v1/reports/rollouts/{}", segment(name)), &query).await
    }

    /// What a candidate let through since `from` (RFC 3339).
    pub async fn rollout_let_through(&self, name: &str, from: &str) -> Result<Vec<LetThrough>, ClientError> {
        let query = [("from", Some(from.to_owned()))];
        self.get(&format!("/v1/reports/rollouts/{}/let-through", segment(name)), &query).await
    }
}
