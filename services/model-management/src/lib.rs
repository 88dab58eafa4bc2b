//! Model management: filters, models and capacity plans, who approved them, and which of them decide.
//!
//! Everything here changes rarely, is approved by people or by recorded evidence, and leaves as a whole: each change
//! raises an epoch and publishes all filters, all plans or all routes in force. It decides about no declaration and
//! sees none; training sets come from the feature store over HTTP.

mod api;
mod app;
pub mod domain;
mod error;
mod metrics;
mod migrations;
mod service;
mod settings;
mod store;
mod worker;

pub use api::openapi;
pub use app::source::{
    EvidenceSource, FilterFigures, HistorySource, SourceError, Sources, StatisticsSource, TrainingSource, Wanted,
};
pub use error::ManagementError;
pub use migrations::Migrator;
pub use service::{Service, ServiceError};
pub use settings::{
    Candidate, CodeTables, Driver, FilterSettings, InvalidCandidates, RolloutSettings, Settings, TrainingSettings,
};
