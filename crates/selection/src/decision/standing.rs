//! What a decision finds of its office and of the nation, and what it costs the office.
//!
//! Everything that is read of a state is read here, before anything is ordered, and kept with the decision: from that the
//! same decision can be taken again, whatever became of the office since.

use serde::{Deserialize, Serialize};

use super::price::{documentary_price, physical_price};
use crate::{Candidate, CapacityPlan, NationalState, OfficeState, calendar::LocalMoment, lane::Lane, values::Rank};

/// What a decision finds of its office and of the nation. As text a short list: there is one per decision.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Packed", into = "Packed")]
pub struct Standing {
    /// The price of a physical examination.
    pub(super) physical_price: Rank,
    /// The price of a documentary one.
    pub(super) documentary_price: Rank,
    /// Whether the plan can pay a physical examination of these goods.
    pub(super) affords_physical: bool,
    /// Whether it can pay a documentary one.
    pub(super) affords_documentary: bool,
    /// Whether a physical examination is on hand, the reserve included.
    pub(super) physical_on_hand: bool,
    /// Whether a scan is on hand.
    pub(super) scan_on_hand: bool,
    /// Probability of the random stratum.
    pub(super) random_probability: f64,
    /// Whether the share for exploration is not spent yet.
    pub(super) explores: bool,
    /// Probability of exploration at average interest.
    pub(super) exploration_rate: f32,
    /// Average interest.
    pub(super) mean_novelty: f32,
}

/// Physical and documentary price, what holds (a bit each), probability of the random stratum, rate of exploration,
/// average interest.
type Packed = (Rank, Rank, u8, f64, f32, f32);

impl From<Standing> for Packed {
    fn from(standing: Standing) -> Self {
        let Standing { physical_price, documentary_price, random_probability, .. } = standing;
        let holds = standing.holds().iter().enumerate().fold(0, |bits, (at, holds)| bits | u8::from(*holds) << at);
        (physical_price, documentary_price, holds, random_probability, standing.exploration_rate, standing.mean_novelty)
    }
}

impl From<Packed> for Standing {
    fn from(packed: Packed) -> Self {
        let (physical_price, documentary_price, holds, random_probability, exploration_rate, mean_novelty) = packed;
        let holds = |at: u8| holds >> at & 1 == 1;
        Self {
            physical_price,
            documentary_price,
            affords_physical: holds(0),
            affords_documentary: holds(1),
            physical_on_hand: holds(2),
            scan_on_hand: holds(3),
            explores: holds(4),
            random_probability,
            exploration_rate,
            mean_novelty,
        }
    }
}

impl Standing {
    fn holds(&self) -> [bool; 5] {
        [self.affords_physical, self.affords_documentary, self.physical_on_hand, self.scan_on_hand, self.explores]
    }

    /// What `candidate` finds at `moment`, with the prices of the candidate of `rollout` where there is one.
    pub(super) fn of(
        plan: &CapacityPlan,
        state: &OfficeState,
        nation: &NationalState,
        candidate: &Candidate<'_>,
        moment: LocalMoment,
        (tie, rollout): (u16, Option<&str>),
    ) -> Self {
        let side = (Some(tie), rollout);
        Self {
            physical_price: physical_price(plan, state, nation, moment, side),
            documentary_price: documentary_price(plan, state, nation, moment, side),
            affords_physical: state.affords_physical(plan, moment, plan.effort(candidate.items)),
            affords_documentary: state.documentary.affords(0, 0),
            physical_on_hand: state.physical.tokens >= 1,
            scan_on_hand: state.scans.tokens >= 1,
            random_probability: state.random_probability_now(),
            explores: state.exploration > -1.0,
            exploration_rate: state.exploration_rate,
            mean_novelty: state.mean_novelty,
        }
    }
}

/// What a control costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Cost {
    /// Nothing: none is ordered, or it was paid by an earlier decision.
    #[default]
    Nothing,
    /// Of what is on hand.
    Effort(f64),
    /// It is beyond the plan.
    OverPlan,
    /// It was drawn, and nothing was on hand.
    Overrun,
}

impl Cost {
    fn pay(self, lane: &mut Lane) {
        match self {
            Self::Nothing => {}
            Self::Effort(effort) => lane.take_effort(effort),
            Self::OverPlan => lane.over_plan += 1,
            Self::Overrun => lane.overruns += 1,
        }
    }
}

/// What a decision costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Costs {
    pub(super) physical: Cost,
    pub(super) documentary: Cost,
    pub(super) scan: Cost,
    /// Of what exploration may still order.
    pub(super) exploration: f64,
}

impl Costs {
    pub(super) fn pay(self, state: &mut OfficeState) {
        self.physical.pay(&mut state.physical);
        self.documentary.pay(&mut state.documentary);
        self.scan.pay(&mut state.scans);
        state.exploration -= self.exploration as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standing_is_the_same_after_it_was_written_and_read() {
        for at in 0..6 {
            let holds = |bit| bit == at;
            let standing = Standing {
                physical_price: Rank::new(0.25, 7),
                documentary_price: Rank::TOP,
                affords_physical: holds(0),
                affords_documentary: holds(1),
                physical_on_hand: holds(2),
                scan_on_hand: holds(3),
                explores: holds(4),
                random_probability: 0.012_5,
                exploration_rate: 0.01,
                mean_novelty: 0.37,
            };
            let text = serde_json::to_string(&standing).unwrap();
            assert_eq!(serde_json::from_str::<Standing>(&text).unwrap(), standing, "{text}");
        }
    }
}
