//! How far figures can be trusted: 95 % intervals by formula, so that they cost one pass and need no chance.

use serde::{Deserialize, Serialize};

use super::{auc, descending, precision_at, weight};

/// Where a figure lies with a confidence of 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Two-sided 95 % of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

impl Interval {
    fn around(value: f64, deviation: f64, least: f64, most: f64) -> Option<Self> {
        (value.is_finite() && deviation.is_finite())
            .then(|| Self { low: (value - Z * deviation).max(least), high: (value + Z * deviation).min(most) })
    }

    /// Of a share seen among `count` cases (Wilson 1927). None for no cases.
    pub fn of_share(share: f64, count: f64) -> Option<Self> {
        if count.is_nan() || count <= 0.0 || !share.is_finite() {
            return None;
        }
        let squared = Z * Z / count;
        let centre = (share + squared / 2.0) / (1.0 + squared);
        let half = Z / (1.0 + squared) * (share * (1.0 - share) / count + squared / (4.0 * count)).max(0.0).sqrt();
        Some(Self { low: (centre - half).max(0.0), high: (centre + half).min(1.0) })
    }
}

/// 95 % intervals of the figures of an [`Evaluation`]; none where they cannot be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Intervals {
    /// By DeLong, DeLong and Clarke-Pearson (1988).
    pub auc: Option<Interval>,
    /// Normal, of the mean.
    pub log_loss: Option<Interval>,
    /// Normal, of the mean.
    pub brier: Option<Interval>,
    /// Wilson, at the effective number of rows.
    pub precision_at_5: Option<Interval>,
    /// Wilson, at the effective number of rows.
    pub precision_at_10: Option<Interval>,
}

impl Intervals {
    pub(super) fn of(probabilities: &[f64], labels: &[bool], weights: Option<&[f64]>) -> Self {
        let total: f64 = (0..probabilities.len()).map(|at| weight(weights, at)).sum();
        let order = descending(probabilities);
        let precision = |share: f64| {
            let count = effective(&order, share * total, weights);
            Interval::of_share(precision_at(probabilities, labels, share, weights)?, count)
        };
        let loss = |at: usize| {
            let p = probabilities[at].clamp(1e-12, 1.0 - 1e-12);
            if labels[at] { -p.ln() } else { -(1.0 - p).ln() }
        };
        let squared = |at: usize| (probabilities[at] - f64::from(u8::from(labels[at]))).powi(2);
        Self {
            auc: delong(probabilities, labels, weights),
            log_loss: of_mean(probabilities.len(), weights, loss, f64::INFINITY),
            brier: of_mean(probabilities.len(), weights, squared, 1.0),
            precision_at_5: precision(0.05),
            precision_at_10: precision(0.10),
        }
    }
}

/// Of the first rows of `order` whose weights make up `budget`: how many equally weighted rows they are worth (Kish).
fn effective(order: &[usize], budget: f64, weights: Option<&[f64]>) -> f64 {
    let (mut sum, mut squares) = (0.0, 0.0);
    for row in order {
        if sum >= budget {
            break;
        }
        let weight = weight(weights, *row);
        sum += weight;
        squares += weight * weight;
    }
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

/// Of a weighted mean, by the variance of a ratio.
fn of_mean(count: usize, weights: Option<&[f64]>, loss: impl Fn(usize) -> f64, most: f64) -> Option<Interval> {
    let total: f64 = (0..count).map(|at| weight(weights, at)).sum();
    if count < 2 || total <= 0.0 {
        return None;
    }
    let mean = (0..count).map(|at| weight(weights, at) * loss(at)).sum::<f64>() / total;
    let spread: f64 = (0..count).map(|at| (weight(weights, at) * (loss(at) - mean)).powi(2)).sum();
    Interval::around(mean, spread.sqrt() / total, 0.0, most)
}

/// Of the area under the ROC curve: from how far each row's own share of won comparisons lies from the area.
fn delong(scores: &[f64], labels: &[bool], weights: Option<&[f64]>) -> Option<Interval> {
    let area = auc(scores, labels, weights)?;
    let mut order = descending(scores);
    order.reverse();
    let total = |label: bool| -> f64 {
        (0..scores.len()).filter(|at| labels[*at] == label).map(|at| weight(weights, at)).sum()
    };
    let (positives, negatives) = (total(true), total(false));
    // Ascending: weights of either class below, and tied.
    let (mut positive_below, mut negative_below, mut variance) = (0.0, 0.0, 0.0);
    let mut at = 0;
    while at < order.len() {
        let first = at;
        let (mut positive_tied, mut negative_tied) = (0.0, 0.0);
        while at < order.len() && scores[order[at]].total_cmp(&scores[order[first]]).is_eq() {
            let row = order[at];
            if labels[row] {
                positive_tied += weight(weights, row);
            } else {
                negative_tied += weight(weights, row);
            }
            at += 1;
        }
        let won = (negative_below + negative_tied / 2.0) / negatives;
        let lost = (positives - positive_below - positive_tied / 2.0) / positives;
        for row in &order[first..at] {
            let share = weight(weights, *row) / if labels[*row] { positives } else { negatives };
            variance += (share * (if labels[*row] { won } else { lost } - area)).powi(2);
        }
        positive_below += positive_tied;
        negative_below += negative_tied;
    }
    Interval::around(area, variance.sqrt(), 0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Evaluation;

    /// Labels drawn by given probabilities.
    fn drawn(count: u64, salt: u64) -> (Vec<f64>, Vec<bool>) {
        let uniform = |at: u64, salt: u64| {
            let mut x = (at + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xD1B5_4A32_D192_ED03);
            x = (x ^ (x >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
            ((x ^ (x >> 32)) >> 11) as f64 / (1_u64 << 53) as f64
        };
        let probabilities: Vec<f64> = (0..count).map(|at| 0.05 + 0.6 * uniform(at, salt)).collect();
        let labels = probabilities.iter().zip(0..).map(|(p, at)| uniform(at, salt + 1_000) < *p).collect();
        (probabilities, labels)
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        // The truth of all these draws is that of very many rows.
        let (probabilities, labels) = drawn(200_000, 1);
        let truth = Evaluation::of(&probabilities, &labels, None);
        let mut held = [0; 5];
        let inside =
            |interval: Option<Interval>, value: f64| interval.is_some_and(|i| i.low <= value && value <= i.high);
        for salt in 0..200 {
            let (probabilities, labels) = drawn(600, 10 + salt);
            let got = Intervals::of(&probabilities, &labels, None);
            let pairs = [
                (got.auc, truth.auc.unwrap()),
                (got.log_loss, truth.log_loss),
                (got.brier, truth.brier),
                (got.precision_at_5, truth.precision_at_5.unwrap()),
                (got.precision_at_10, truth.precision_at_10.unwrap()),
            ];
            pairs
                .iter()
                .zip(&mut held)
                .for_each(|((interval, value), held)| *held += i32::from(inside(*interval, *value)));
        }
        // 95 % of 200, and four deviations of that.
        assert!(held.iter().all(|held| (178..=200).contains(held)), "{held:?}");
    }

    #[test]
    fn weights_that_are_all_alike_change_no_interval() {
        let (probabilities, labels) = drawn(300, 3);
        let plain = Intervals::of(&probabilities, &labels, None);
        let weighed = Intervals::of(&probabilities, &labels, Some(&vec![2.0; 300]));
        let close = |a: Option<Interval>, b: Option<Interval>| (a.unwrap().low - b.unwrap().low).abs() < 1e-12;
        assert!(close(plain.auc, weighed.auc) && close(plain.log_loss, weighed.log_loss));
        assert!(close(plain.precision_at_5, weighed.precision_at_5));
        assert_eq!(Intervals::of(&[], &[], None), Intervals::default());
    }
}
