//! Whether one model is better than another, on declarations that neither has learned from.
//!
//! Selection ranks declarations by their probability and examines as many as there is capacity for, so two numbers
//! count, both weighted by the inverse of the logged selection probability: the precision among the best share of the
//! weight, and the log loss of the probabilities.

use std::{cmp::Ordering, collections::BTreeMap};

use risk_model::{Artefact, TrainingSet, metrics};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The held-out declarations of one training.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declarations {
    /// Rows of the training set per declaration.
    pub rows: Vec<Vec<usize>>,
    /// Whether anything was found.
    pub labels: Vec<bool>,
    /// How much each counts.
    pub weights: Vec<f64>,
}

/// How well a model does on held-out declarations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Performance {
    /// Weighted mean negative log likelihood; lower is better.
    #[schema(example = 0.21)]
    pub log_loss: f64,
    /// Weighted share of findings among the highest-scored share that capacity allows.
    #[schema(example = 0.44)]
    pub precision: f64,
    /// Weighted area under the ROC curve, where both outcomes occur.
    #[schema(example = 0.81)]
    pub auc: Option<f64>,
}

impl Declarations {
    /// Groups the rows of `set` by declaration, in the order of their first rows.
    pub fn of(set: &TrainingSet) -> Self {
        let mut at = BTreeMap::<u64, usize>::new();
        let mut all = Self::default();
        for row in 0..set.len() {
            let index = *at.entry(set.groups[row]).or_insert_with(|| {
                all.rows.push(Vec::new());
                all.labels.push(false);
                all.weights.push(0.0);
                all.rows.len() - 1
            });
            all.rows[index].push(row);
            all.labels[index] |= set.labels[row];
            all.weights[index] = all.weights[index].max(f64::from(set.weights[row]));
        }
        all
    }

    /// Declarations with a finding.
    pub fn positives(&self) -> usize {
        self.labels.iter().filter(|label| **label).count()
    }

    /// How well `artefact` does on them.
    pub fn judge(&self, artefact: &Artefact, set: &TrainingSet, share: f64) -> Performance {
        let probabilities: Vec<f64> = self
            .rows
            .iter()
            .map(|rows| {
                let items: Vec<f64> = rows.iter().map(|&row| artefact.score(set.row(row))).collect();
                artefact.declaration_probability(&items)
            })
            .collect();
        self.performance(&probabilities, share)
    }

    /// How well one column of the set does as a probability per item; missing counts as 0.
    pub fn judge_column(&self, set: &TrainingSet, column: usize, share: f64) -> Performance {
        let probabilities: Vec<f64> = self
            .rows
            .iter()
            .map(|rows| {
                let clean = rows.iter().map(|&row| {
                    let rate = f64::from(set.row(row)[column]);
                    1.0 - if rate.is_nan() { 0.0 } else { rate.clamp(0.0, 1.0) }
                });
                1.0 - clean.product::<f64>()
            })
            .collect();
        self.performance(&probabilities, share)
    }

    fn performance(&self, probabilities: &[f64], share: f64) -> Performance {
        let weights = Some(self.weights.as_slice());
        let log_loss = metrics::log_loss(probabilities, &self.labels, weights);
        Performance {
            // Without any weight there is no mean; JSON has no word for that, and nothing is worse.
            log_loss: if log_loss.is_finite() { log_loss } else { f64::MAX },
            precision: metrics::precision_at(probabilities, &self.labels, share, weights).unwrap_or(0.0),
            auc: metrics::auc(probabilities, &self.labels, weights),
        }
    }
}

/// Whether `candidate` takes the place of `champion`, and why.
pub fn replaces(candidate: &Performance, champion: &Performance, tolerance: f64) -> (bool, String) {
    let numbers = format!(
        "log loss {:.4} against {:.4}, precision {:.4} against {:.4}",
        candidate.log_loss, champion.log_loss, candidate.precision, champion.precision
    );
    // NaN compares as not better.
    let closer = candidate.log_loss < champion.log_loss;
    let as_precise = candidate.precision >= champion.precision - tolerance;
    match (closer, as_precise) {
        (true, true) => (true, format!("better than the champion: {numbers}")),
        (true, false) => (false, format!("better probabilities, but less precise at capacity: {numbers}")),
        (false, _) => (false, format!("not better than the champion: {numbers}")),
    }
}

/// Whether a first model beats the smoothed rate of findings that selection uses without one.
pub fn beats_baseline(candidate: &Performance, baseline: &Performance) -> (bool, String) {
    let numbers = format!("precision {:.4} against {:.4}", candidate.precision, baseline.precision);
    let closer = candidate.log_loss < baseline.log_loss;
    let better = match candidate.precision.total_cmp(&baseline.precision) {
        Ordering::Greater => true,
        Ordering::Equal => closer,
        Ordering::Less => false,
    };
    if better {
        (true, format!("better than the back-off rate: {numbers}"))
    } else {
        (false, format!("not better than the back-off rate: {numbers}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn performance(log_loss: f64, precision: f64) -> Performance {
        Performance { log_loss, precision, auc: None }
    }

    #[test]
    fn a_champion_is_replaced_only_by_a_better_one() {
        let champion = performance(0.30, 0.40);
        let replaced = |log_loss, precision| replaces(&performance(log_loss, precision), &champion, 0.02).0;
        assert!(replaced(0.29, 0.40) && replaced(0.29, 0.385) && replaced(0.29, 0.5));
        assert!(!replaced(0.30, 0.40) && !replaced(0.31, 0.9) && !replaced(0.29, 0.37));
        assert!(!replaced(f64::NAN, 0.9));
    }

    #[test]
    fn a_first_model_must_beat_the_back_off_rate() {
        let baseline = performance(0.5, 0.3);
        assert!(beats_baseline(&performance(0.9, 0.31), &baseline).0);
        assert!(beats_baseline(&performance(0.4, 0.30), &baseline).0);
        assert!(!beats_baseline(&performance(0.5, 0.30), &baseline).0);
        assert!(!beats_baseline(&performance(0.1, 0.29), &baseline).0);
    }

    #[test]
    fn a_declaration_is_judged_once_however_many_items_it_has() {
        let mut set = TrainingSet { names: vec!["rate".to_owned()], ..TrainingSet::default() };
        set.push(&[0.5], false, 2.0, 7, 1);
        set.push(&[0.5], true, 2.0, 7, 1);
        set.push(&[f32::NAN], false, 1.0, 8, 2);
        let declarations = Declarations::of(&set);
        assert_eq!(
            (declarations.labels.as_slice(), declarations.weights.as_slice()),
            (&[true, false][..], &[2.0, 1.0][..])
        );
        let judged = declarations.judge_column(&set, 0, 0.5);
        assert!((judged.precision - 1.0).abs() < 1e-12);
        let expected = -(2.0 * 0.75_f64.ln()) / 3.0;
        assert!((judged.log_loss - expected).abs() < 1e-9, "{judged:?}");
    }
}
