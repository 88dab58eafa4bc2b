//! Estimates from a sample in which each unit had its own, known probability of being selected.

use serde::{Deserialize, Serialize};

use crate::{
    EvidenceError, Interval, clopper_pearson,
    interval::{t_quantile, tail},
};

/// A selected unit: what it showed and with which probability it was selected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// The value: 1 or 0 for a proportion.
    pub value: f64,
    /// Probability of selection, 0 < p ≤ 1.
    pub probability: f64,
}

impl Observation {
    /// Whether something was found in a unit selected with `probability`.
    pub fn found(found: bool, probability: f64) -> Self {
        Self { value: f64::from(u8::from(found)), probability }
    }
}

/// How much sample an answer needs, and how far weights may go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Support {
    /// Fewest observations.
    pub least_n: usize,
    /// Fewest effective observations (Kish).
    pub least_effective: f64,
    /// Most that one observation may weigh, in multiples of the mean weight. Clipping trades variance for bias; how
    /// many were clipped is told.
    pub clip: f64,
}

impl Default for Support {
    fn default() -> Self {
        Self { least_n: 30, least_effective: 20.0, clip: 20.0 }
    }
}

impl Support {
    /// Answers whatever there is, without clipping.
    pub const ANY: Self = Self { least_n: 1, least_effective: 0.0, clip: f64::INFINITY };
}

/// A proportion estimated from unequal probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proportion {
    /// The estimate.
    pub estimate: f64,
    /// Its standard error (linearised).
    pub standard_error: f64,
    /// Observations.
    pub n: usize,
    /// Effective observations: (Σw)² / Σw² (Kish).
    pub n_effective: f64,
    /// Observations whose weight was clipped.
    pub clipped: usize,
}

/// A population total estimated from unequal probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Total {
    /// The estimate.
    pub estimate: f64,
    /// Its standard error, for independent draws (Poisson sampling).
    pub standard_error: f64,
    /// Observations.
    pub n: usize,
    /// Effective observations (Kish).
    pub n_effective: f64,
}

/// The ratio estimator of Hájek (1971): Σ y/p ÷ Σ 1/p. Slightly biased in tiny samples, far steadier than a total over
/// a known population size, and right when the population size itself is only known through the draws.
pub fn hajek(sample: &[Observation], support: &Support) -> Result<Proportion, EvidenceError> {
    let (weights, clipped) = weights(sample, support)?;
    let parts = sample.iter().zip(&weights).map(|(unit, weight)| (unit.value, *weight, weight * weight));
    ratio(&parts.collect::<Vec<_>>(), clipped, support)
}

/// The proportion among the units that the draws left, from those that they took: each stands for (1 − p)/p that were
/// left. Nothing is clipped; a unit that was certain to be taken stands for none.
///
/// What was left is not what was taken, and has its own luck: with y fixed, Σ y(1 − p)/p of the taken misses Σ y of the
/// left with variance Σ y²(1 − p)/p over all, which the taken estimate as Σ y²(1 − p)/p². Of equal probabilities that is
/// the variance of a sample of n(1 − p), so that the error of a share that was drawn at one in five is 12 % more
/// than [`hajek`] says for the process behind it; of one in a hundred, half a per cent more.
pub fn remainder(sample: &[Observation], support: &Support) -> Result<Proportion, EvidenceError> {
    weights(sample, support)?;
    let parts = sample.iter().map(|unit| {
        let left = (1.0 - unit.probability) / unit.probability;
        (unit.value, left, left / unit.probability)
    });
    ratio(&parts.collect::<Vec<_>>(), 0, support)
}

/// The weighted mean of values, each with its weight and what that adds to the variance per squared distance.
fn ratio(parts: &[(f64, f64, f64)], clipped: usize, support: &Support) -> Result<Proportion, EvidenceError> {
    let n = parts.len();
    let total: f64 = parts.iter().map(|(_, weight, _)| weight).sum();
    let spread: f64 = parts.iter().map(|(.., spread)| spread).sum();
    let n_effective = if total > 0.0 { total * total / spread } else { 0.0 };
    if total <= 0.0 || n_effective < support.least_effective {
        return Err(thin(n, n_effective, support));
    }
    let estimate = parts.iter().map(|(value, weight, _)| weight * value).sum::<f64>() / total;
    let residual: f64 = parts.iter().map(|(value, _, spread)| spread * (value - estimate).powi(2)).sum();
    let correction = if n > 1 { n as f64 / (n as f64 - 1.0) } else { 1.0 };
    let standard_error = (residual * correction).sqrt() / total;
    Ok(Proportion { estimate, standard_error, n, n_effective, clipped })
}

/// The total of Horvitz and Thompson (1952): Σ y/p. Unbiased, so nothing is clipped; its variance is that of
/// independent draws.
pub fn horvitz_thompson(sample: &[Observation], support: &Support) -> Result<Total, EvidenceError> {
    let (weights, _) = weights(sample, &Support { clip: f64::INFINITY, ..*support })?;
    let total: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    let n_effective = total * total / squares;
    if n_effective < support.least_effective {
        return Err(thin(sample.len(), n_effective, support));
    }
    let estimate = sample.iter().zip(&weights).map(|(unit, weight)| weight * unit.value).sum();
    let variance: f64 =
        sample.iter().map(|unit| (1.0 - unit.probability) * (unit.value / unit.probability).powi(2)).sum();
    Ok(Total { estimate, standard_error: variance.sqrt(), n: sample.len(), n_effective })
}

/// The interval of Korn and Graubard (1998) for a weighted proportion: Clopper and Pearson on the effective sample
/// size that the proportion's own variance implies, corrected by t for the `freedom` (degrees of freedom; none: n − 1)
/// of the design. The effective size is never more than the sample's; a proportion of 0 or 1 has no variance to tell
/// it and uses Kish's.
pub fn korn_graubard(proportion: &Proportion, freedom: Option<f64>, level: f64) -> Interval {
    let n = proportion.n as f64;
    let p = proportion.estimate.clamp(0.0, 1.0);
    let variance = proportion.standard_error.powi(2);
    let implied = if variance > 0.0 && p > 0.0 && p < 1.0 { p * (1.0 - p) / variance } else { proportion.n_effective };
    let mut effective = implied.min(n);
    if let Some(freedom) = freedom.filter(|freedom| *freedom >= 1.0 && n > 1.0) {
        let upper = 1.0 - tail(level);
        let ratio = t_quantile(upper, n - 1.0) / t_quantile(upper, freedom);
        effective = (effective * ratio * ratio).min(n);
    }
    clopper_pearson(p * effective, effective, level)
}

fn thin(n: usize, effective: f64, support: &Support) -> EvidenceError {
    EvidenceError::ThinSupport { n, effective, least_n: support.least_n, least_effective: support.least_effective }
}

/// Inverse probabilities, clipped at a multiple of their mean, and how many were.
fn weights(sample: &[Observation], support: &Support) -> Result<(Vec<f64>, usize), EvidenceError> {
    if let Some(unit) = sample.iter().find(|unit| !(unit.probability > 0.0 && unit.probability <= 1.0)) {
        return Err(EvidenceError::Probability { probability: unit.probability });
    }
    if sample.len() < support.least_n.max(1) {
        return Err(thin(sample.len(), 0.0, support));
    }
    let mut weights: Vec<f64> = sample.iter().map(|unit| 1.0 / unit.probability).collect();
    let ceiling = support.clip * weights.iter().sum::<f64>() / weights.len() as f64;
    let mut clipped = 0;
    for weight in &mut weights {
        if *weight > ceiling {
            *weight = ceiling;
            clipped += 1;
        }
    }
    Ok((weights, clipped))
}

#[cfg(test)]
mod tests {
    use rand_xoshiro::{
        Xoshiro256PlusPlus,
        rand_core::{RngCore, SeedableRng},
    };

    use super::*;

    fn uniform(rng: &mut Xoshiro256PlusPlus) -> f64 {
        (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Draws each of `population` (chance of an offence, probability of selection) on its own.
    fn draw(rng: &mut Xoshiro256PlusPlus, population: &[(bool, f64)]) -> Vec<Observation> {
        population
            .iter()
            .filter(|(_, probability)| uniform(rng) < *probability)
            .map(|(offence, probability)| Observation::found(*offence, *probability))
            .collect()
    }

    /// Selection prefers offences, as a targeting system does.
    fn targeted(rng: &mut Xoshiro256PlusPlus, size: usize, rate: f64) -> Vec<(bool, f64)> {
        (0..size)
            .map(|_| {
                let offence = uniform(rng) < rate;
                let suspicion = uniform(rng) + f64::from(u8::from(offence));
                (offence, if suspicion > 1.2 { 0.3 } else { 0.05 })
            })
            .collect()
    }

    #[test]
    fn hajek_and_horvitz_thompson_undo_the_selection() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let population = targeted(&mut rng, 5_000, 0.06);
        let truth = population.iter().filter(|unit| unit.0).count() as f64;
        let (mut naive, mut rate, mut total) = (0.0, 0.0, 0.0);
        for _ in 0..400 {
            let sample = draw(&mut rng, &population);
            naive += sample.iter().map(|unit| unit.value).sum::<f64>() / sample.len() as f64;
            rate += hajek(&sample, &Support::ANY).unwrap().estimate;
            total += horvitz_thompson(&sample, &Support::ANY).unwrap().estimate;
        }
        assert!(naive / 400.0 > 1.8 * truth / 5_000.0, "the naive rate flatters the selector");
        assert!((rate / 400.0 / (truth / 5_000.0) - 1.0).abs() < 0.03);
        assert!((total / 400.0 / truth - 1.0).abs() < 0.03);
    }

    #[test]
    fn korn_graubard_covers_with_unequal_probabilities() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
        for rate in [0.01, 0.04, 0.2] {
            let population = targeted(&mut rng, 6_000, rate);
            let truth = population.iter().filter(|unit| unit.0).count() as f64 / 6_000.0;
            let rounds = 500;
            let covered = (0..rounds)
                .filter(|_| {
                    let sample = draw(&mut rng, &population);
                    let estimate = hajek(&sample, &Support::ANY).unwrap();
                    korn_graubard(&estimate, None, 0.95).contains(truth)
                })
                .count();
            let coverage = covered as f64 / f64::from(rounds);
            assert!(coverage > 0.93, "rate {rate}: {coverage}");
        }
    }

    #[test]
    fn korn_graubard_covers_when_the_drawing_does_not_look_at_the_goods() {
        // The random stratum: the probability follows the office's load, not the offence.
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let population: Vec<(bool, f64)> = (0..40_000)
            .map(|_| (uniform(&mut rng) < 0.025, if uniform(&mut rng) < 0.2 { 0.03 } else { 0.006 }))
            .collect();
        let truth = population.iter().filter(|unit| unit.0).count() as f64 / 40_000.0;
        let covered = (0..500)
            .filter(|_| {
                let estimate = hajek(&draw(&mut rng, &population), &Support::ANY).unwrap();
                korn_graubard(&estimate, None, 0.95).contains(truth)
            })
            .count();
        assert!(covered >= 465, "{covered} of 500");
    }

    /// Of so many populations, in which those that the draws left are the truth: how often [`remainder`]'s interval held
    /// it, and how often that of [`hajek`], which is for the process.
    fn held(rng: &mut Xoshiro256PlusPlus, size: usize, rate: f64, draws: impl Fn(f64) -> f64) -> (u32, u32) {
        let (mut left, mut process) = (0, 0);
        for _ in 0..ROUNDS {
            let mut sample = Vec::new();
            let (mut offences, mut others) = (0_u32, 0_u32);
            for _ in 0..size {
                let probability = draws(uniform(rng));
                let offence = uniform(rng) < rate;
                if uniform(rng) < probability {
                    sample.push(Observation::found(offence, probability));
                } else if offence {
                    offences += 1;
                } else {
                    others += 1;
                }
            }
            let truth = f64::from(offences) / f64::from(offences + others);
            let holds = |estimate: Result<Proportion, _>| {
                u32::from(korn_graubard(&estimate.unwrap(), None, 0.95).contains(truth))
            };
            left += holds(remainder(&sample, &Support::ANY));
            process += holds(hajek(&sample, &Support::ANY));
        }
        (left, process)
    }

    const ROUNDS: u32 = 2_000;
    /// A 95 % interval holds the truth less often than this in 2,000 rounds once in 100,000 times; one of 91 %, in
    /// 998 of 1,000.
    const HELD: u32 = 1_858;

    #[test]
    fn the_rest_is_held_whatever_share_was_drawn() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
        for (size, rate, draws) in [
            (620, 0.07, (0.2, 0.2)),
            (620, 0.02, (0.2, 0.2)),
            (250, 0.2, (0.5, 0.5)),
            (2_000, 0.03, (0.02, 0.1)),
            (6_000, 0.05, (0.01, 0.04)),
            (400, 0.1, (0.15, 0.6)),
            (400, 0.3, (0.7, 0.9)),
        ] {
            let (left, _) = held(&mut rng, size, rate, |place| if place < 0.5 { draws.0 } else { draws.1 });
            assert!(left >= HELD, "{size} at {rate}, drawn at {draws:?}: {left} of {ROUNDS}");
        }
    }

    #[test]
    fn the_interval_of_the_process_is_too_narrow_for_the_rest_of_a_large_draw() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        let (left, process) = held(&mut rng, 400, 0.3, |_| 0.5);
        assert!(left >= HELD && process < 1_800, "{left}, {process} of {ROUNDS}");
    }

    #[test]
    fn equal_draws_are_as_many_as_they_left() {
        let sample: Vec<_> = (0..200).map(|at| Observation::found(at % 20 == 0, 0.2)).collect();
        let (rest, process) = (remainder(&sample, &Support::ANY).unwrap(), hajek(&sample, &Support::ANY).unwrap());
        assert!((rest.estimate - process.estimate).abs() < 1e-12 && (rest.n_effective - 160.0).abs() < 1e-9);
        assert!((rest.standard_error / process.standard_error - (1.0_f64 / 0.8).sqrt()).abs() < 1e-12);
        // What was certain to be taken says nothing of what was left; and where all was, nothing was.
        let certain = [sample.clone(), vec![Observation::found(true, 1.0); 50]].concat();
        assert!((remainder(&certain, &Support::ANY).unwrap().estimate - 0.05).abs() < 1e-12);
        assert!(matches!(
            remainder(&certain[200..], &Support::ANY),
            Err(EvidenceError::ThinSupport { n: 50, effective, .. }) if effective.abs() < 1e-12
        ));
    }

    #[test]
    fn equal_weights_are_the_plain_binomial() {
        let sample: Vec<_> = (0..200).map(|at| Observation::found(at % 20 == 0, 0.01)).collect();
        let estimate = hajek(&sample, &Support::default()).unwrap();
        assert!((estimate.n_effective - 200.0).abs() < 1e-9);
        assert!((estimate.estimate - 0.05).abs() < 1e-12);
        let interval = korn_graubard(&estimate, None, 0.95);
        let exact = clopper_pearson(10.0, 200.0, 0.95);
        assert!((interval.low - exact.low).abs() < 1e-3 && (interval.high - exact.high).abs() < 1e-3);
        let fewer = korn_graubard(&estimate, Some(5.0), 0.95);
        assert!(fewer.high > interval.high && fewer.low < interval.low);
    }

    #[test]
    fn nothing_found_still_has_an_upper_end() {
        let sample: Vec<_> = (0..100).map(|_| Observation::found(false, 0.02)).collect();
        let interval = korn_graubard(&hajek(&sample, &Support::default()).unwrap(), None, 0.95);
        assert!(interval.low.abs() < 1e-12 && interval.high > 0.03 && interval.high < 0.04);
    }

    #[test]
    fn thin_and_impossible_samples_are_refused() {
        let few = vec![Observation::found(true, 0.5); 29];
        assert!(matches!(hajek(&few, &Support::default()), Err(EvidenceError::ThinSupport { n: 29, .. })));
        let mut unequal = vec![Observation::found(false, 1.0); 200];
        unequal[0].probability = 0.000_1;
        let unclipped = Support { clip: f64::INFINITY, ..Support::default() };
        assert!(matches!(hajek(&unequal, &unclipped), Err(EvidenceError::ThinSupport { n: 200, .. })));
        let impossible = vec![Observation::found(true, 0.0); 50];
        assert!(matches!(hajek(&impossible, &Support::default()), Err(EvidenceError::Probability { .. })));
        assert!(hajek(&[], &Support::ANY).is_err());
    }

    #[test]
    fn clipping_is_counted() {
        let mut sample = vec![Observation::found(false, 0.5); 400];
        sample[0] = Observation::found(true, 0.001);
        let estimate = hajek(&sample, &Support { least_effective: 5.0, clip: 5.0, ..Support::default() }).unwrap();
        assert_eq!(estimate.clipped, 1);
        assert!(estimate.estimate < hajek(&sample, &Support::ANY).unwrap().estimate);
    }
}
