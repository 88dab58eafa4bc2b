//! What can go wrong when calling a service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One fault of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemError {
    /// JSON pointer to the place.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// What is wrong, in words.
    pub message: String,
}

/// A refusal (RFC 9457).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// What is wrong, the same words for every occurrence.
    #[serde(default)]
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Stable code.
    #[serde(default)]
    pub code: String,
    /// What is wrong this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Every fault that was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemError>,
    /// Seconds to wait before trying again.
    #[serde(default, rename = "retryAfter", skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// Everything else.
    #[serde(flatten)]
    pub more: BTreeMap<String, serde_json::Value>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.status, self.code, self.detail.as_deref().unwrap_or(&self.title))?;
        for error in self.errors.iter().take(3) {
            write!(f, "; {} {}", error.pointer, error.message)?;
        }
        Ok(())
    }
}

/// A call without the answer that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The base URL cannot be called.
    #[error("{url:?} cannot be called: {reason}")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The connection pool cannot be made.
    #[error(transparent)]
    Http(#[from] crate::http::HttpError),
    /// Nobody answered, or the connection broke.
    #[error("the service cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The service refused.
    #[error("refused: {0}")]
    Refused(Box<Problem>),
    /// The service answered something that is not its contract.
    #[error("the answer cannot be read")]
    Answer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A request that cannot be written as JSON.
    #[error("the request cannot be written")]
    Request(#[source] serde_json::Error),
}

impl ClientError {
    /// The refusal, if the service refused.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            _ => None,
        }
    }

    /// The stable code of the refusal.
    pub fn code(&self) -> Option<&str> {
        self.problem().map(|problem| problem.code.as_str())
    }

    /// The HTTP status of the refusal.
    pub fn status(&self) -> Option<u16> {
        self.problem().map(|problem| problem.status)
    }

    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused(problem) => matches!(problem.status, 429 | 502 | 503 | 504),
            _ => false,
        }
    }
}
