//! Training: out-of-fold margins first, calibration on them, then the model on everything.
//!
//! Folds are blocks of time with whole declarations: each is judged by a model that saw neither it nor its
//! neighbours. The last block, judged by the earlier ones alone, says what to expect tomorrow.

mod boosted;
mod logistic;

use std::collections::BTreeMap;

use crate::{
    Algorithm, Artefact, Evaluation, Summary, TrainError, TrainingSet,
    artefact::{GoldenRow, Parts},
    calibration::{Calibrator, Line, any_of},
    forest::Forest,
    linear::Linear,
    logit,
    params::Checked,
};

/// Rows an artefact carries to prove itself.
const GOLDEN_ROWS: usize = 16;

/// What scores a row on the logit scale.
#[derive(Clone, Debug, PartialEq)]
pub enum Predictor {
    /// Trees.
    Forest(Forest),
    /// A line.
    Linear(Linear),
}

impl Predictor {
    /// The margin (logit scale) of a row.
    pub fn margin(&self, row: &[f32]) -> f64 {
        match self {
            Self::Forest(forest) => forest.margin(row),
            Self::Linear(linear) => linear.margin(row),
        }
    }
}

/// Trains `algorithm` on `set`. The same arguments give the same bytes.
pub fn train(algorithm: &Algorithm, set: &TrainingSet, seed: u64) -> Result<Artefact, TrainError> {
    let checked = algorithm.check()?;
    set.check()?;
    let weights = set.normalised_weights();
    let out_of_fold = OutOfFold::of(&checked, set, seed)?;
    let (margins, labels, kept) = out_of_fold.judged(set, &weights);
    let calibrator = Calibrator::fit(checked.calibration(), &margins, &labels, &kept);
    let probabilities: Vec<f64> = margins.iter().map(|margin| calibrator.apply(*margin)).collect();
    let evaluation = Evaluation::of(&probabilities, &labels, Some(&kept));
    let declarations = by_declaration(set, &weights, &out_of_fold, &calibrator);
    let declaration_line = declarations.line();
    let predictor = fit(&checked, set, seed)?;

    let summary = Summary {
        rows: set.len(),
        positives: labels_of(&set.labels),
        declarations: declarations.labels.len(),
        from: set.times.iter().copied().min().unwrap_or_default(),
        to: set.times.iter().copied().max().unwrap_or_default(),
        latest: out_of_fold.latest(&checked, set, &weights),
        declaration: declarations.evaluation(&declaration_line),
        evaluation,
    };
    let golden = golden_rows(set);
    Ok(Artefact::assemble(Parts {
        contract_hash: set.contract_hash.clone(),
        names: set.names.clone(),
        algorithm: algorithm.clone(),
        seed,
        summary,
        predictor,
        calibrator,
        declaration_line,
        golden,
    }))
}

/// A predictor without calibration.
fn fit(checked: &Checked<'_>, set: &TrainingSet, seed: u64) -> Result<Predictor, TrainError> {
    match checked.algorithm() {
        Algorithm::Boosted(params) => boosted::fit(params, set, seed).map(Predictor::Forest),
        Algorithm::Logistic(params) => logistic::fit(params, set).map(Predictor::Linear),
    }
}

fn labels_of(labels: &[bool]) -> usize {
    labels.iter().filter(|label| **label).count()
}

fn golden_rows(set: &TrainingSet) -> Vec<GoldenRow> {
    let count = set.len().min(GOLDEN_ROWS);
    (0..count).map(|at| GoldenRow { values: set.row(at * set.len() / count).to_vec(), score: 0.0 }).collect()
}

/// The margin of each row from a model that did not see its block of time; none where no such model could be made.
struct OutOfFold {
    blocks: Vec<usize>,
    last: usize,
    margins: Vec<Option<f64>>,
}

impl OutOfFold {
    fn of(checked: &Checked<'_>, set: &TrainingSet, seed: u64) -> Result<Self, TrainError> {
        let folds = checked.folds();
        let blocks = set.blocks(folds);
        let mut margins = vec![None; set.len()];
        for fold in 0..folds {
            let (held, rest): (Vec<usize>, Vec<usize>) = (0..set.len()).partition(|row| blocks[*row] == fold);
            let learn = set.subset(&rest);
            let found = labels_of(&learn.labels);
            if held.is_empty() || found == 0 || found == learn.len() {
                continue;
            }
            let predictor = fit(checked, &learn, seed.wrapping_add(1 + fold as u64))?;
            for row in held {
                margins[row] = Some(predictor.margin(set.row(row)));
            }
        }
        Ok(Self { last: folds - 1, blocks, margins })
    }

    fn judged(&self, set: &TrainingSet, weights: &[f64]) -> (Vec<f64>, Vec<bool>, Vec<f64>) {
        self.judged_where(set, weights, |_| true)
    }

    fn judged_where(
        &self,
        set: &TrainingSet,
        weights: &[f64],
        keep: impl Fn(usize) -> bool,
    ) -> (Vec<f64>, Vec<bool>, Vec<f64>) {
        let mut columns = (Vec::new(), Vec::new(), Vec::new());
        for (row, margin) in self.margins.iter().enumerate() {
            if let Some(margin) = margin.filter(|_| keep(self.blocks[row])) {
                columns.0.push(margin);
                columns.1.push(set.labels[row]);
                columns.2.push(weights[row]);
            }
        }
        columns
    }

    /// The last block judged by a model and a calibrator of the earlier ones alone.
    fn latest(&self, checked: &Checked<'_>, set: &TrainingSet, weights: &[f64]) -> Evaluation {
        let (margins, labels, kept) = self.judged_where(set, weights, |block| block < self.last);
        let calibrator = Calibrator::fit(checked.calibration(), &margins, &labels, &kept);
        let (margins, labels, kept) = self.judged_where(set, weights, |block| block == self.last);
        let probabilities: Vec<f64> = margins.iter().map(|margin| calibrator.apply(*margin)).collect();
        Evaluation::of(&probabilities, &labels, Some(&kept))
    }
}

/// Declarations with the chance that any of their items hides something, out of fold.
struct Declarations {
    chances: Vec<f64>,
    labels: Vec<bool>,
    weights: Vec<f64>,
}

fn by_declaration(
    set: &TrainingSet,
    weights: &[f64],
    out_of_fold: &OutOfFold,
    calibrator: &Calibrator,
) -> Declarations {
    let mut groups: BTreeMap<u64, (Vec<f64>, bool, f64)> = BTreeMap::new();
    for (row, (margin, weight)) in out_of_fold.margins.iter().zip(weights).enumerate() {
        if let Some(margin) = margin {
            let entry = groups.entry(set.groups[row]).or_default();
            entry.0.push(calibrator.apply(*margin));
            entry.1 |= set.labels[row];
            entry.2 = entry.2.max(*weight);
        }
    }
    let mut declarations = Declarations { chances: Vec::new(), labels: Vec::new(), weights: Vec::new() };
    for (items, label, weight) in groups.into_values() {
        declarations.chances.push(any_of(&items));
        declarations.labels.push(label);
        declarations.weights.push(weight);
    }
    declarations
}

impl Declarations {
    fn line(&self) -> Line {
        let margins: Vec<f64> = self.chances.iter().map(|chance| logit(*chance)).collect();
        Line::fit(&margins, &self.labels, &self.weights)
    }

    fn evaluation(&self, line: &Line) -> Evaluation {
        let probabilities: Vec<f64> = self.chances.iter().map(|chance| line.apply(logit(*chance))).collect();
        Evaluation::of(&probabilities, &self.labels, Some(&self.weights))
    }
}
