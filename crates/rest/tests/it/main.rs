//! The conventions as callers see them.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod contract;
mod ndjson;
mod oidc;
mod rates;
mod refusals;
mod sample;
mod server;
mod tls;
