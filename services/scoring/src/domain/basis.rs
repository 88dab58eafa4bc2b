//! What a decision was taken on that its record does not tell: with both, the same decision can be taken again.
//!
//! It is stored beside the record and leaves the service with nobody: it tells what the office had left, and the weights
//! of filters.

use customs::Channel;
use selection::{Candidate, CapacityPlan, FilterOrder, Standing};
use serde::{Deserialize, Serialize};

use super::novelty::Past;

/// What a decision was taken on, beside its record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Basis {
    /// Goods items.
    pub items: u32,
    /// Expected additional duty given a finding.
    pub duty: f64,
    /// Probability that something critical is hidden.
    pub critical: f64,
    /// Days over which goods alike were counted.
    pub days: f64,
    /// How little was known, 0 to 1.
    pub novelty: f64,
    /// What the past was long enough for, to call something new.
    #[serde(default, skip_serializing_if = "Past::is_examined")]
    pub past: Past,
    /// Hours that an examination was expected to hold the goods.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hold: f64,
    /// The channel that had been told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Channel>,
    /// What the acting filters asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<FilterOrder>,
    /// The plan of an office for which the plans of that epoch had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Box<CapacityPlan>>,
    /// What it found of office and nation.
    pub standing: Standing,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

impl Basis {
    /// What `asked` was decided on, standing so, after a past so long.
    pub fn of(asked: &Candidate<'_>, past: Past, standing: Standing, plan: Option<&CapacityPlan>) -> Self {
        Self {
            items: asked.items,
            duty: asked.duty_at_stake,
            critical: asked.probability_of_critical,
            days: asked.counted_days,
            novelty: asked.novelty,
            past,
            hold: asked.hold_hours,
            told: asked.told_channel,
            filters: asked.filters.clone(),
            plan: plan.cloned().map(Box::new),
            standing,
        }
    }
}
