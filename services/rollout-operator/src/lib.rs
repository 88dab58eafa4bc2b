//! The operator: moves models on Kubernetes by the planner of crate `rollout`, and scales scoring per port.
//!
//! Owns the custom resources and what it makes of them; decides nothing about models that the planner does not decide,
//! and speaks to the system through its HTTP interfaces alone. Everything it does is observed, planned, written down as
//! an intent, and only then done.

pub mod crd;
