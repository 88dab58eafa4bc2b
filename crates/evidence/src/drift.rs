//! How far two distributions are apart, and how much of that chance alone would make at this sample size.

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// The population stability index of two histograms over the same bins, and what it would exceed by chance once in a
/// thousand times if both came from one distribution: (1/n + 1/m) times a quantile of χ². Empty bins count as half an
/// observation.
pub fn stability(before: &[u64], after: &[u64]) -> (f64, f64) {
    let (n, m) = (before.iter().sum::<u64>() as f64, after.iter().sum::<u64>() as f64);
    if n < 1.0 || m < 1.0 {
        return (0.0, f64::INFINITY);
    }
    let used: Vec<(f64, f64)> =
        before.iter().zip(after).filter(|(a, b)| **a + **b > 0).map(|(a, b)| (*a as f64, *b as f64)).collect();
    let index = used.iter().map(|(a, b)| (a.max(0.5) / n, b.max(0.5) / m)).map(|(a, b)| (b - a) * (b / a).ln()).sum();
    let freedom = (used.len() as f64 - 1.0).max(1.0);
    let quantile = ChiSquared::new(freedom).map_or(f64::INFINITY, |chi| chi.inverse_cdf(0.999));
    (index, quantile * (1.0 / n + 1.0 / m))
}

/// Of the `share` that the first score ranks highest, the share that the second ranks among its own highest `share`; and
/// how many those are. Each cell is a bin of either score with a count; a bin that straddles the border counts in part.
pub fn overlap(cells: impl Iterator<Item = (usize, usize, u64)> + Clone, bins: usize, share: f64) -> (f64, f64) {
    let total: f64 = cells.clone().map(|(_, _, count)| count as f64).sum();
    let top = total * share.clamp(0.0, 1.0);
    if top <= 0.0 {
        return (0.0, 0.0);
    }
    let (mut first, mut second) = (vec![0.0; bins], vec![0.0; bins]);
    for (a, b, count) in cells.clone() {
        first[a.min(bins - 1)] += count as f64;
        second[b.min(bins - 1)] += count as f64;
    }
    let (first, second) = (inside(&first, top), inside(&second, top));
    let both: f64 = cells.map(|(a, b, count)| count as f64 * first[a.min(bins - 1)] * second[b.min(bins - 1)]).sum();
    (both / top, top)
}

/// How many the second score puts above the limit that lets the highest `share` of the first pass, times as many as the
/// first does; and how many these are. Both are counts over the same bins; a bin that straddles the limit counts in part.
pub fn at_same_limit(first: &[u64], second: &[u64], share: f64) -> (f64, f64) {
    let first: Vec<f64> = first.iter().map(|count| *count as f64).collect();
    let top = first.iter().sum::<f64>() * share.clamp(0.0, 1.0);
    if top <= 0.0 {
        return (1.0, 0.0);
    }
    let above: f64 = inside(&first, top).iter().zip(second).map(|(part, count)| part * *count as f64).sum();
    (above / top, top)
}

/// Which part of each bin is among the highest `top`.
fn inside(counts: &[f64], top: f64) -> Vec<f64> {
    let mut left = top;
    let mut parts = vec![0.0; counts.len()];
    for (part, count) in parts.iter_mut().zip(counts).rev() {
        if *count > 0.0 {
            *part = (left / count).clamp(0.0, 1.0);
            left -= count.min(left);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_samples_of_one_distribution_are_no_drift() {
        let (index, noise) = stability(&[12, 8, 11, 9], &[9, 11, 8, 12]);
        assert!(index < noise && index > 0.05, "{index} {noise}");
        let (index, noise) = stability(&[4_000, 3_000, 2_000, 1_000], &[1_000, 2_000, 3_000, 4_000]);
        assert!(index > 0.25 + noise, "{index} {noise}");
        assert_eq!(stability(&[], &[]), (0.0, f64::INFINITY));
    }

    #[test]
    fn the_same_ranking_overlaps_wholly_and_the_opposite_one_not() {
        let same = (0..10).map(|at| (at, at, 10));
        let (share, top) = overlap(same, 10, 0.1);
        assert!((share - 1.0).abs() < 1e-9 && (top - 10.0).abs() < 1e-9);
        let opposite = (0..10).map(|at| (at, 9 - at, 10));
        assert!(overlap(opposite, 10, 0.1).0 < 1e-9);
        assert_eq!(overlap(std::iter::empty(), 10, 0.1), (0.0, 0.0));
    }

    #[test]
    fn a_score_that_says_less_passes_less_often_at_the_limit_of_the_other() {
        let (champion, lower) = ([40, 30, 20, 10], [60, 30, 5, 5]);
        assert_eq!(at_same_limit(&champion, &champion, 0.2), (1.0, 20.0));
        // The highest bin, and half of the one below it.
        let (times, top) = at_same_limit(&champion, &lower, 0.2);
        assert!((times - 7.5 / 20.0).abs() < 1e-9 && (top - 20.0).abs() < 1e-9, "{times} {top}");
        assert!(at_same_limit(&lower, &champion, 0.1).0 > 2.0);
        assert_eq!(at_same_limit(&[], &[], 0.2), (1.0, 0.0));
    }
}
