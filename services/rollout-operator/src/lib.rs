//! The operator: moves models on Kubernetes by the planner of crate `rollout`, and scales scoring per port.
//!
//! Owns the custom resources and what it makes of them; decides nothing about models that the planner does not decide,
//! and speaks to the system through its HTTP interfaces alone. Everything it does is observed, planned, written down as
//! an intent, and only then done.

mod conditions;
mod context;
#[allow(clippy::doc_markdown, reason = "comments become descriptions for kubectl explain, where backticks are noise")]
pub mod crd;
mod error;
mod lease;
mod metrics;
mod observe;
mod ports;
mod rollouts;
mod service;
mod settings;
mod show;
mod version;

pub use error::OperatorError;
pub use service::Operator;
pub use settings::{LeaseSettings, ScalingSettings, Settings};
