//! Sums over an unequally drawn sample, from which shares follow; kept so that a run can stop and go on.
//!
//! Each unit weighs the inverse of its probability of selection. The sums are stored bit for bit: a run that was
//! resumed says exactly what an undisturbed one says, and the order of rows is the only thing that counts.

use evidence::{Proportion, korn_graubard};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// A share with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// The share, 0 to 1, each unit weighing the inverse of its probability of selection (Hájek).
    pub share: f64,
    /// Lower end of the interval (Korn and Graubard).
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Units it rests on.
    pub n: u64,
    /// Equally weighing units that would say as much (Kish).
    pub n_effective: f64,
}

/// Weighted count of units and of those that have a property.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct WeightedShare {
    n: u64,
    #[serde(with = "bits")]
    weight: f64,
    #[serde(with = "bits")]
    weight_squared: f64,
    #[serde(with = "bits")]
    having: f64,
    #[serde(with = "bits")]
    having_squared: f64,
}

impl WeightedShare {
    /// Counts a unit that was drawn with `probability` (0 < p ≤ 1) and has the property or not.
    pub(crate) fn add(&mut self, has: bool, probability: f64) {
        let weight = 1.0 / probability;
        self.n += 1;
        self.weight += weight;
        self.weight_squared += weight * weight;
        if has {
            self.having += weight;
            self.having_squared += weight * weight;
        }
    }

    /// Adds what another part of the sample showed.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.weight += other.weight;
        self.weight_squared += other.weight_squared;
        self.having += other.having;
        self.having_squared += other.having_squared;
    }

    /// The same units with weights that add up to `total`. Of no units there are none.
    pub(crate) fn weighing(&self, total: f64) -> Self {
        let factor = if self.weight > 0.0 { total / self.weight } else { 0.0 };
        let squared = factor * factor;
        Self {
            n: self.n,
            weight: self.weight * factor,
            weight_squared: self.weight_squared * squared,
            having: self.having * factor,
            having_squared: self.having_squared * squared,
        }
    }

    /// The share with its standard error; none without units.
    pub(crate) fn proportion(&self) -> Option<Proportion> {
        if self.n == 0 {
            return None;
        }
        let n = self.n as f64;
        let estimate = self.having / self.weight;
        // Σ w²(y − ȳ)² with y 0 or 1.
        let residual = self.having_squared * (1.0 - 2.0 * estimate) + estimate * estimate * self.weight_squared;
        let correction = if self.n > 1 { n / (n - 1.0) } else { 1.0 };
        Some(Proportion {
            estimate,
            standard_error: (residual.max(0.0) * correction).sqrt() / self.weight,
            n: usize::try_from(self.n).unwrap_or(usize::MAX),
            n_effective: self.weight * self.weight / self.weight_squared,
            clipped: 0,
        })
    }

    /// The share with its interval at confidence `level`; none without units.
    pub(crate) fn estimate(&self, level: f64) -> Option<Estimate> {
        let proportion = self.proportion()?;
        let interval = korn_graubard(&proportion, None, level);
        Some(Estimate {
            share: proportion.estimate,
            low: interval.low,
            high: interval.high,
            n: self.n,
            n_effective: proportion.n_effective,
        })
    }
}

/// A number stored as its bits.
mod bits {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        value.to_bits().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        u64::deserialize(deserializer).map(f64::from_bits)
    }
}

#[cfg(test)]
mod tests {
    use evidence::{Observation, Support, hajek};

    use super::*;

    #[test]
    fn sums_say_what_the_whole_sample_says() {
        let sample: Vec<Observation> =
            (1..200).map(|at| Observation::found(at % 7 == 0, f64::from(at % 13 + 1) / 20.0)).collect();
        let mut sums = WeightedShare::default();
        for unit in &sample {
            sums.add(unit.value > 0.5, unit.probability);
        }
        let (ours, whole) = (sums.proportion().unwrap(), hajek(&sample, &Support::ANY).unwrap());
        for (a, b) in [
            (ours.estimate, whole.estimate),
            (ours.standard_error, whole.standard_error),
            (ours.n_effective, whole.n_effective),
        ] {
            assert!((a - b).abs() < 1e-9, "{a} is not {b}");
        }
        let interval = sums.estimate(0.95).unwrap();
        assert!(interval.low < ours.estimate && ours.estimate < interval.high);
    }

    #[test]
    fn stored_sums_are_the_same_to_the_bit() {
        let mut sums = WeightedShare::default();
        sums.add(true, 0.3);
        sums.add(false, 0.07);
        let stored = serde_json::to_string(&sums).unwrap();
        assert_eq!(serde_json::from_str::<WeightedShare>(&stored).unwrap(), sums);
        assert_eq!(WeightedShare::default().estimate(0.95), None);
    }
}
