//! Selection: value, prices, random stratum and channel. Pure: no clock, no randomness of its own, no I/O.

pub mod plan;

pub use plan::{CapacityPlan, PlanWeights};
