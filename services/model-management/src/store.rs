//! Entities and queries of the tables this service owns.

pub mod cards;
pub mod epochs;
pub mod erasure;
pub mod filters;
pub mod lists;
pub mod models;
pub mod plans;
pub mod replays;
pub mod risks;
pub mod rollouts;
pub mod runs;
pub mod trials;

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use crate::ManagementError;

/// A time as the tables keep it.
pub(crate) fn time(micros: i64) -> Result<Timestamp, ManagementError> {
    Timestamp::from_microsecond(micros).map_err(|error| ManagementError::Unreadable(error.to_string()))
}

/// A state, kind or direction that the tables kept by its wire name.
pub(crate) fn from_name<T: DeserializeOwned>(name: &str) -> Result<T, ManagementError> {
    serde_json::from_value(serde_json::Value::String(name.to_owned()))
        .map_err(|error| ManagementError::Unreadable(error.to_string()))
}

/// A record as the tables keep it.
pub(crate) fn to_text<T: Serialize>(value: &T) -> Result<String, ManagementError> {
    serde_json::to_string(value).map_err(|error| ManagementError::Unreadable(error.to_string()))
}

/// A record that the tables kept.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, ManagementError> {
    serde_json::from_str(text).map_err(|error| ManagementError::Unreadable(error.to_string()))
}
