//! Controls and what they established: one record for every control, whoever ordered it.
//!
//! Opens the controls that selections order, hands them to officers at random, takes results in versions, and brings
//! scanner images and extraordinary controls into the same record. It never selects, never scores, and never tells an
//! officer why a control was ordered.

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

pub use api::openapi;
pub use error::ControlsError;
pub use migrations::Migrator;
pub use service::{Service, ServiceError};
pub use settings::Settings;
