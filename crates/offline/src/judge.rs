//! Judging a model file on cases it has not seen.
//!
//! As on the day after training, for as long as the cases last: every declaration is scored as it is accepted, and
//! from then on counts as declared, but no label of a judged case is ever applied, so that all rates are those of the
//! training period. Scores are complete before a label is looked at.

use std::collections::BTreeMap;

use features::{contract, keys, vectors};

use crate::case::Case;
use crate::learn::in_order;
use crate::model_file::ModelFile;
use crate::report::{Figures, Report};

/// The rate of findings for subheading, route, origin and taxes: the table without a learner.
const TABLE_FEATURE: &str = "hs6TupleRate";

/// Scores `cases` with the model and its baselines, and compares them with the labels.
pub fn judge(file: &ModelFile, cases: &[Case]) -> Report {
    let mut states = file.states.clone();
    let table = contract().position(TABLE_FEATURE);
    let mut scores: Vec<f64> = Vec::new();
    let mut baselines: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut labels = Vec::new();
    for case in in_order(cases) {
        let keys = keys(&case.declaration);
        let at = case.declaration.acceptance_date_time;
        for vector in vectors(&case.declaration, &keys, &states.read(keys.list()), &[], at) {
            scores.push(file.model.score(&vector));
            for (name, baseline) in &file.baselines {
                baselines.entry(name.clone()).or_default().push(baseline.score(&vector));
            }
            let rate = table.and_then(|at| vector.get(at)).map_or(f64::NAN, |rate| f64::from(*rate));
            baselines.entry("table".to_owned()).or_default().push(rate);
            labels.push(case.found);
        }
        case.lodged().apply(&mut states);
    }
    Report {
        rows: labels.len(),
        findings: labels.iter().filter(|found| **found).count(),
        model: Figures::of(&scores, &labels),
        baselines: baselines.into_iter().map(|(name, scores)| (name, Figures::of(&scores, &labels))).collect(),
    }
}
