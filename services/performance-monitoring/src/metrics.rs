//! Every metric of this service: counters of what this process has seen since it started, and the reports' figures over
//! the latest days.

use std::sync::atomic::AtomicU64;

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

/// One label: which kind of finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByKind {
    /// Kind of finding.
    pub kind: String,
}

/// One label: which currency.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByCurrency {
    /// ISO 4217.
    pub currency: String,
}

/// A figure that has a fraction.
type Real = Gauge<f64, AtomicU64>;

/// The reports' figures over the latest days; not a number where they cannot be told.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Green non-compliance rate: estimate.
    pub green: Real,
    /// Its lower end.
    pub green_low: Real,
    /// Its upper end.
    pub green_high: Real,
    /// Share of offences that no physical examination met.
    pub undetected: Real,
    /// Findings per physical examination.
    pub finding_rate: Real,
    /// The same by trigger.
    pub rate_by_trigger: Family<ByTrigger, Real>,
    /// Share of incoming declarations decided before arrival.
    pub pre_arrival: Real,
    /// Examinations beyond plan and carry.
    pub overruns: Gauge,
    /// Mandatory examinations beyond the plan.
    pub over_plan: Gauge,
    /// Largest capacity error of an office-month.
    pub capacity_error: Real,
    /// Additional duty that stands, by currency.
    pub duty: Family<ByCurrency, Real>,
    /// Seizures by kind of finding.
    pub seizures: Family<ByKind, Gauge>,
    /// Median hours from lodgement to release, by channel.
    pub release: Family<ByChannel, Real>,
}

impl Figures {
    /// Registers them all.
    pub fn register(registry: &Registry) -> Self {
        let figures = Self::default();
        registry.register("monitoring", |registry| {
            let reals = [
                ("green_non_compliance", "Estimated green non-compliance rate", &figures.green),
                ("green_non_compliance_low", "Lower end of its 95 % interval", &figures.green_low),
                ("green_non_compliance_high", "Upper end of its 95 % interval", &figures.green_high),
                ("undetected_share", "Estimated share of offences that no examination met", &figures.undetected),
                ("finding_rate", "Findings per physical examination", &figures.finding_rate),
                ("pre_arrival_share", "Incoming declarations decided before arrival", &figures.pre_arrival),
                ("capacity_error_max", "Largest capacity error of an office-month", &figures.capacity_error),
            ];
            for (name, help, figure) in reals {
                registry.register(name, help, figure.clone());
            }
            registry.register("overruns", "Examinations beyond plan and carry", figures.overruns.clone());
            registry.register(
                "mandatory_over_plan",
                "Mandatory examinations beyond the plan",
                figures.over_plan.clone(),
            );
            registry.register(
                "finding_rate_by_trigger",
                "Findings per physical examination by trigger",
                figures.rate_by_trigger.clone(),
            );
            registry.register("additional_duty", "Additional duty that stands, by currency", figures.duty.clone());
            registry.register("seizures", "Seizures by kind of finding", figures.seizures.clone());
            registry.register(
                "release_hours_median",
                "Median hours from lodgement to release by channel",
                figures.release.clone(),
            );
        });
        figures
    }
}

/// The counters.
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
