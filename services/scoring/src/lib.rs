//! Scoring: decides the channel of every accepted declaration version, at once, and records why.
//!
//! Owns the selections and what offices remember between decisions. It never lowers a channel that was told, never
//! decides the past (`history`), and never stands still: without model or features it decides by filters and the
//! plan's fail-safe. Filters, models and plans belong to model-management; features to the feature store.

mod api;
mod app;
mod domain;
mod draw_key;
mod error;
mod metrics;
mod migrations;
mod service;
mod settings;
mod store;
mod worker;

pub use api::openapi;
pub use app::artefacts::{ArtefactSource, HttpArtefactSource, SourceError};
pub use app::cases::{CaseError, CaseQuestion, CaseSource, HttpCaseSource};
pub use error::ServiceError;
pub use explanation::{ItemCases, PastCase};
pub use migrations::Migrator;
pub use service::Service;
pub use settings::Settings;
