//! The service from outside: messages in, HTTP, events out.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod assignments;
mod contract;
mod erasing;
mod extraordinary;
mod messages;
mod results;
mod scans;
mod worklists;
mod world;
