//! The distribution of unit values: moments and a histogram of binary logarithms, in fixed point.
//!
//! The histogram wraps around six octaves and is unrolled around the mean when it is read, so that it needs no agreed
//! range and merges by addition. A value beyond a factor of eight from the mean lands on the wrong side; the moments
//! tell it apart.

const BINS: usize = 18;
const BINS_PER_OCTAVE: i64 = 3;
const ONE: f64 = 65_536.0;

/// Unit values of an entity, as binary logarithms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// Sum of logarithms, 1/65,536.
    pub sum: i64,
    /// Sum of their squares, 1/65,536.
    pub squares: i64,
    /// How many.
    pub count: u32,
    /// Thirds of octaves, modulo six octaves.
    pub bins: [u32; BINS],
}

impl Values {
    /// The distribution of one value, given as binary logarithm in 1/65,536.
    pub fn of(log: i32) -> Self {
        let log = i64::from(log);
        let mut values = Self { sum: log, squares: (log * log) >> 16, count: 1, bins: [0; BINS] };
        values.bins[bin(log).rem_euclid(BINS as i64) as usize] = 1;
        values
    }

    /// Adds what `other` knows.
    pub fn merge(&mut self, other: &Self) {
        self.sum = self.sum.wrapping_add(other.sum);
        self.squares = self.squares.wrapping_add(other.squares);
        self.count = self.count.wrapping_add(other.count);
        for (own, other) in self.bins.iter_mut().zip(&other.bins) {
            *own = own.wrapping_add(*other);
        }
    }

    /// Counters negated.
    pub fn negated(&self) -> Self {
        Self {
            sum: self.sum.wrapping_neg(),
            squares: self.squares.wrapping_neg(),
            count: self.count.wrapping_neg(),
            bins: self.bins.map(u32::wrapping_neg),
        }
    }

    /// Mean of the binary logarithms; none when empty.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / f64::from(self.count) / ONE)
    }

    /// Standard deviation of the binary logarithms, shrunk towards `prior` with the weight of four values.
    pub fn deviation(&self, prior: f64) -> Option<f64> {
        let mean = self.mean()?;
        let count = f64::from(self.count);
        let spread = (self.squares as f64 / ONE - count * mean * mean).max(0.0);
        Some(((spread + 4.0 * prior * prior) / (count + 4.0)).sqrt())
    }

    /// Share of the values below `log` (1/65,536), straight within a bin; none when empty.
    pub fn quantile(&self, log: i32) -> Option<f64> {
        let centre = bin((self.mean()? * ONE) as i64);
        let (own, half) = (bin(i64::from(log)), BINS as i64 / 2);
        if own < centre - half {
            return Some(0.0);
        }
        if own >= centre + half {
            return Some(1.0);
        }
        let at = |bin: i64| f64::from(self.bins[bin.rem_euclid(BINS as i64) as usize]);
        let below: f64 = (centre - half..own).map(at).sum();
        let width = ONE as i64 / BINS_PER_OCTAVE;
        let within = (i64::from(log) - own * ONE as i64 / BINS_PER_OCTAVE) as f64 / width as f64;
        Some((below + at(own) * within.clamp(0.0, 1.0)) / f64::from(self.count))
    }
}

fn bin(log: i64) -> i64 {
    (log * BINS_PER_OCTAVE).div_euclid(ONE as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(value: f64) -> i32 {
        (value.log2() * ONE).round() as i32
    }

    #[test]
    fn moments_and_quantiles_follow_the_values() {
        let mut values = Values::default();
        for tenth in 1..=1000 {
            values.merge(&Values::of(log(10.0 + 0.01 * f64::from(tenth))));
        }
        assert!((values.mean().unwrap() - 3.87).abs() < 0.05);
        assert!((values.quantile(log(15.0)).unwrap() - 0.5).abs() < 0.05);
        assert!(values.quantile(log(1.0)).unwrap() < 1e-9);
        assert!((values.quantile(log(300.0)).unwrap() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn an_empty_distribution_knows_nothing() {
        assert_eq!(Values::default().mean(), None);
        assert_eq!(Values::default().quantile(0), None);
    }
}
