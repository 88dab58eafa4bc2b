//! Whether a candidate finds less, or no less, than the champion it shares traffic with: a test that may be looked at
//! after every label (Lindon and Malek 2022; Lindon, Sanden and Shirikian 2022).
//!
//! Declarations are assigned to the candidate by a keyed hash with a known share *w*. So, whatever the rate of offences
//! does over time, a finding is the candidate's with probability θ(r, w) = w r / (w r + 1 − w), where *r* is how many
//! findings the candidate brings per declaration, relative to the champion. One log-likelihood per point of a grid of
//! *r* is all that is remembered; the order of labels does not matter, and *w* may differ from label to label.

use serde::{Deserialize, Serialize};

use crate::{EvidenceError, Interval};

/// Points of the grid on each side of 1, and the octaves that they span: 1/16 to 16, twelve points to the octave.
const SIDE: i32 = 48;
const PER_OCTAVE: f64 = 12.0;
/// Points of the grid.
const POINTS: usize = 2 * SIDE as usize + 1;

/// What the labels so far say about the relative yield. Starts empty; grows by a fixed amount of work per label, and can
/// be stored and taken up again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelativeYield {
    /// The candidate may find less than the champion by this share and still count as no worse.
    margin: f64,
    /// Log-likelihood at each point of the grid.
    grid: Vec<f64>,
    /// Log-likelihood at the margin, the border of "worse".
    at_margin: f64,
    /// Findings of the candidate.
    candidate: u64,
    /// Findings of the champion.
    champion: u64,
}

impl RelativeYield {
    /// No label yet. `margin` is a share, 0 ≤ margin < 1.
    pub fn new(margin: f64) -> Result<Self, EvidenceError> {
        if !(0.0..1.0).contains(&margin) {
            return Err(EvidenceError::Margin { margin });
        }
        Ok(Self { margin, grid: vec![0.0; POINTS], at_margin: 0.0, candidate: 0, champion: 0 })
    }

    /// A finding, of the `candidate` or the champion, in a declaration that the candidate had with the share `weight`.
    pub fn observe(&mut self, candidate: bool, weight: f64) -> Result<(), EvidenceError> {
        self.observe_many(u64::from(candidate), u64::from(!candidate), weight)
    }

    /// Findings of both at the same `weight`, 0 < weight < 1: where only one decides there is nothing to compare.
    pub fn observe_many(&mut self, candidate: u64, champion: u64, weight: f64) -> Result<(), EvidenceError> {
        if !(weight > 0.0 && weight < 1.0) {
            return Err(EvidenceError::Weight { weight });
        }
        let (ours, theirs) = (candidate as f64, champion as f64);
        let likelihood = |yields: f64| {
            let theta = weight * yields / (weight * yields + 1.0 - weight);
            ours * theta.ln() + theirs * (1.0 - theta).ln()
        };
        for (at, sum) in self.grid.iter_mut().enumerate() {
            *sum += likelihood(point(at));
        }
        self.at_margin += likelihood(1.0 - self.margin);
        self.candidate += candidate;
        self.champion += champion;
        Ok(())
    }

    /// Findings so far, of the candidate and of the champion.
    pub fn findings(&self) -> (u64, u64) {
        (self.candidate, self.champion)
    }

    /// The e-value against "the candidate finds no less" (r ≥ 1). With probability at most α it ever reaches 1/α where
    /// that is so, however often one looks.
    pub fn harm(&self) -> f64 {
        let null = self.grid[SIDE as usize];
        mixture(self.below(1.0).map(|at| self.grid[at] - null))
    }

    /// The e-value against "the candidate finds less by more than the margin" (r ≤ 1 − margin).
    pub fn benefit(&self) -> f64 {
        let first = self.below(1.0 - self.margin + 1e-9).end;
        mixture((first..POINTS).map(|at| self.grid[at] - self.at_margin))
    }

    /// The most likely relative yield on the grid; none before a label.
    pub fn estimate(&self) -> Option<f64> {
        let best = (0..POINTS).max_by(|a, b| self.grid[*a].total_cmp(&self.grid[*b]))?;
        (self.candidate + self.champion > 0).then(|| point(best))
    }

    /// An interval that covers the relative yield at every look with probability 1 − `alpha`.
    pub fn interval(&self, alpha: f64) -> Interval {
        let all = |null: f64| mixture(self.grid.iter().map(|sum| sum - null));
        let kept: Vec<usize> = (0..POINTS).filter(|at| all(self.grid[*at]) * alpha < 1.0).collect();
        let low = kept.first().filter(|at| **at > 0).map_or(0.0, |at| point(*at - 1));
        let high = kept.last().filter(|at| **at + 1 < POINTS).map_or(f64::INFINITY, |at| point(*at + 1));
        Interval { low, high }
    }

    /// Points of the grid below `yields`.
    fn below(&self, yields: f64) -> std::ops::Range<usize> {
        0..(0..self.grid.len()).take_while(|at| point(*at) < yields - 1e-12).count()
    }
}

fn point(at: usize) -> f64 {
    if at == SIDE as usize { 1.0 } else { ((at as f64 - f64::from(SIDE)) / PER_OCTAVE).exp2() }
}

/// The mean of the exponentials, bounded so that it can be written down.
fn mixture(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = logs.clone().count() as f64;
    if n < 1.0 {
        return 1.0;
    }
    let most = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logs.map(|log| (log - most).exp()).sum();
    (most + (sum / n).ln()).min(700.0).exp()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_xoshiro::{
        Xoshiro256PlusPlus,
        rand_core::{RngCore, SeedableRng},
    };

    use super::*;

    /// How a simulated comparison ended.
    #[derive(Debug, PartialEq)]
    enum End {
        Harmed(u32),
        Cleared(u32),
        Open,
    }

    fn uniform(rng: &mut Xoshiro256PlusPlus) -> f64 {
        (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// 200 examinations a day, a base rate of 10 % with a season of ±30 %, the share ramped up every fortnight; looked at
    /// after every single label.
    fn live(yields: f64, seed: u64, days: u32) -> End {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut gate = RelativeYield::new(0.2).unwrap();
        for day in 0..days {
            let weight = [0.05, 0.1, 0.25, 0.5][(day / 14).min(3) as usize];
            let base = 0.1 * (1.0 + 0.3 * (f64::from(day) / 14.0).sin());
            for _ in 0..200 {
                let candidate = uniform(&mut rng) < weight;
                let rate = if candidate { base * yields } else { base };
                if uniform(&mut rng) < rate {
                    gate.observe(candidate, weight).unwrap();
                    if gate.harm() >= 20.0 {
                        return End::Harmed(day);
                    }
                    if gate.benefit() >= 20.0 {
                        return End::Cleared(day);
                    }
                }
            }
        }
        End::Open
    }

    fn shares(yields: f64, runs: u64, days: u32) -> (f64, f64, u32) {
        let ends: Vec<End> = (0..runs).map(|seed| live(yields, seed, days)).collect();
        let harmed = ends.iter().filter(|end| matches!(end, End::Harmed(_))).count() as f64 / runs as f64;
        let cleared = ends.iter().filter(|end| matches!(end, End::Cleared(_))).count() as f64 / runs as f64;
        let mut days: Vec<u32> = ends
            .iter()
            .filter_map(|end| match end {
                End::Harmed(day) | End::Cleared(day) => Some(*day),
                End::Open => None,
            })
            .collect();
        days.sort_unstable();
        (harmed, cleared, days.get(days.len() / 2).copied().unwrap_or(u32::MAX))
    }

    #[test]
    fn looking_after_every_label_rarely_condemns_an_equal_candidate() {
        // 400 runs: the bound of 5 % with three standard errors of the simulation on top.
        let (harmed, cleared, _) = shares(1.0, 400, 180);
        assert!(harmed <= 0.05 + 3.0 * 0.011, "{harmed}");
        assert!(cleared > 0.8, "{cleared}");
    }

    #[test]
    fn a_candidate_at_the_margin_is_rarely_cleared() {
        let (_, cleared, _) = shares(0.8, 400, 180);
        assert!(cleared <= 0.05 + 3.0 * 0.011, "{cleared}");
    }

    #[test]
    fn half_the_yield_is_condemned_and_half_as_much_again_cleared_within_weeks() {
        let (harmed, cleared, days) = shares(0.5, 100, 180);
        assert!(harmed >= 0.97 && cleared <= 0.03 && days <= 25, "{harmed} {cleared} {days}");
        let (harmed, cleared, days) = shares(1.5, 100, 180);
        assert!(cleared >= 0.97 && harmed <= 0.03 && days <= 20, "{harmed} {cleared} {days}");
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        assert!(RelativeYield::new(1.0).is_err() && RelativeYield::new(f64::NAN).is_err());
        let mut gate = RelativeYield::new(0.2).unwrap();
        assert!(gate.observe(true, 0.0).is_err() && gate.observe(true, 1.0).is_err());
        assert_eq!((gate.harm(), gate.benefit(), gate.estimate()), (1.0, 1.0, None));
    }

    proptest! {
        #[test]
        fn labels_count_the_same_in_any_order_and_across_a_restart(
            labels in prop::collection::vec((any::<bool>(), 0.01..0.99_f64), 1..60), split in 0_usize..60,
        ) {
            let split = split.min(labels.len());
            let mut whole = RelativeYield::new(0.1).unwrap();
            let mut parts = RelativeYield::new(0.1).unwrap();
            for (candidate, weight) in &labels {
                whole.observe(*candidate, *weight).unwrap();
            }
            for (candidate, weight) in labels[split..].iter().chain(&labels[..split]) {
                parts = parts.clone();
                parts.observe(*candidate, *weight).unwrap();
            }
            prop_assert!((whole.harm().ln() - parts.harm().ln()).abs() < 1e-6);
            prop_assert!((whole.benefit().ln() - parts.benefit().ln()).abs() < 1e-6);
            prop_assert_eq!(whole.findings(), parts.findings());
            let interval = whole.interval(0.05);
            prop_assert!(interval.contains(whole.estimate().unwrap()));
        }

        #[test]
        fn one_step_of_either_e_value_never_gains_on_average_under_its_null(
            before in prop::collection::vec((any::<bool>(), 0.05..0.95_f64), 0..30), weight in 0.05..0.95_f64,
            yields in 1.0..6.0_f64,
        ) {
            let mut gate = RelativeYield::new(0.2).unwrap();
            for (candidate, weight) in before {
                gate.observe(candidate, weight).unwrap();
            }
            let after = |candidate: bool| {
                let mut next = gate.clone();
                next.observe(candidate, weight).unwrap();
                next
            };
            let theta = |r: f64| weight * r / (weight * r + 1.0 - weight);
            let mean = |value: &dyn Fn(&RelativeYield) -> f64, r: f64| {
                theta(r) * value(&after(true)) + (1.0 - theta(r)) * value(&after(false))
            };
            prop_assert!(mean(&RelativeYield::harm, yields) <= gate.harm() * (1.0 + 1e-9));
            prop_assert!(mean(&RelativeYield::benefit, 0.8 / yields) <= gate.benefit() * (1.0 + 1e-9));
        }
    }
}
