//! The audit trail: who did what on which object and when, so that nobody can change it afterwards unseen.
//!
//! Owns the records, which are chained by hash in the batches in which they were written. Who and on what stand apart,
//! behind a salted hash: erasing a person takes both away and leaves the chain whole. What is recorded is for the
//! documents to say ([`rest::audit`]); what an act changed is in the tables of the service that carried it out.

mod api;
mod chain;
mod error;
mod ledger;
mod migrations;
mod store;
mod verify;

pub use api::{openapi, routes};
pub use error::AuditError;
pub use ledger::Ledger;
pub use verify::{Fault, Verdict};
