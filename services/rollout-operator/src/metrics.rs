//! Every metric of the operator.

use lifecycle::Metrics as Registry;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
};

/// One label: the kind of resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByKind {
    /// `ModelRollout`, `ModelVersion`, `PortWorkload`.
    pub kind: String,
}

/// Two labels: the kind of resource, and of failure.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByFailure {
    /// The kind of resource.
    pub kind: String,
    /// What failed.
    pub failure: String,
}

/// One label: the rollout.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByRollout {
    /// Its name.
    pub rollout: String,
}

/// The metrics; cloning shares them.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// Reconciliations by kind.
    pub reconciliations: Family<ByKind, Counter>,
    /// Failures by kind of resource and of failure.
    pub failures: Family<ByFailure, Counter>,
    /// Writes to the API server, by kind.
    pub writes: Family<ByKind, Counter>,
    /// Seconds that a reconciliation took.
    pub duration: Histogram,
    /// The epoch that scorers serve, by rollout.
    pub epoch: Family<ByRollout, Gauge>,
    /// When a rollout was last looked after without failure (Unix seconds).
    pub last_success: Family<ByRollout, Gauge>,
    /// 1 while the lease is held.
    pub lease: Gauge,
}

impl Metrics {
    /// Registers them all.
    pub fn register(registry: &Registry) -> Self {
        let metrics = Self {
            reconciliations: Family::default(),
            failures: Family::default(),
            writes: Family::default(),
            duration: Histogram::new([0.005, 0.02, 0.1, 0.5, 2.0, 10.0]),
            epoch: Family::default(),
            last_success: Family::default(),
            lease: Gauge::default(),
        };
        registry.register("rollout_operator", |registry| {
            registry.register("reconciliations", "Reconciliations by kind", metrics.reconciliations.clone());
            registry.register("failures", "Failed reconciliations by kind", metrics.failures.clone());
            registry.register("writes", "Writes to the API server by kind", metrics.writes.clone());
            registry.register("duration_seconds", "Time of a reconciliation", metrics.duration.clone());
            registry.register("epoch", "Routing epoch that scorers serve", metrics.epoch.clone());
            let last = metrics.last_success.clone();
            registry.register("last_success_timestamp_seconds", "When a rollout was last looked after", last);
            registry.register("lease_held", "1 while this process acts", metrics.lease.clone());
        });
        metrics
    }

    /// Counts a write.
    pub fn wrote(&self, kind: &str) {
        self.writes.get_or_create(&ByKind { kind: kind.to_owned() }).inc();
    }
}
