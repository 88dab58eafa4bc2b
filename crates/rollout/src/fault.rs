//! What is wrong with a specification, and where.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{at}: {message}")]
pub struct Fault {
    /// Where: `steps[2].weightPercent`.
    #[schema(example = "steps[2].weightPercent")]
    pub at: String,
    /// What, and what to do.
    #[schema(example = "is less than that of the step before; weights only rise")]
    pub message: String,
}

impl Fault {
    /// A fault at a place.
    pub fn new(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self { at: at.into(), message: message.into() }
    }
}
