//! How good scores are: precision and recall at 5 and 10 % of the rows, and the area under the ROC curve.

use std::collections::BTreeMap;

use risk_model::metrics::{auc, precision_at, recall_at};
use serde::{Deserialize, Serialize};

/// Figures of one set of scores. Rows of equal score share their place, so that file order does not matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Share of findings among the highest-scored 5 %.
    pub precision_at5: Option<f64>,
    /// Share of findings among the highest-scored 10 %.
    pub precision_at10: Option<f64>,
    /// Share of all findings that the highest-scored 5 % hold.
    pub recall_at5: Option<f64>,
    /// Share of all findings that the highest-scored 10 % hold.
    pub recall_at10: Option<f64>,
    /// The chance that a finding scores above none, ties counting half; none when all rows are alike.
    pub auc: Option<f64>,
}

/// The judgement of a model on rows it has not seen, beside its baselines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Rows (goods items) judged.
    pub rows: usize,
    /// Those with a finding.
    pub findings: usize,
    /// The model.
    #[serde(flatten)]
    pub model: Figures,
    /// The baselines, by name.
    pub baselines: BTreeMap<String, Figures>,
}

impl Figures {
    /// The figures of `scores`.
    pub fn of(scores: &[f64], labels: &[bool]) -> Self {
        Self {
            precision_at5: precision_at(scores, labels, 0.05, None),
            precision_at10: precision_at(scores, labels, 0.10, None),
            recall_at5: recall_at(scores, labels, 0.05, None),
            recall_at10: recall_at(scores, labels, 0.10, None),
            auc: auc(scores, labels, None),
        }
    }
}
