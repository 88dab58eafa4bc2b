//! What is decided about: one declaration version with its draws, its value and what filters ask for.

use customs::{Channel, ControlOrder, Method, TrialArm};
use serde::{Deserialize, Serialize};

use crate::Prospect;

/// What an acting filter match asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FilterOrder {
    /// The control.
    pub method: Method,
    /// Whatever the capacity.
    pub mandatory: bool,
    /// Added to the value of examining.
    pub weight: f64,
    /// What the officer is told to verify.
    pub verify: String,
}

/// The selection that this one replaces: of an earlier version, or of a cancelled declaration of the same consignment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Earlier {
    /// Its channel.
    pub channel: Channel,
    /// Its channel without the random stratum.
    pub channel_without_draw: Channel,
    /// What it ordered.
    pub orders: Vec<ControlOrder>,
    /// Its probability of selection.
    pub probability: f64,
    /// Its probability of the random stratum.
    pub random_probability: f64,
}

impl Earlier {
    /// Its order of `method`, if it has one.
    pub fn order(&self, method: Method) -> Option<&ControlOrder> {
        self.orders.iter().find(|order| order.method == method)
    }
}

/// One declaration version at one decision point.
#[derive(Clone, Debug, Default)]
pub struct Candidate<'a> {
    /// What the keyed draws hash.
    pub consignment_key: &'a str,
    /// Calibrated probability that examining it finds something, 0 to 1; none when it could not be scored.
    pub probability_of_finding: Option<f64>,
    /// Expected additional duty given a finding, in units of statistical currency.
    pub duty_at_stake: f64,
    /// Probability that it hides something critical.
    pub probability_of_critical: f64,
    /// Acting filter matches.
    pub filters: Vec<FilterOrder>,
    /// What the officer is told to verify when the model orders.
    pub verify: Vec<String>,
    /// How little is known about it, 0 to 1: drives exploration.
    pub novelty: f64,
    /// Physical examinations of goods like these: same code, route, origin, taxes and band of the unit value; of several items those of
    /// the most suspicious.
    pub examined_alike: f64,
    /// Goods like these declared before.
    pub declared_alike: f64,
    /// Days over which they were counted.
    pub counted_days: f64,
    /// Goods items: what an examination costs in a plan by shifts. None counts as one.
    pub items: u32,
    /// Hours that an examination of the goods is expected to hold them.
    pub hold_hours: f64,
    /// Decided without model or features: the plan's fail-safe is the least it gets.
    pub degraded: bool,
    /// The channel its trader has been told: automation may only raise it.
    pub told_channel: Option<Channel>,
    /// The selection that this one replaces.
    pub earlier: Option<&'a Earlier>,
    /// The side of a rollout that decides, where both sides scored.
    pub trial: Option<&'a TrialArm>,
    /// Whether it is an arrival; an amendment is not, and teaches neither volumes nor values.
    pub arrival: bool,
}

impl Candidate<'_> {
    /// The rollout whose candidate decides.
    pub(crate) fn decided_in(&self) -> Option<&str> {
        self.trial.filter(|arm| arm.candidate).map(|arm| arm.rollout.as_str())
    }

    /// What the other side of the rollout makes of it, with the rollout where that side is the candidate's. None for an
    /// amendment, which teaches nobody.
    pub(crate) fn other_side(&self) -> Option<(Option<&str>, Self)> {
        let arm = self.trial.filter(|_| self.arrival)?;
        let probability = if arm.candidate { arm.champion_probability } else { arm.candidate_probability }?;
        let times = self.probability_of_finding.filter(|own| *own > 0.0).map_or(1.0, |own| probability / own);
        let other = Self {
            probability_of_finding: Some(probability),
            probability_of_critical: self.probability_of_critical * times,
            trial: None,
            ..self.clone()
        };
        Some(((!arm.candidate).then_some(arm.rollout.as_str()), other))
    }

    /// What a policy of exploration is told of it.
    pub fn prospect(&self) -> Prospect {
        Prospect {
            probability: self.probability_of_finding.unwrap_or(0.0),
            novelty: self.novelty,
            examined_alike: self.examined_alike,
            declared_alike: self.declared_alike,
            days: self.counted_days,
        }
    }

    /// Whether an acting match orders `method` whatever the capacity.
    pub fn mandates(&self, method: Method) -> bool {
        self.filters.iter().any(|filter| filter.mandatory && filter.method == method)
    }

    /// What its filters add to the value of a control by `method`: what suspects goods suspects documents too.
    pub fn weight(&self, method: Method) -> f64 {
        self.filters
            .iter()
            .filter(|filter| !filter.mandatory)
            .filter(|filter| filter.method == method || method == Method::Documentary)
            .map(|filter| filter.weight.max(0.0))
            .sum()
    }

    /// What the officer is told to verify, filters first, without repetition.
    pub fn to_verify(&self) -> Vec<String> {
        let mut areas: Vec<String> = Vec::new();
        for area in self.filters.iter().map(|filter| &filter.verify).chain(&self.verify) {
            if !area.is_empty() && !areas.contains(area) {
                areas.push(area.clone());
            }
        }
        areas
    }
}
