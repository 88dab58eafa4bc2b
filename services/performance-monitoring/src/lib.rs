//! Performance monitoring: what the selection reaches, measured from the events of the others.
//!
//! Keeps one narrow row per declaration and per control and answers reports from them. It decides nothing and calls
//! nobody; a report is reproducible from the events alone. Rates that speak of what was *not* examined come from the
//! random stratum only, by the logged probability, with their interval, or not at all.

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
pub use app::{
    channels::{ChannelsReport, OfficeMonth},
    filters::{FilterDetail, FilterMonth, FilterStatistics, MatchView, Overlap, Verdicts},
    findings::{FilterLine, FindingsReport},
    green::{GreenReport, StratumRate},
    release::{ReleaseLine, ReleaseReport},
    summary::SummaryReport,
};
pub use error::ServiceError;
pub use migrations::Migrator;
pub use service::Service;
pub use settings::Settings;
