//! Every metric of this service.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;

/// What is counted.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// Facts added to the log.
    pub facts: Counter,
    /// Vectors kept.
    pub vectors: Counter,
    /// Labels kept.
    pub labels: Counter,
    /// The sequence that the online store has applied.
    pub sequence: Gauge,
    /// Imported results that wait for the time at which they were known.
    pub waiting: Gauge,
}

impl Metrics {
    /// Registers all of them.
    pub fn register(metrics: &lifecycle::Metrics) -> Self {
        metrics.register("feature_store", |registry| {
            let own = Self::default();
            registry.register("facts", "Facts added to the log", own.facts.clone());
            registry.register("vectors", "Served vectors kept, by declaration version", own.vectors.clone());
            registry.register("labels", "Labels kept, by item and result version", own.labels.clone());
            registry.register("sequence", "Sequence of the log that is applied online", own.sequence.clone());
            registry.register("waiting", "Imported results that are not known yet", own.waiting.clone());
            own
        })
    }
}
