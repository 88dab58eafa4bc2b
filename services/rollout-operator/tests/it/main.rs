//! The operator against a real API server, with a stand-in for the rest of the system. Without a cluster that can be
//! reached these tests say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests fail a test like the tests themselves"
)]

mod asked;
mod definitions;
mod many;
mod moving;
mod ports;
mod stand;
mod system;
