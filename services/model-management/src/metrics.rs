//! Every metric of this service.

use lifecycle::Metrics;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge};

/// What a training is counted under.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct TrainingLabels {
    /// `in` or `out`.
    pub direction: String,
    /// `promoted`, `kept`, `skipped` or `failed`.
    pub outcome: String,
}

/// The counters; cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// Filter changes recorded in the audit trail.
    pub filter_changes: Counter,
    /// Emergency orders given.
    pub emergency_orders: Counter,
    /// Emergency orders in force.
    pub emergencies_in_force: Gauge,
    /// Looks at lists.
    pub list_looks: Counter,
    /// Looks at lists that were refused.
    pub list_looks_refused: Counter,
    /// Declarations that filters were tried over.
    pub replayed: Counter,
    /// Trainings by direction and outcome.
    pub trainings: Family<TrainingLabels, Counter>,
}

impl Counters {
    /// Registers every metric under `model_management_`.
    pub fn register(metrics: &Metrics) -> Self {
        let counters = Self::default();
        metrics.register("model_management", |registry| {
            registry.register("filter_changes", "Filter changes recorded", counters.filter_changes.clone());
            registry.register("emergency_orders", "Emergency orders given", counters.emergency_orders.clone());
            registry.register(
                "emergencies_in_force",
                "Filters in force by emergency order",
                counters.emergencies_in_force.clone(),
            );
            registry.register("list_looks", "Looks at lists", counters.list_looks.clone());
            registry.register("list_looks_refused", "Looks at lists refused", counters.list_looks_refused.clone());
            registry.register("replayed", "Declarations that filters were tried over", counters.replayed.clone());
            registry.register("trainings", "Trainings run", counters.trainings.clone());
        });
        counters
    }
}
