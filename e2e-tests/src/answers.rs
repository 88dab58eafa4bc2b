//! Requests as bytes and answers as they came: for what no well-behaved client would send.

use anyhow::Context;
use serde_json::Value;

/// An answer: status, media type, body.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Media type.
    pub media_type: String,
    /// The body; null when it is not JSON.
    pub body: Value,
}

impl Answer {
    /// The answer to `request`.
    pub async fn to(request: reqwest::RequestBuilder) -> anyhow::Result<Self> {
        let response = request.send().await.context("nobody answers")?;
        let status = response.status().as_u16();
        let media_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
        let media_type = media_type.unwrap_or_default().to_owned();
        let bytes = response.bytes().await.context("the answer breaks off")?;
        Ok(Self { status, media_type, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }

    /// The stable code of the problem; empty when it is none.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The places the problem points to.
    pub fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().filter_map(|error| error["pointer"].as_str()).collect()
    }

    /// Whether it is a refusal of the request in the one shape of every refusal.
    pub fn is_refusal(&self) -> bool {
        (400..500).contains(&self.status)
            && self.media_type.starts_with("application/problem+json")
            && self.body["status"] == self.status
            && !self.code().is_empty()
    }
}
