//! Intervals for a proportion.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Beta, ContinuousCDF, Normal, StudentsT};

/// A confidence interval, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Knows nothing of a proportion.
    pub const UNIT: Self = Self { low: 0.0, high: 1.0 };

    /// Whether `value` lies within.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// The exact interval of Clopper and Pearson (1934) for `successes` of `trials` at confidence `level` (0.95). Both may
/// be fractions: the beta quantiles do not mind, and effective sample sizes are. No trials: all of 0 to 1.
pub fn clopper_pearson(successes: f64, trials: f64, level: f64) -> Interval {
    if trials.is_nan() || trials <= 0.0 {
        return Interval::UNIT;
    }
    let successes = successes.clamp(0.0, trials);
    let tail = tail(level);
    let low = if successes <= 0.0 { 0.0 } else { beta_quantile(successes, trials - successes + 1.0, tail) };
    let high = if successes >= trials { 1.0 } else { beta_quantile(successes + 1.0, trials - successes, 1.0 - tail) };
    Interval { low, high }
}

/// The score interval of Wilson (1927): shorter than the exact one, its coverage right on average. No trials: all of
/// 0 to 1.
pub fn wilson(successes: f64, trials: f64, level: f64) -> Interval {
    if trials.is_nan() || trials <= 0.0 {
        return Interval::UNIT;
    }
    let z = normal_quantile(1.0 - tail(level));
    let share = (successes / trials).clamp(0.0, 1.0);
    let z2 = z * z / trials;
    let centre = (share + z2 / 2.0) / (1.0 + z2);
    let half = z / (1.0 + z2) * (share * (1.0 - share) / trials + z2 / (4.0 * trials)).sqrt();
    Interval { low: (centre - half).max(0.0), high: (centre + half).min(1.0) }
}

/// Probability of each tail; a level outside 0 to 1 counts as 0.95.
pub(crate) fn tail(level: f64) -> f64 {
    if level > 0.0 && level < 1.0 { (1.0 - level) / 2.0 } else { 0.025 }
}

pub(crate) fn normal_quantile(probability: f64) -> f64 {
    Normal::new(0.0, 1.0).map_or(f64::NAN, |normal| normal.inverse_cdf(probability))
}

/// Quantile of Student's t with `freedom` degrees.
pub(crate) fn t_quantile(probability: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |t| t.inverse_cdf(probability))
}

/// Quantile of the beta distribution, by bisection of its distribution function: a fraction of a success makes shapes
/// for which faster searches stray.
fn beta_quantile(a: f64, b: f64, probability: f64) -> f64 {
    let Ok(beta) = Beta::new(a, b) else { return f64::NAN };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if beta.cdf(middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 5e-5, "{a} is not {b}");
    }

    #[test]
    fn published_values_are_met() {
        // R: binom.test(5, 100), binom.test(0, 30), binom.test(10, 10); prop.test(5, 100, correct = FALSE).
        let exact = clopper_pearson(5.0, 100.0, 0.95);
        close(exact.low, 0.016_43);
        close(exact.high, 0.112_83);
        close(clopper_pearson(0.0, 30.0, 0.95).high, 0.115_70);
        close(clopper_pearson(10.0, 10.0, 0.95).low, 0.691_50);
        let score = wilson(5.0, 100.0, 0.95);
        close(score.low, 0.021_54);
        close(score.high, 0.111_75);
    }

    #[test]
    fn nothing_tried_is_nothing_known() {
        assert_eq!(clopper_pearson(0.0, 0.0, 0.95), Interval::UNIT);
        assert_eq!(wilson(0.0, 0.0, 0.95), Interval::UNIT);
    }

    proptest! {
        #[test]
        fn intervals_hold_their_estimate_and_stay_in_the_unit(trials in 1_u32..3_000, part in 0.0..=1.0_f64) {
            let successes = (f64::from(trials) * part).floor();
            for interval in [
                clopper_pearson(successes, f64::from(trials), 0.95),
                wilson(successes, f64::from(trials), 0.95),
            ] {
                prop_assert!(interval.low >= 0.0 && interval.high <= 1.0);
                prop_assert!(interval.low <= successes / f64::from(trials) + 1e-12);
                prop_assert!(interval.high >= successes / f64::from(trials) - 1e-12);
            }
        }
    }
}
