//! The service in process: events in through its stream, reports out through its routes.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod capacity;
mod contract;
mod delivery;
mod filters;
mod green;
mod novelty;
mod reports;
mod rollouts;
mod world;
