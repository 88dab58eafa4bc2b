//! What there is to learn, as part of the value of examining.

use super::Standing;
use crate::{Candidate, CapacityPlan, DrawSecret, Policy, values::Rank};

/// What there is to learn from a physical examination, by a policy that adds it to the value.
pub(super) struct Lesson {
    policy: Option<&'static dyn Policy>,
    /// In the unit of the value; below 0 where a draw says so.
    pub worth: f64,
    /// What a finding to learn is worth in that unit.
    scale: f64,
}

impl Lesson {
    /// None while the share for exploration is spent.
    pub fn of(plan: &CapacityPlan, standing: &Standing, candidate: &Candidate<'_>, secret: &DrawSecret) -> Self {
        let policy = plan.exploration.policy();
        let scale = plan.exploration_weight.max(0.0) * plan.weights.finding.max(0.0) / plan.effort(candidate.items);
        let spent = plan.exploration_share <= 0.0 || !standing.explores;
        if policy.draws() || spent || candidate.degraded || !(scale > 0.0 && scale.is_finite()) {
            return Self { policy: None, worth: 0.0, scale: 0.0 };
        }
        let draw = secret.draw("learning", candidate.consignment_key);
        Self { policy: Some(policy), worth: scale * policy.learning(&candidate.prospect(), draw), scale }
    }

    /// Probability that the value reaches the price, where a draw decides it.
    pub fn probability(&self, candidate: &Candidate<'_>, known: f64, price: Rank) -> Option<f64> {
        self.policy?.probability_of(&candidate.prospect(), (price.value() - known) / self.scale)
    }
}
