//! Every metric of this service.

use lifecycle::Metrics;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};

/// What is counted.
#[derive(Clone, Debug)]
pub(crate) struct IntakeMetrics {
    pub(crate) accepted: Counter,
    pub(crate) known: Counter,
    pub(crate) conflicts: Counter,
    pub(crate) overloaded: Counter,
    pub(crate) batch_size: Histogram,
    pub(crate) told: Counter,
    pub(crate) superseded: Counter,
    pub(crate) fail_safe: Counter,
    pub(crate) webhook_entries: Counter,
    pub(crate) webhook_failures: Counter,
    pub(crate) webhook_dead_letters: Counter,
}

impl IntakeMetrics {
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let measures = Self {
            accepted: Counter::default(),
            known: Counter::default(),
            conflicts: Counter::default(),
            overloaded: Counter::default(),
            batch_size: Histogram::new(exponential_buckets(1.0, 2.0, 10)),
            told: Counter::default(),
            superseded: Counter::default(),
            fail_safe: Counter::default(),
            webhook_entries: Counter::default(),
            webhook_failures: Counter::default(),
            webhook_dead_letters: Counter::default(),
        };
        metrics.register("intake", |registry| {
            registry.register("declarations_accepted", "Declaration versions stored", measures.accepted.clone());
            registry.register("declarations_known", "Declarations sent again", measures.known.clone());
            registry.register("declarations_conflicting", "Declarations refused with 409", measures.conflicts.clone());
            let overloaded = measures.overloaded.clone();
            registry.register("declarations_overloaded", "Declarations of a full office, refused with 503", overloaded);
            registry.register("batch_size", "Declarations per transaction", measures.batch_size.clone());
            registry.register("channels_told", "Entries of the feed", measures.told.clone());
            registry.register("selections_superseded", "Decisions that were not told", measures.superseded.clone());
            registry.register("channels_fail_safe", "Fail-safe channels told", measures.fail_safe.clone());
            registry.register("webhook_entries", "Entries told by webhook", measures.webhook_entries.clone());
            registry.register("webhook_failures", "Deliveries that failed", measures.webhook_failures.clone());
            registry.register("webhook_dead_letters", "Entries put aside", measures.webhook_dead_letters.clone());
        });
        measures
    }
}
