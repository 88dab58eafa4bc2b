//! Decisions without I/O and without a clock: what a filter, a list or a risk may be, who may put them in force, what a
//! plan may say, and whether a newly trained model is better.

pub mod approval;
pub mod card;
pub mod filter;
pub mod judgement;
pub mod list;
pub mod online;
pub mod plan;
pub mod risk;
pub mod training;

use serde::Serialize;

/// Something wrong in a request, with the JSON pointer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer.
    pub pointer: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, in words.
    pub message: String,
}

impl Fault {
    /// A code at `pointer` that reference data do not have.
    pub fn unknown_code(pointer: impl Into<String>, unknown: &risk_filters::UnknownCode) -> Self {
        let message = match &unknown.suggestion {
            Some(suggestion) => format!("{unknown}; did you mean {suggestion}?"),
            None => unknown.to_string(),
        };
        Self::new(pointer, "unknown-code", message)
    }

    /// A fault at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, message: message.into() }
    }
}

/// The wire name of a unit variant (`active`), for tables.
pub(crate) fn wire_name<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
