//! The spread of durations that were counted by value.

/// Counted durations, ascending by value.
#[derive(Clone, Debug, Default)]
pub struct Spread {
    values: std::collections::BTreeMap<i64, u64>,
    n: u64,
    total: f64,
}

impl Spread {
    /// Counts `n` durations of `value`, which together last `total`.
    pub fn add(&mut self, value: i64, n: u64, total: f64) {
        *self.values.entry(value).or_default() += n;
        self.n += n;
        self.total += total;
    }

    /// How many.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The least value that at least the share `q` do not exceed; none when there are none.
    pub fn quantile(&self, q: f64) -> Option<i64> {
        let rank = (q * self.n as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        self.values.iter().find_map(|(value, n)| {
            seen += n;
            (seen >= rank).then_some(*value)
        })
    }

    /// The mean of the totals; none when there are none.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.total / self.n as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_came() {
        let mut spread = Spread::default();
        spread.add(10, 9, 90.0);
        spread.add(100, 1, 100.0);
        assert_eq!(spread.quantile(0.5), Some(10));
        assert_eq!(spread.quantile(0.9), Some(10));
        assert_eq!(spread.quantile(0.95), Some(100));
        assert_eq!(spread.mean(), Some(19.0));
        assert_eq!(Spread::default().quantile(0.5), None);
    }
}
