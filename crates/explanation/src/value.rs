//! The likely right value of an item that is found undervalued.
//!
//! Two witnesses, on the scale of binary logarithms: what others declare of the same goods (the typical unit value, with
//! its spread), and how far findings of like goods corrected what was declared. Each weighs by its precision. That a
//! finding says *too low* is known, so the answer is the mean of what remains above the declared value.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Continuous, ContinuousCDF, Normal};
use utoipa::ToSchema;

use crate::backoff::{STRENGTH, Sum};

/// Standard normal deviate of the limits: 80 % lie within.
const LIMIT: f64 = 0.1;
/// Spread of corrections before any is known, in octaves.
const FIRST_SPREAD: f64 = 0.5;
/// Spread of unit values before any is known, in octaves.
pub const FIRST_DEVIATION: f64 = 1.0;
/// Values that the subheading weighs where its origin is known too.
const VALUES: f64 = 4.0;

/// What others declare: unit values of goods like these.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Typical {
    /// Mean of the binary logarithms of the value per kilogram.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
    /// How many.
    pub count: u32,
}

impl Typical {
    /// The more general `self` with what is known of the narrower group.
    #[must_use]
    pub fn narrowed(self, narrower: Option<Self>) -> Self {
        let Some(narrower) = narrower.filter(|narrower| narrower.count > 0) else { return self };
        let count = f64::from(narrower.count);
        let pooled = |own: f64, general: f64| count.mul_add(own, VALUES * general) / (count + VALUES);
        Self {
            mean: pooled(narrower.mean, self.mean),
            deviation: pooled(narrower.deviation.powi(2), self.deviation.powi(2)).sqrt(),
            count: narrower.count,
        }
    }
}

/// How far findings corrected amounts, as binary logarithms of found over declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Uplift {
    /// How many corrections.
    pub count: u32,
    /// Sum of the logarithms.
    pub sum: f64,
    /// Sum of their squares.
    pub squares: f64,
}

impl Uplift {
    /// Adds one correction.
    pub fn add(&mut self, log: f64) {
        self.count += 1;
        self.sum += log;
        self.squares += log * log;
    }

    /// Mean and spread over the levels, general ones first; none without any correction.
    pub fn over(levels: &[Self]) -> Option<(f64, f64)> {
        let sums = levels.iter().map(|level| Sum { count: level.count, sum: level.sum });
        let mean = crate::backoff::mean(None, sums)?;
        let variance = levels.iter().filter(|level| level.count > 0).fold(FIRST_SPREAD.powi(2), |parent, level| {
            let count = f64::from(level.count);
            let around = (level.squares - 2.0 * mean * level.sum + count * mean * mean).max(0.0);
            STRENGTH.mul_add(parent, around) / (count + STRENGTH)
        });
        Some((mean, variance.sqrt()))
    }
}

/// What an amount would be corrected to, as a multiple of what was declared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Likely {
    /// The expected multiple, above 1.
    pub ratio: f64,
    /// One in ten is below.
    pub lower: f64,
    /// One in ten is above.
    pub upper: f64,
}

/// The likely multiple of the declared amount, given that it is found too low. `above` is how far the typical value lies
/// above the declared one, with its spread; `corrected` how far findings corrected. None without a witness.
pub fn likely(above: Option<(f64, f64)>, corrected: Option<(f64, f64)>) -> Option<Likely> {
    let (mut weight, mut sum) = (0.0, 0.0);
    for (mean, spread) in [above, corrected].into_iter().flatten() {
        if mean.is_finite() && spread.is_finite() && spread > 0.0 {
            let precision = spread.powi(2).recip();
            weight += precision;
            sum += precision * mean;
        }
    }
    if weight <= 0.0 {
        return None;
    }
    let (mean, spread) = (sum / weight, weight.recip().sqrt());
    let normal = Normal::new(mean, spread).ok()?;
    // Tails, not their complements: far above the typical value next to nothing is left, and it must stay exact.
    let above = normal.sf(0.0).max(1e-300);
    let expected = (spread * spread).mul_add(normal.pdf(0.0) / above, mean).max(0.0);
    let beyond = |share: f64| 2.0f64.mul_add(mean, -normal.inverse_cdf(share * above));
    let quantile = |share: f64| beyond(1.0 - share).clamp(0.0, 8.0).exp2();
    Some(Likely { ratio: expected.min(8.0).exp2(), lower: quantile(LIMIT), upper: quantile(1.0 - LIMIT) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typical_is_likely() {
        // Declared at half of what others declare, who agree within a tenth of an octave.
        let likely = likely(Some((1.0, 0.1)), None).unwrap();
        assert!((likely.ratio - 2.0).abs() < 0.01, "{likely:?}");
        assert!(likely.lower < likely.ratio && likely.ratio < likely.upper);
        assert!(likely.lower > 1.7 && likely.upper < 2.3);
    }

    #[test]
    fn a_finding_never_says_too_high() {
        for above in [-6.0, -2.0, -0.5, 0.0, 0.5] {
            let likely = likely(Some((above, 0.8)), None).unwrap();
            assert!(likely.lower >= 1.0 && likely.ratio > 1.0 && likely.upper >= likely.lower, "{above} {likely:?}");
        }
        assert_eq!(likely(None, None), None);
    }

    #[test]
    fn the_more_precise_witness_weighs_more() {
        let vague = likely(Some((2.0, 2.0)), Some((0.5, 0.1))).unwrap();
        assert!((vague.ratio.log2() - 0.5).abs() < 0.05, "{vague:?}");
    }

    #[test]
    fn corrections_have_a_spread_however_few() {
        let mut one = Uplift::default();
        one.add(1.0);
        let (mean, spread) = Uplift::over(&[Uplift::default(), one]).unwrap();
        assert!((mean - 1.0).abs() < 1e-9 && spread > 0.4);
        assert_eq!(Uplift::over(&[Uplift::default()]), None);
    }

    #[test]
    fn a_narrow_group_departs_from_the_general_one_by_its_numbers() {
        let general = Typical { mean: 3.0, deviation: 1.0, count: 900 };
        let few = general.narrowed(Some(Typical { mean: 5.0, deviation: 0.2, count: 1 }));
        let many = general.narrowed(Some(Typical { mean: 5.0, deviation: 0.2, count: 400 }));
        assert!(few.mean < 3.5 && many.mean > 4.9);
        assert_eq!(general.narrowed(None), general);
    }
}
