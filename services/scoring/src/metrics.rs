//! Every metric of this service. They count what this process has done since it started.

use lifecycle::Metrics as Registry;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
};

use crate::domain::record::Epochs;
use crate::store::tables as stored;

/// One label: which channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByChannel {
    /// green, orange or red.
    pub channel: String,
}

/// One label: which table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByTable {
    /// routing, filters or capacity.
    pub table: String,
}

/// The metrics.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// Selections by channel.
    pub selections: Family<ByChannel, Counter>,
    /// Selections decided without model or features.
    pub degraded: Counter,
    /// Tables of a lower epoch than the one in force.
    pub refused_epochs: Family<ByTable, Counter>,
    /// Epochs in force.
    pub epochs: Family<ByTable, Gauge>,
    /// Model artefacts that could not be fetched or loaded.
    pub artefact_failures: Counter,
}

impl Metrics {
    /// Registers them all.
    pub fn register(registry: &Registry) -> Self {
        let metrics = Self::default();
        registry.register("scoring", |registry| {
            registry.register("selections", "Selections by channel", metrics.selections.clone());
            registry.register("degraded", "Selections without model or features", metrics.degraded.clone());
            registry.register("refused_epochs", "Tables of a lower epoch, refused", metrics.refused_epochs.clone());
            registry.register("epoch", "Epoch of a table that decides", metrics.epochs.clone());
            registry.register(
                "artefact_failures",
                "Artefacts that could not be fetched or loaded",
                metrics.artefact_failures.clone(),
            );
        });
        metrics
    }

    /// Counts a table that was refused for its epoch.
    pub fn refuse_epoch(&self, table: &str) {
        self.refused_epochs.get_or_create(&ByTable { table: table.to_owned() }).inc();
    }

    /// Shows the epoch in force.
    pub fn show_epoch(&self, table: &str, epoch: u64) {
        self.epochs.get_or_create(&ByTable { table: table.to_owned() }).set(epoch as i64);
    }

    /// Shows all epochs in force.
    pub fn show_epochs(&self, epochs: Epochs) {
        self.show_epoch(stored::ROUTING, epochs.routing);
        self.show_epoch(stored::FILTERS, epochs.filters);
        self.show_epoch(stored::CAPACITY, epochs.capacity);
    }

    /// Counts a selection.
    pub fn count(&self, selection: &customs::Selection) {
        self.selections.get_or_create(&ByChannel { channel: selection.channel.as_str().to_owned() }).inc();
        if selection.degraded {
            self.degraded.inc();
        }
    }
}
