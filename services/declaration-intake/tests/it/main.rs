//! The service as its callers see it, in process, over HTTP on a free port.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

mod amending;
mod beside;
mod broken;
mod bulk;
mod contract;
mod dates;
mod discreet;
mod erasing;
mod history;
mod lodging;
mod moving;
mod overload;
mod refusing;
mod telling;
mod webhooks;
mod world;
