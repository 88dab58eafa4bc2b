//! Hierarchical back-off: every level starts from what the more general one says, and departs from it as far as its own
//! findings carry.

/// Findings that the more general level weighs.
pub const STRENGTH: f64 = 3.0;

/// Shares of `N` possibilities: from `first`, through the counts of each level, general ones first. They add up to what
/// `first` adds up to.
pub fn shares<const N: usize>(first: [f64; N], levels: impl IntoIterator<Item = [u32; N]>) -> [f64; N] {
    levels.into_iter().fold(first, |parent, counts| {
        let total: f64 = counts.iter().copied().map(f64::from).sum();
        std::array::from_fn(|at| STRENGTH.mul_add(parent[at], f64::from(counts[at])) / (total + STRENGTH))
    })
}

/// A number of observations with their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    /// How many.
    pub count: u32,
    /// Together.
    pub sum: f64,
}

impl Sum {
    /// Adds one observation.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
    }
}

/// The mean: from `first`, or from the most general level that has any observation, through all levels. None when there
/// is neither.
pub fn mean(first: Option<f64>, levels: impl IntoIterator<Item = Sum>) -> Option<f64> {
    levels.into_iter().filter(|level| level.count > 0).fold(first, |parent, level| {
        let count = f64::from(level.count);
        Some(match parent {
            Some(parent) => STRENGTH.mul_add(parent, level.sum) / (count + STRENGTH),
            None => level.sum / count,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_level_says_what_its_parent_says() {
        let first = [0.7, 0.2, 0.1];
        let same = shares(first, [[0; 3], [0; 3]]);
        assert!(same.iter().zip(&first).all(|(own, parent)| (own - parent).abs() < 1e-12), "{same:?}");
        assert_eq!(mean(Some(0.4), [Sum::default()]), Some(0.4));
        assert_eq!(mean(None, [Sum::default()]), None);
    }

    #[test]
    fn much_evidence_outweighs_the_parent_and_little_does_not() {
        let little = shares([0.9, 0.1], [[0, 1]]);
        let much = shares([0.9, 0.1], [[0, 100]]);
        assert!(little[1] < 0.4 && much[1] > 0.97, "{little:?} {much:?}");
        let moved = mean(Some(1.0), [Sum { count: 300, sum: 600.0 }]);
        assert!((moved.unwrap() - 2.0).abs() < 0.02);
    }

    proptest::proptest! {
        #[test]
        fn shares_stay_shares(counts in proptest::collection::vec(proptest::array::uniform4(0_u32..1_000), 0..6)) {
            let shares = shares([0.25; 4], counts);
            proptest::prop_assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            proptest::prop_assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)));
        }
    }
}
