//! Quantiles of positive measurements in fixed logarithmic bins: mergeable, order-free, 1 % relative error.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Ratio of two neighbouring bin bounds: a bin's middle is within 1 % of everything in it.
const GROWTH: f64 = 1.02;
/// Smallest measurement told apart from nothing.
const LEAST: f64 = 1e-3;
/// Number of bins: up to about 1e9.
const BINS: u16 = 1_400;

/// Counts per bin. Adding and merging commute, so the sketch of a day does not depend on the order of events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuantileSketch {
    /// Counts by bin; bin 0 holds everything up to 0.001.
    bins: BTreeMap<u16, u64>,
    /// All counts.
    count: u64,
}

impl QuantileSketch {
    /// Nothing measured.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts `value` once. Negative values and NaN count as 0, values beyond 1e9 as 1e9.
    pub fn add(&mut self, value: f64) {
        self.add_many(value, 1);
    }

    /// Counts `value` `count` times.
    pub fn add_many(&mut self, value: f64, count: u64) {
        if count > 0 {
            *self.bins.entry(bin(value)).or_default() += count;
            self.count += count;
        }
    }

    /// Adds everything `other` counted.
    pub fn merge(&mut self, other: &Self) {
        for (bin, count) in &other.bins {
            *self.bins.entry(*bin).or_default() += count;
        }
        self.count += other.count;
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The value below which the share `q` (0 to 1) lies, within 1 %; none when nothing was counted.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let rank = (q.clamp(0.0, 1.0) * self.count as f64).ceil().max(1.0) as u64;
        let mut below = 0;
        for (bin, count) in &self.bins {
            below += count;
            if below >= rank {
                return Some(middle(*bin));
            }
        }
        None
    }
}

fn bin(value: f64) -> u16 {
    if value.is_nan() || value <= LEAST {
        return 0;
    }
    let at = ((value / LEAST).ln() / GROWTH.ln()).ceil();
    at.min(f64::from(BINS)) as u16
}

fn middle(bin: u16) -> f64 {
    if bin == 0 { 0.0 } else { LEAST * GROWTH.powf(f64::from(bin) - 0.5) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_are_within_one_percent() {
        let mut sketch = QuantileSketch::new();
        (1..=10_000).for_each(|value| sketch.add(f64::from(value)));
        for q in [0.01, 0.5, 0.9, 0.99] {
            let got = sketch.quantile(q).unwrap();
            assert!((got / (10_000.0 * q) - 1.0).abs() < 0.0101, "{q}: {got}");
        }
        assert_eq!(QuantileSketch::new().quantile(0.5), None);
    }

    #[test]
    fn odd_values_are_counted_and_never_break() {
        let mut sketch = QuantileSketch::new();
        for value in [f64::NAN, -1.0, 0.0, f64::INFINITY] {
            sketch.add(value);
        }
        assert_eq!(sketch.count(), 4);
        assert_eq!(sketch.quantile(0.5), Some(0.0));
        assert!(sketch.quantile(1.0).unwrap() > 9e8);
    }

    proptest! {
        #[test]
        fn merging_is_adding_in_any_order(values in prop::collection::vec(0.0..1e6_f64, 0..60), split in 0_usize..60) {
            let split = split.min(values.len());
            let (mut left, mut right, mut all) = (QuantileSketch::new(), QuantileSketch::new(), QuantileSketch::new());
            values[..split].iter().for_each(|value| left.add(*value));
            values[split..].iter().rev().for_each(|value| right.add(*value));
            for value in &values {
                all.add(*value);
            }
            right.merge(&left);
            prop_assert_eq!(right, all);
        }
    }
}
