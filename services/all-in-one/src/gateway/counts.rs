//! What the gateway counts: what it passed on, how long the answer took to begin, and how often it had to ask again.

use std::time::Duration;

use actix_web::http::StatusCode;
use events::Service;
use lifecycle::Metrics;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};

/// Where a request went, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    /// `none` for a path that no service has.
    service: &'static str,
    status: u16,
}

/// The counts.
#[derive(Clone)]
pub struct Counts {
    requests: Family<Labels, Counter>,
    again: Counter,
    seconds: Histogram,
}

impl Counts {
    /// Registers them.
    pub fn register(metrics: &Metrics) -> Self {
        let counts = Self {
            requests: Family::default(),
            again: Counter::default(),
            // From a quarter of a millisecond to eight seconds.
            seconds: Histogram::new(exponential_buckets(0.000_25, 2.0, 16)),
        };
        metrics.register("gateway", |registry| {
            registry.register("requests", "Requests passed on, by service and status", counts.requests.clone());
            registry.register(
                "requests_again",
                "Requests sent again to a service that took none",
                counts.again.clone(),
            );
            registry.register("answer_seconds", "Time until an answer began", counts.seconds.clone());
        });
        counts
    }

    /// A request was answered with `status` after `took`.
    pub fn answered(&self, service: Option<Service>, status: StatusCode, took: Duration) {
        let labels = Labels { service: service.map_or("none", Service::as_str), status: status.as_u16() };
        self.requests.get_or_create(&labels).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// A request is sent again.
    pub fn again(&self) {
        self.again.inc();
    }
}
