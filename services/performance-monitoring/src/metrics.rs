//! Every metric of this service. They count what this process has seen since it started; the reports count all.

use lifecycle::Metrics as Registry;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
};

/// Upper bounds of the latency histogram, in seconds.
const LATENCY: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 30.0, 300.0];

/// One label: which channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByChannel {
    /// green, orange or red.
    pub channel: String,
}

/// One label: which trigger.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByTrigger {
    /// Why the control was ordered.
    pub trigger: String,
}

/// One label: which table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByTable {
    /// routing, filters or capacity.
    pub table: String,
}

/// The metrics.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// Selections by channel.
    pub selections: Family<ByChannel, Counter>,
    /// Results that report a standing finding, by trigger.
    pub findings: Family<ByTrigger, Counter>,
    /// Results by trigger.
    pub results: Family<ByTrigger, Counter>,
    /// Seconds from receiving a declaration to its recorded channel.
    pub latency: Histogram,
    /// Epochs of the tables that decide.
    pub epochs: Family<ByTable, Gauge>,
}

impl Metrics {
    /// Registers them all.
    pub fn register(registry: &Registry) -> Self {
        let metrics = Self {
            selections: Family::default(),
            findings: Family::default(),
            results: Family::default(),
            latency: Histogram::new(LATENCY),
            epochs: Family::default(),
        };
        registry.register("monitoring", |registry| {
            registry.register("selections", "Selections by channel", metrics.selections.clone());
            registry.register("findings", "Results with a standing finding by trigger", metrics.findings.clone());
            registry.register("results", "Results of controls by trigger", metrics.results.clone());
            registry.register(
                "time_to_channel_seconds",
                "From receiving a declaration to its recorded channel",
                metrics.latency.clone(),
            );
            registry.register("epoch", "Epoch of a table that decides", metrics.epochs.clone());
        });
        metrics
    }
}
