//! Model management as its callers and listeners see it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail a test like the tests themselves")]

mod cards;
mod contract;
mod filters;
mod lists;
mod mined;
mod plans;
mod replays;
mod risks;
mod rollouts;
mod support;
mod training;
