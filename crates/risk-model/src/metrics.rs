//! How good probabilities are. Weights are optional everywhere; none means that every row counts once.

mod intervals;

use serde::{Deserialize, Serialize};

pub use intervals::{Interval, Intervals};

fn weight(weights: Option<&[f64]>, at: usize) -> f64 {
    weights.map_or(1.0, |weights| weights[at])
}

fn descending(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    order
}

/// Area under the ROC curve: the chance that a positive scores above a negative, ties counting half. None when one
/// of the two is absent.
pub fn auc(scores: &[f64], labels: &[bool], weights: Option<&[f64]>) -> Option<f64> {
    let order = descending(scores);
    let (mut above, mut area, mut negatives) = (0.0, 0.0, 0.0);
    let mut at = 0;
    while at < order.len() {
        let (mut tied_positive, mut tied_negative) = (0.0, 0.0);
        let score = scores[order[at]];
        while at < order.len() && scores[order[at]].total_cmp(&score).is_eq() {
            let row = order[at];
            if labels[row] {
                tied_positive += weight(weights, row);
            } else {
                tied_negative += weight(weights, row);
            }
            at += 1;
        }
        area += tied_negative * (above + tied_positive / 2.0);
        above += tied_positive;
        negatives += tied_negative;
    }
    (above > 0.0 && negatives > 0.0).then(|| area / (above * negatives))
}

/// Weight of positives and of all among the highest-scored `share` (0 to 1) of the weight; the row on the boundary
/// counts in part, and ties share it, so that the order of equal scores does not matter.
fn top(scores: &[f64], labels: &[bool], share: f64, weights: Option<&[f64]>) -> (f64, f64) {
    let total: f64 = (0..scores.len()).map(|at| weight(weights, at)).sum();
    let budget = total * share.clamp(0.0, 1.0);
    let order = descending(scores);
    let (mut taken, mut found) = (0.0, 0.0);
    let mut at = 0;
    while at < order.len() && taken < budget {
        let score = scores[order[at]];
        let (mut group, mut positive) = (0.0, 0.0);
        while at < order.len() && scores[order[at]].total_cmp(&score).is_eq() {
            group += weight(weights, order[at]);
            if labels[order[at]] {
                positive += weight(weights, order[at]);
            }
            at += 1;
        }
        let part = if group > 0.0 { ((budget - taken) / group).min(1.0) } else { 0.0 };
        taken += group * part;
        found += positive * part;
    }
    (found, taken)
}

/// Share of positives among the highest-scored `share` of the rows. None for an empty share.
pub fn precision_at(scores: &[f64], labels: &[bool], share: f64, weights: Option<&[f64]>) -> Option<f64> {
    let (found, taken) = top(scores, labels, share, weights);
    (taken > 0.0).then(|| found / taken)
}

/// Share of all positives that are among the highest-scored `share` of the rows. None without positives.
pub fn recall_at(scores: &[f64], labels: &[bool], share: f64, weights: Option<&[f64]>) -> Option<f64> {
    let all: f64 = (0..labels.len()).filter(|at| labels[*at]).map(|at| weight(weights, at)).sum();
    (all > 0.0).then(|| top(scores, labels, share, weights).0 / all)
}

fn mean(probabilities: &[f64], weights: Option<&[f64]>, loss: impl Fn(usize) -> f64) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for at in 0..probabilities.len() {
        sum += weight(weights, at) * loss(at);
        total += weight(weights, at);
    }
    if total > 0.0 { sum / total } else { f64::NAN }
}

/// Mean negative log likelihood, in nats; probabilities are kept 1e-12 away from 0 and 1. NaN for no rows.
pub fn log_loss(probabilities: &[f64], labels: &[bool], weights: Option<&[f64]>) -> f64 {
    mean(probabilities, weights, |at| {
        let p = probabilities[at].clamp(1e-12, 1.0 - 1e-12);
        if labels[at] { -p.ln() } else { -(1.0 - p).ln() }
    })
}

/// Mean squared difference between probability and outcome. NaN for no rows.
pub fn brier(probabilities: &[f64], labels: &[bool], weights: Option<&[f64]>) -> f64 {
    mean(probabilities, weights, |at| (probabilities[at] - f64::from(u8::from(labels[at]))).powi(2))
}

/// A bin of the calibration table: what was said and what came.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CalibrationBin {
    /// Weight of its rows.
    pub weight: f64,
    /// Mean probability.
    pub predicted: f64,
    /// Share of positives.
    pub observed: f64,
}

/// Predicted against observed in `bins` groups of equal row count, ascending.
pub fn calibration_table(
    probabilities: &[f64],
    labels: &[bool],
    bins: usize,
    weights: Option<&[f64]>,
) -> Vec<CalibrationBin> {
    let mut order = descending(probabilities);
    order.reverse();
    let size = order.len().div_ceil(bins.max(1)).max(1);
    order
        .chunks(size)
        .map(|rows| {
            let total: f64 = rows.iter().map(|row| weight(weights, *row)).sum();
            let predicted: f64 = rows.iter().map(|row| weight(weights, *row) * probabilities[*row]).sum();
            let observed: f64 = rows.iter().filter(|row| labels[**row]).map(|row| weight(weights, *row)).sum();
            let divisor = if total > 0.0 { total } else { 1.0 };
            CalibrationBin { weight: total, predicted: predicted / divisor, observed: observed / divisor }
        })
        .collect()
}

/// Everything above for one set of probabilities.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluation {
    /// Rows judged.
    pub rows: usize,
    /// Positives among them.
    pub positives: usize,
    /// Area under the ROC curve.
    pub auc: Option<f64>,
    /// Mean negative log likelihood.
    pub log_loss: f64,
    /// The same for the constant mean rate: what a model has to beat.
    pub constant_log_loss: f64,
    /// Mean squared error.
    pub brier: f64,
    /// Precision among the top 5 %.
    pub precision_at_5: Option<f64>,
    /// Precision among the top 10 %.
    pub precision_at_10: Option<f64>,
    /// Recall of the top 10 %.
    pub recall_at_10: Option<f64>,
    /// Predicted against observed, ten groups.
    pub calibration: Vec<CalibrationBin>,
    /// 95 % intervals of these figures, where they were taken.
    #[serde(default)]
    pub intervals: Intervals,
}

impl Evaluation {
    /// Judges `probabilities` by `labels`.
    pub fn of(probabilities: &[f64], labels: &[bool], weights: Option<&[f64]>) -> Self {
        let rate = mean(probabilities, weights, |at| f64::from(u8::from(labels[at])));
        let finite = |value: f64| if value.is_finite() { value } else { 0.0 };
        Self {
            rows: labels.len(),
            positives: labels.iter().filter(|label| **label).count(),
            auc: auc(probabilities, labels, weights),
            log_loss: finite(log_loss(probabilities, labels, weights)),
            constant_log_loss: finite(log_loss(&vec![finite(rate); labels.len()], labels, weights)),
            brier: finite(brier(probabilities, labels, weights)),
            precision_at_5: precision_at(probabilities, labels, 0.05, weights),
            precision_at_10: precision_at(probabilities, labels, 0.10, weights),
            recall_at_10: recall_at(probabilities, labels, 0.10, weights),
            calibration: calibration_table(probabilities, labels, 10, weights),
            intervals: Intervals::of(probabilities, labels, weights),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auc_counts_ties_half_and_ignores_their_order() {
        assert_eq!(auc(&[0.9, 0.1], &[true, false], None), Some(1.0));
        assert_eq!(auc(&[0.5, 0.5, 0.5], &[true, false, true], None), Some(0.5));
        assert_eq!(auc(&[0.5], &[true], None), None);
        let weighted = auc(&[0.9, 0.5, 0.1], &[true, false, true], Some(&[3.0, 1.0, 1.0]));
        assert_eq!(weighted, Some(0.75));
    }

    #[test]
    fn precision_and_recall_split_ties_at_the_boundary() {
        let labels = [true, false, true, false];
        assert_eq!(precision_at(&[0.9, 0.8, 0.2, 0.1], &labels, 0.25, None), Some(1.0));
        assert_eq!(precision_at(&[0.5; 4], &labels, 0.25, None), Some(0.5));
        assert_eq!(recall_at(&[0.9, 0.8, 0.2, 0.1], &labels, 0.5, None), Some(0.5));
    }

    #[test]
    fn losses_of_a_certain_and_right_answer_are_nothing() {
        assert!(log_loss(&[1.0, 0.0], &[true, false], None) < 1e-9);
        assert!(brier(&[1.0, 0.0], &[true, false], None) < 1e-18);
        assert!((log_loss(&[0.5], &[true], None) - std::f64::consts::LN_2).abs() < 1e-12);
    }

    #[test]
    fn calibration_table_ascends_and_keeps_all_weight() {
        let table = calibration_table(&[0.1, 0.9, 0.2, 0.8], &[false, true, false, true], 2, None);
        assert_eq!(table.len(), 2);
        assert!(table[0].predicted < table[1].predicted);
        assert!((table.iter().map(|bin| bin.weight).sum::<f64>() - 4.0).abs() < 1e-12);
        assert!((table[1].observed - 1.0).abs() < 1e-12);
    }
}
