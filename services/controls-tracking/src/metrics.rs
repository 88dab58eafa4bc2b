//! Every metric of this service.

use customs::{Control, Method, ResultStage};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use crate::domain::names;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ordered {
    method: &'static str,
    basis: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Resulted {
    method: &'static str,
    stage: &'static str,
}

/// The counters. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct ControlsMetrics {
    ordered: Family<Ordered, Counter>,
    resulted: Family<Resulted, Counter>,
    withdrawn: Counter,
    linked: Counter,
}

impl ControlsMetrics {
    /// The counters, registered as `controls_tracking_…`.
    pub fn register(metrics: &lifecycle::Metrics) -> Self {
        let counters = Self::default();
        metrics.register("controls_tracking", |registry| {
            registry.register("controls_ordered", "Controls opened", counters.ordered.clone());
            registry.register("results_recorded", "Versions of results recorded", counters.resulted.clone());
            registry.register("controls_withdrawn", "Controls withdrawn", counters.withdrawn.clone());
            registry.register("controls_linked", "Controls linked to a declaration later", counters.linked.clone());
        });
        counters
    }

    pub(crate) fn ordered(&self, control: &Control) {
        let labels = Ordered { method: names::method(control.order.method), basis: names::basis(control.basis) };
        self.ordered.get_or_create(&labels).inc();
    }

    pub(crate) fn resulted(&self, method: Method, stage: ResultStage) {
        let labels = Resulted { method: names::method(method), stage: names::stage(stage) };
        self.resulted.get_or_create(&labels).inc();
    }

    pub(crate) fn withdrawn(&self, count: usize) {
        self.withdrawn.inc_by(count as u64);
    }

    pub(crate) fn linked(&self, count: usize) {
        self.linked.inc_by(count as u64);
    }
}
