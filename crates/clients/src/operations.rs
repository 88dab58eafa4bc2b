//! Operating an installation: its domain clock and its queues.

use customs::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Client, ClientError};

/// The domain clock.
#[derive(Deserialize)]
struct ClockView {
    now: Timestamp,
}

/// Unfinished work of one stream.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamDepth {
    /// The stream (`scoring/0`).
    pub stream: String,
    /// Messages not yet acknowledged.
    pub unfinished: u64,
    /// Dead letters.
    pub dead: u64,
}

/// Offices whose declarations are decided apart from all others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shard {
    /// The number of their stream (`scoring/3`), from 1 on.
    pub shard: u16,
    /// The offices by their codes.
    #[serde(default)]
    pub offices: Vec<String>,
    /// And all whose code begins so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

impl Client {
    /// Domain time.
    pub async fn clock(&self) -> Result<Timestamp, ClientError> {
        self.get::<ClockView>("/v1/clock", &[]).await.map(|view| view.now)
    }

    /// Moves a driven domain clock.
    pub async fn advance_clock(&self, to: Timestamp) -> Result<(), ClientError> {
        self.put::<ClockView>("/v1/clock", &json!({ "now": to })).await.map(|_| ())
    }

    /// Unfinished work of every stream.
    pub async fn queues(&self) -> Result<Vec<StreamDepth>, ClientError> {
        self.get("/v1/queues", &[]).await
    }

    /// The first records of the audit trail of what `subject` did by `operation`.
    pub async fn audit(&self, subject: &str, operation: &str) -> Result<Value, ClientError> {
        let query = [("subject", Some(subject.to_owned())), ("operation", Some(operation.to_owned()))];
        self.get("/v1/audit", &query).await
    }

    /// Offices that were given streams of their own.
    pub async fn shards(&self) -> Result<Vec<Shard>, ClientError> {
        self.get("/v1/shards", &[]).await
    }

    /// Gives offices streams of their own, instead of those that were given before.
    pub async fn put_shards(&self, shards: &[Shard]) -> Result<Vec<Shard>, ClientError> {
        self.put("/v1/shards", shards).await
    }
}
