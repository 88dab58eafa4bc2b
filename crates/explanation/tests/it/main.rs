//! What the past says of an item, over a small recorded past.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod estimates;
mod past;
