//! The feature store: what was known, when it was known, and what a model saw of it.
//!
//! Keeps the log of facts, applies it to the online store that scoring reads, and keeps every served vector beside the
//! labels that controls establish later. A training set is what was served, labelled as known at a time; nothing is
//! computed a second time. It decides nothing.

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

pub use api::{
    catalogue::{CatalogueView, FeatureView},
    features::{ItemFeatures, ServedFeatures},
    history::{HistoryExtent, HistoryFeatures, HistoryItem, HistoryLine},
    openapi,
    quality::{QualityFormat, QualityLine, QualityReport},
    training_sets::{TrainingSetRequest, TrainingSetView},
};
pub use app::rebuild::{Comparison, compare, refill};
pub use error::ServiceError;
pub use migrations::Migrator;
pub use service::Service;
pub use settings::Settings;
