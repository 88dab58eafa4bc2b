//! Exploration: what is examined to learn from it, behind one trait.
//!
//! Only what was examined has a result, so a model that decides alone goes on knowing only what it already suspects. A
//! policy says what there is to learn from a declaration, in one of two ways. It spends the office's share for
//! exploration by chance, more on what interests it more; or it adds to the value of examining, and competes for the
//! capacity under the same price. Either way the probability of selection is known: policies are pure, and the only
//! chance is the keyed draw that they are given.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a policy is told of a declaration.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prospect {
    /// Calibrated probability that examining it finds something, 0 to 1.
    pub probability: f64,
    /// How little is known of those involved, 0 to 1.
    pub novelty: f64,
    /// Physical examinations of goods like these (same code, route, origin, taxes and band of the unit value): the evidence behind the
    /// probability.
    pub examined_alike: f64,
    /// Goods like these declared before.
    pub declared_alike: f64,
    /// Days over which they were counted.
    pub days: f64,
}

/// Days ahead in which what was learned is of use.
const HORIZON_DAYS: f64 = 300.0;
/// What is expected of goods that were not seen before: so many in so many days.
const FIRST_ARRIVALS: (f64, f64) = (1.0, 100.0);
/// Examinations that the probability is worth before goods like these were examined, and more for each time that they
/// were declared: what comes often is of many kinds, and one result says less of the next.
const PRIOR: (f64, f64) = (0.15, 0.12);
/// Days of record at which what there is to learn counts once; it counts more in a younger record, up to the second
/// number, and less in an older one, by the square root.
const FADING: (f64, f64) = (270.0, 3.0);
/// The most goods alike to come that count: further ahead, other results will have told by then.
const MOST_TO_COME: f64 = 3.0;

impl Prospect {
    /// Standard deviation of what one examination of goods like these tells, given how often they were examined.
    fn doubt(&self) -> f64 {
        let probability = self.chance();
        (probability * (1.0 - probability) / (1.0 + self.examined_alike.max(0.0))).sqrt()
    }

    /// Goods like these that will still come while what was learned is of use.
    fn alike_coming(&self) -> f64 {
        let (count, days) = FIRST_ARRIVALS;
        ((self.declared_alike.max(0.0) + count) / (self.days.max(0.0) + days) * HORIZON_DAYS).min(MOST_TO_COME)
    }

    /// How much what there is to learn counts: at first nearly everything is new, later what is new comes rarely.
    fn fading(&self) -> f64 {
        (FADING.0 / self.days.max(1.0)).sqrt().min(FADING.1)
    }

    /// The probability of a finding among goods like these, once this one had one.
    fn chance_after_finding(&self) -> f64 {
        let worth = PRIOR.0 + PRIOR.1 * self.declared_alike.max(0.0) + self.examined_alike.max(0.0);
        (self.chance() * worth + 1.0) / (worth + 1.0)
    }

    fn chance(&self) -> f64 {
        if self.probability.is_finite() { self.probability.clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// How to explore. Pure: the same prospect and draw give the same answer.
pub trait Policy: std::fmt::Debug + Send + Sync {
    /// Name in reports.
    fn name(&self) -> &'static str;

    /// How much it is of interest for a draw, 0 to 1; the office's share for exploration is spent in proportion.
    /// 0 for a policy that adds to the value instead.
    fn interest(&self, _: &Prospect) -> f64 {
        0.0
    }

    /// What there is to learn, in expected findings, where the keyed draw is `draw` (uniform, 0 < u < 1).
    fn learning(&self, _: &Prospect, _draw: f64) -> f64 {
        0.0
    }

    /// Probability, over the draw, that what there is to learn is at least `needed`; none where no draw is used.
    fn probability_of(&self, _: &Prospect, _needed: f64) -> Option<f64> {
        None
    }

    /// Whether it spends the share for exploration by chance.
    fn draws(&self) -> bool {
        true
    }
}

/// The policies that a plan can name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Exploration {
    /// By chance, every declaration alike.
    Random,
    /// By chance, more where a finding is neither likely nor unlikely.
    Uncertainty,
    /// By chance, more where little is known of those involved.
    #[default]
    Novelty,
    /// Adds what a finding would be worth for goods like these that are still to come: much where they come again, a
    /// finding is possible and few were examined. Needs no chance.
    Learning,
    /// Values a finding at a draw from what it may turn out to be (Thompson 1933).
    Thompson,
}

impl Exploration {
    /// Every policy.
    pub const ALL: [Self; 5] = [Self::Random, Self::Uncertainty, Self::Novelty, Self::Learning, Self::Thompson];

    /// The policy.
    pub fn policy(self) -> &'static dyn Policy {
        match self {
            Self::Random => &Random,
            Self::Uncertainty => &Uncertainty,
            Self::Novelty => &Novelty,
            Self::Learning => &Learning,
            Self::Thompson => &Thompson,
        }
    }
}

#[derive(Debug)]
struct Random;

impl Policy for Random {
    fn name(&self) -> &'static str {
        "random"
    }

    fn interest(&self, _: &Prospect) -> f64 {
        0.5
    }
}

#[derive(Debug)]
struct Uncertainty;

impl Policy for Uncertainty {
    fn name(&self) -> &'static str {
        "uncertainty"
    }

    fn interest(&self, prospect: &Prospect) -> f64 {
        2.0 * prospect.doubt()
    }
}

#[derive(Debug)]
struct Novelty;

impl Policy for Novelty {
    fn name(&self) -> &'static str {
        "novelty"
    }

    fn interest(&self, prospect: &Prospect) -> f64 {
        prospect.novelty.clamp(0.0, 1.0)
    }
}

#[derive(Debug)]
struct Learning;

impl Policy for Learning {
    fn name(&self) -> &'static str {
        "learning"
    }

    /// The price at which examining it breaks even, if after a finding everything like it is examined at that price
    /// too, above its own probability: the index of a bandit's arm (Gittins 1979), looking one result ahead. It fades as
    /// the record grows.
    fn learning(&self, prospect: &Prospect, _draw: f64) -> f64 {
        let (probability, to_come) = (prospect.chance(), prospect.alike_coming());
        let index = probability * (1.0 + to_come * prospect.chance_after_finding()) / (1.0 + to_come * probability);
        (index - probability).max(0.0) * prospect.fading()
    }

    fn draws(&self) -> bool {
        false
    }
}

#[derive(Debug)]
struct Thompson;

impl Policy for Thompson {
    fn name(&self) -> &'static str {
        "thompson"
    }

    fn learning(&self, prospect: &Prospect, draw: f64) -> f64 {
        // The logistic distribution with deviation 1: quantile and probability are each other's inverse exactly.
        let draw = draw.clamp(1e-12, 1.0 - 1e-12);
        prospect.doubt() * SCALE * (draw / (1.0 - draw)).ln()
    }

    fn probability_of(&self, prospect: &Prospect, needed: f64) -> Option<f64> {
        let doubt = prospect.doubt();
        if doubt <= 0.0 {
            return Some(f64::from(u8::from(needed <= 0.0)));
        }
        Some(1.0 / (1.0 + (needed / (doubt * SCALE)).exp()))
    }

    fn draws(&self) -> bool {
        false
    }
}

/// Scale of the logistic distribution with standard deviation 1: √3 / π.
const SCALE: f64 = 0.551_328_895_421_792_1;

#[cfg(test)]
mod tests {
    use super::*;

    fn prospect(probability: f64, examined_alike: f64) -> Prospect {
        Prospect { probability, novelty: 0.5, examined_alike, declared_alike: examined_alike, days: 100.0 }
    }

    #[test]
    fn what_was_never_examined_teaches_more_than_what_is_known() {
        for kind in [Exploration::Learning, Exploration::Thompson] {
            let policy = kind.policy();
            let new = policy.learning(&prospect(0.3, 0.0), 0.8);
            assert!(new > policy.learning(&prospect(0.3, 8.0), 0.8));
            assert!(new > policy.learning(&prospect(0.001, 0.0), 0.8));
            assert!(new > policy.learning(&prospect(0.999, 0.0), 0.8));
        }
        let uncertain = Exploration::Uncertainty.policy();
        assert!(uncertain.interest(&prospect(0.5, 0.0)) > uncertain.interest(&prospect(0.1, 0.0)));
    }

    #[test]
    fn what_comes_again_teaches_more_than_what_was_seen_once() {
        let policy = Exploration::Learning.policy();
        let often = Prospect { declared_alike: 3.0, ..prospect(0.2, 0.0) };
        let once = Prospect { declared_alike: 0.0, days: 400.0, ..prospect(0.2, 0.0) };
        assert!(policy.learning(&often, 0.5) > policy.learning(&once, 0.5));
        // What comes all the time is of many kinds: a single finding says little.
        let always = Prospect { declared_alike: 300.0, ..prospect(0.2, 0.0) };
        assert!(policy.learning(&often, 0.5) > policy.learning(&always, 0.5));
    }

    #[test]
    fn a_thompson_draw_is_as_likely_as_it_says() {
        let (policy, prospect) = (Exploration::Thompson.policy(), prospect(0.2, 3.0));
        for needed in [-0.2, 0.0, 0.05, 0.3] {
            let above =
                (0..10_000).filter(|n| policy.learning(&prospect, (f64::from(*n) + 0.5) / 1e4) >= needed).count();
            let told = policy.probability_of(&prospect, needed).unwrap();
            assert!((above as f64 / 1e4 - told).abs() < 1e-3, "{needed}: {above} {told}");
        }
    }

    #[test]
    fn no_policy_answers_with_what_is_not_a_number() {
        for kind in Exploration::ALL {
            for probability in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1.0] {
                let prospect =
                    Prospect { probability, novelty: 0.2, examined_alike: f64::from(u32::MAX), ..Prospect::default() };
                assert!(kind.policy().learning(&prospect, 0.999).is_finite());
                assert!((0.0..=1.0).contains(&kind.policy().interest(&prospect)));
                assert!((0.0..=1.0).contains(&kind.policy().probability_of(&prospect, 0.1).unwrap_or(1.0)));
            }
        }
    }
}
