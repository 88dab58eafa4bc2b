//! Keyed streams of chance: what is drawn for one thing never depends on what was drawn for another.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::f64::consts::TAU;

/// What a stream is for. The numbers are part of the world: changing one changes every world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Goods = 1,
    Norms = 2,
    Brokers = 3,
    Traders = 4,
    Identity = 5,
    Lifetime = 6,
    Profile = 7,
    Day = 8,
    Who = 9,
    Offence = 10,
    Content = 11,
    Transport = 12,
    Fate = 13,
    Examination = 14,
    Release = 15,
    Adaptation = 16,
    Voyage = 17,
    Extraordinary = 18,
}

/// A stream of chance.
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of the `purpose` for the thing named `key`, `part`.
    pub(crate) fn new(seed: u64, purpose: Purpose, key: u64, part: u64) -> Self {
        let mut bytes = [0_u8; 32];
        for (slot, word) in bytes.chunks_exact_mut(8).zip([seed, purpose as u64, key, part]) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(bytes))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform in 0..`bound`; 0 for an empty range.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Standard normal.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (TAU * self.unit()).cos()
    }

    pub(crate) fn gauss(&mut self, mean: f64, deviation: f64) -> f64 {
        mean + deviation * self.normal()
    }

    pub(crate) fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    pub(crate) fn poisson(&mut self, mean: f64) -> usize {
        if mean > 60.0 {
            return self.gauss(mean, mean.sqrt()).round().max(0.0) as usize;
        }
        let limit = (-mean).exp();
        let mut product = self.unit();
        let mut count = 0;
        while product > limit {
            product *= self.unit();
            count += 1;
        }
        count
    }

    /// An index with probability proportional to its weight.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let mut left = self.unit() * weights.clone().sum::<f64>();
        let mut last = 0;
        for (index, weight) in weights.enumerate() {
            if weight > 0.0 {
                last = index;
                if left < weight {
                    return index;
                }
                left -= weight;
            }
        }
        last
    }
}

/// Indices with fixed weights, drawn by binary search.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wheel {
    cumulative: Vec<f64>,
}

impl Wheel {
    pub(crate) fn new(weights: impl Iterator<Item = f64>) -> Self {
        let mut total = 0.0;
        let cumulative = weights
            .map(|weight| {
                total += weight;
                total
            })
            .collect();
        Self { cumulative }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.cumulative.last().is_none_or(|total| *total <= 0.0)
    }

    pub(crate) fn draw(&self, stream: &mut Stream) -> usize {
        let total = self.cumulative.last().copied().unwrap_or(0.0);
        let at = stream.unit() * total;
        self.cumulative.partition_point(|cumulative| *cumulative <= at).min(self.cumulative.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_different_keys_differ_and_repeat() {
        let draw = |key| Stream::new(1, Purpose::Content, key, 0).bits();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn a_wheel_never_stops_at_nothing() {
        let wheel = Wheel::new([0.0, 1.0, 0.0, 2.0].into_iter());
        let mut stream = Stream::new(1, Purpose::Day, 0, 0);
        let mut seen = [0; 4];
        for _ in 0..3_000 {
            seen[wheel.draw(&mut stream)] += 1;
        }
        assert_eq!((seen[0], seen[2]), (0, 0));
        assert!((900..1_100).contains(&seen[1]), "{seen:?}");
    }

    #[test]
    fn poisson_has_its_mean() {
        let mut stream = Stream::new(1, Purpose::Day, 1, 0);
        for mean in [0.3, 5.0, 200.0] {
            let sum: usize = (0..4_000).map(|_| stream.poisson(mean)).sum();
            assert!((sum as f64 / 4_000.0 / mean - 1.0).abs() < 0.06, "{mean}");
        }
    }
}
