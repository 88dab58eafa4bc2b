//! What the service promises, from outside: through its stream and its routes.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod cases;
mod contract;
mod erasing;
mod history;
mod learning;
mod past;
mod quality;
mod replay;
mod world;
