//! Capacity plans: what an office can examine, and what examining is worth to it.

use customs::{Channel, OfficeCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an office can do in a day, and how it weighs what it may find.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CapacityPlan {
    /// The office.
    pub office: OfficeCode,
    /// IANA time zone whose days decide capacity.
    #[schema(example = "America/Lima")]
    pub time_zone: String,
    /// Physical examinations per local day; the fraction is carried.
    pub physical_per_day: f64,
    /// Documentary examinations per local day; the fraction is carried.
    pub documentary_per_day: f64,
    /// Scanner slots per local day.
    #[serde(default)]
    pub scans_per_day: f64,
    /// Declarations expected per local day; steers the first weeks, later learned from what arrives.
    pub declarations_per_day: f64,
    /// Share of the physical capacity that belongs to the random stratum, 0 to 1.
    pub random_share: f64,
    /// Share of the physical capacity that explores what the model does not know, 0 to 1.
    pub exploration_share: f64,
    /// Whole physical examinations carried in at the start: the reserve from which the random stratum may draw at
    /// any moment without exceeding the plan.
    #[serde(default)]
    pub opening_carry: f64,
    /// Ceiling on physical examination in percent of declarations, where the law sets one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub physical_ceiling_percent: Option<f64>,
    /// Minutes of an officer that a physical examination takes: base, and per item.
    #[serde(default = "CapacityPlan::default_physical_minutes")]
    pub physical_minutes: (f64, f64),
    /// What an examination is worth by what it may find.
    #[serde(default)]
    pub weights: PlanWeights,
    /// The channel when no decision comes in time.
    pub fail_safe: Channel,
}

impl CapacityPlan {
    /// An opening carry with which small offices meet every month's plan to within one control, and the random stratum
    /// practically never lacks a token. Found by simulation.
    pub const RECOMMENDED_CARRY: f64 = 6.0;

    fn default_physical_minutes() -> (f64, f64) {
        (90.0, 10.0)
    }
}

/// Weights of the value of examining: P(finding) × (base + duty × expected additional duty) + critical × P(critical).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanWeights {
    /// Worth of a finding as such.
    pub finding: f64,
    /// Worth per 1,000 units of statistical currency of expected additional duty.
    pub duty_per_thousand: f64,
    /// Worth of a critical finding on top.
    pub critical: f64,
}

impl Default for PlanWeights {
    fn default() -> Self {
        Self { finding: 1.0, duty_per_thousand: 0.0, critical: 0.0 }
    }
}
