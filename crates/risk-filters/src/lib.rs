//! Risk filters: an analyst's multi-variable condition that orders a control. Check, compile, match.

pub mod definition;

pub use definition::{FilterAction, FilterDefinition, FilterScope, FilterState};
