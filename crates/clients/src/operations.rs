//! Operating an installation: its domain clock and its queues.

use customs::Timestamp;
use serde::Deserialize;
use serde_json::json;

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
}
