//! The service in process: accepted declarations in through its stream, decisions out through outbox and routes.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod beside;
mod contract;
mod deciding;
mod degraded;
mod delivery;
mod explaining;
mod filling;
mod raising;
mod reading;
mod tables;
mod trials;
mod verifying;
mod world;
