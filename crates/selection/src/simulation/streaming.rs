//! Streaming against hindsight: what deciding one by one gives, beside who knew the whole day in advance.

use customs::{Method, Trigger};

use super::trade::Arrived;
use crate::{Candidate, CapacityPlan, Decision, DrawSecret, NationalState, OfficeState, decide};

/// What a run over an office's days came to. Only what value ordered counts: mandates and chance are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Streamed {
    /// Findings expected among what was ordered by value.
    pub detected: f64,
    /// Findings expected among the best of each day, as many as the plan has a day.
    pub hindsight: f64,
    /// Physical examinations ordered by value.
    pub ordered: usize,
    /// Physical examinations that the plan has for these days.
    pub planned: f64,
    /// Ordered beyond the plan, for whatever reason.
    pub over_plan: usize,
}

impl Streamed {
    /// Share of the day's hindsight.
    pub fn share(&self) -> f64 {
        self.detected / self.hindsight.max(1e-12)
    }

    /// Both runs together.
    pub fn and(self, other: Self) -> Self {
        Self {
            detected: self.detected + other.detected,
            hindsight: self.hindsight + other.hindsight,
            ordered: self.ordered + other.ordered,
            planned: self.planned + other.planned,
            over_plan: self.over_plan + other.over_plan,
        }
    }
}

/// Decides `arrivals` in their order at an office under `plan`, which knows nothing at first.
pub fn decide_all(plan: &CapacityPlan, arrivals: &[Arrived], secret: &DrawSecret) -> Vec<Decision> {
    let Some(first) = arrivals.first() else { return Vec::new() };
    let (mut state, mut nation) = (OfficeState::open(plan, first.at), NationalState::default());
    arrivals
        .iter()
        .map(|arrived| {
            let candidate = Candidate {
                consignment_key: &arrived.key,
                probability_of_finding: Some(arrived.probability),
                novelty: arrived.other,
                arrival: true,
                ..Candidate::default()
            };
            decide(plan, &mut state, &mut nation, &candidate, arrived.at, secret)
        })
        .collect()
}

/// What deciding `arrivals` one by one gives beside the best `plan.physical_per_day` of each day.
pub fn run(plan: &CapacityPlan, arrivals: &[Arrived], secret: &DrawSecret) -> Streamed {
    let decisions = decide_all(plan, arrivals, secret);
    let days = arrivals.last().map_or(0, |arrived| arrived.day + 1);
    let mut by_day = vec![Vec::new(); days];
    let mut streamed = Streamed { planned: plan.physical_per_day * days as f64, ..Streamed::default() };
    for (arrived, decision) in arrivals.iter().zip(&decisions) {
        by_day[arrived.day].push(arrived.probability);
        let physical = decision.orders.iter().find(|order| order.method == Method::Physical);
        if let Some(order) = physical {
            streamed.over_plan += usize::from(order.over_plan);
            if matches!(order.trigger, Trigger::Model | Trigger::Filter) {
                streamed.detected += arrived.probability;
                streamed.ordered += 1;
            }
        }
    }
    for (day, mut values) in by_day.into_iter().enumerate() {
        values.sort_by(|a, b| b.total_cmp(a));
        let whole = |days: usize| (plan.physical_per_day * days as f64).floor() as usize;
        streamed.hindsight += values.iter().take(whole(day + 1) - whole(day)).sum::<f64>();
    }
    streamed
}
