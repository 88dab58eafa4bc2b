//! Declarations: accepted, stored as received, announced; and the channels that are told about them.
//!
//! Owns declarations with their versions, the identity that makes lodging idempotent, arrivals and releases, and the
//! durable feed of channels. Decides nothing: channels come from `declaration.selected`, or are the fail-safe when none
//! comes in time. Tells channel and orders, never reasons.

mod api;
mod app;
mod domain;
mod error;
mod metrics;
mod migrations;
mod service;
mod settings;
mod store;
mod worker;

pub use error::ServiceError;
pub use migrations::Migrator;
pub use service::{Service, openapi};
pub use settings::{Settings, WebhookSettings};
