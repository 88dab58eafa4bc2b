//! Training: out-of-fold margins first, calibration on them, then the model on everything.
//!
//! Folds are blocks of time with whole declarations: each is judged by a model that saw neither it nor its
//! neighbours. The last block, judged by the earlier ones alone, says what to expect tomorrow.

mod boosted;
mod forest;
mod logistic;
mod probes;
mod standardised;

pub(crate) mod online;

use std::collections::BTreeMap;

use crate::{
    Algorithm, Artefact, CalibrationMethod, Evaluation, Summary, TrainError, TrainingSet,
    artefact::{GoldenRow, Parts},
    calibration::{Calibrator, Line, any_of},
    forest::Forest,
    linear::Linear,
    logit,
    params::{Checked, IMPORTED_FOLDS},
};
use online::Online;

/// Rows an artefact carries to prove itself.
const GOLDEN_ROWS: usize = 16;
/// Rows whose contributions tell which features matter.
const EXPLAINED_ROWS: usize = 256;
/// Features that the summary names.
const NAMED_FEATURES: usize = 20;

/// What scores a row on the logit scale.
#[derive(Clone, Debug, PartialEq)]
pub enum Predictor {
    /// Trees.
    Forest(Forest),
    /// A line.
    Linear(Linear),
    /// A line that learns on.
    Online(Online),
    /// A model of any other kind.
    #[cfg(feature = "onnx")]
    Onnx(crate::onnx::OnnxModel),
}

impl Predictor {
    /// The margin (logit scale) of a row.
    pub fn margin(&self, row: &[f32]) -> f64 {
        match self {
            Self::Forest(forest) => forest.margin(row),
            Self::Linear(linear) => linear.margin(row),
            Self::Online(online) => online.linear().margin(row),
            #[cfg(feature = "onnx")]
            Self::Onnx(model) => model.margin(row),
        }
    }

    /// The margin of a row with nothing known about it, and what each of `width` features adds.
    pub(crate) fn explain(&self, row: &[f32], width: usize) -> (f64, Vec<f64>) {
        match self {
            Self::Forest(forest) => forest.contributions(row, width),
            Self::Linear(linear) => linear.contributions(row),
            Self::Online(online) => online.linear().contributions(row),
            // Its inside is not known.
            #[cfg(feature = "onnx")]
            Self::Onnx(model) => (model.margin(row), vec![0.0; width]),
        }
    }

    /// For each of `width` features, whether a margin can depend on it.
    pub(crate) fn uses(&self, width: usize) -> Vec<bool> {
        match self {
            Self::Forest(forest) => forest.uses(width),
            Self::Linear(linear) => linear.uses(),
            Self::Online(online) => online.linear().uses(),
            #[cfg(feature = "onnx")]
            Self::Onnx(_) => vec![true; width],
        }
    }

    /// As [`Predictor::explain`], with what is fair over all orders in which features become known.
    pub(crate) fn shapley(&self, row: &[f32], width: usize) -> (f64, Vec<f64>) {
        match self {
            Self::Forest(forest) => forest.shapley(row, width),
            _ => self.explain(row, width),
        }
    }
}

/// Trains `algorithm` on `set`. The same arguments give the same bytes.
pub fn train(algorithm: &Algorithm, set: &TrainingSet, seed: u64) -> Result<Artefact, TrainError> {
    let checked = algorithm.check()?;
    set.check()?;
    let out_of_fold = OutOfFold::of(&checked, set, seed)?;
    let predictor = fit(&checked, set, seed)?;
    Ok(finish(predictor, algorithm.clone(), set, seed, &out_of_fold, Ok(checked.calibration())))
}

/// An artefact of a predictor that was trained elsewhere and has not learned from `set`; `calibrate` is how to calibrate
/// it on `set`, or the line that is its own. Without calibration, `set` may be empty or too small to judge anything.
pub(crate) fn adopt(
    predictor: Predictor,
    algorithm: Algorithm,
    set: &TrainingSet,
    calibrate: Result<CalibrationMethod, Line>,
) -> Result<Artefact, TrainError> {
    match set.check() {
        Err(TrainError::TooFewLabels { .. }) if calibrate.is_err() => {}
        other => other?,
    }
    let margins = (0..set.len()).map(|row| Some(predictor.margin(set.row(row)))).collect();
    let out_of_fold = OutOfFold { blocks: set.blocks(IMPORTED_FOLDS), last: IMPORTED_FOLDS - 1, margins };
    Ok(finish(predictor, algorithm, set, 0, &out_of_fold, calibrate))
}

/// Calibrates, judges and puts together.
fn finish(
    predictor: Predictor,
    algorithm: Algorithm,
    set: &TrainingSet,
    seed: u64,
    out_of_fold: &OutOfFold,
    calibrate: Result<CalibrationMethod, Line>,
) -> Artefact {
    let weights = set.normalised_weights();
    let (margins, labels, kept) = out_of_fold.judged(set, &weights);
    let calibrator =
        calibrate.map_or_else(Calibrator::Platt, |method| Calibrator::fit(method, &margins, &labels, &kept));
    let probabilities: Vec<f64> = margins.iter().map(|margin| calibrator.apply(*margin)).collect();
    let evaluation = Evaluation::of(&probabilities, &labels, Some(&kept));
    let declarations = by_declaration(set, &weights, out_of_fold, &calibrator);
    // What nothing is known of stays what it says.
    let known = labels_of(&labels) > 0 && labels_of(&labels) < labels.len();
    let declaration_line = if known { declarations.line() } else { Line::IDENTITY };
    let summary = Summary {
        rows: set.len(),
        positives: labels_of(&set.labels),
        declarations: declarations.labels.len(),
        from: set.times.iter().copied().min().unwrap_or_default(),
        to: set.times.iter().copied().max().unwrap_or_default(),
        latest: out_of_fold.latest(calibrate, set, &weights),
        declaration: declarations.evaluation(&declaration_line),
        evaluation,
        features: telling(&predictor, set),
        learned_on: 0,
    };
    let golden = if set.is_empty() { probes::rows(&predictor, set.width(), GOLDEN_ROWS) } else { golden_rows(set) };
    Artefact::assemble(Parts {
        contract_hash: set.contract_hash.clone(),
        names: set.names.clone(),
        types: Vec::new(),
        algorithm,
        seed,
        summary,
        predictor,
        calibrator,
        declaration_line,
        golden,
    })
}

/// The features that move margins most: their mean absolute contribution over rows spread evenly, largest first.
fn telling(predictor: &Predictor, set: &TrainingSet) -> Vec<(String, f64)> {
    let count = set.len().min(EXPLAINED_ROWS);
    let mut sums = vec![0.0; set.width()];
    for at in 0..count {
        let (_, by_feature) = predictor.explain(set.row(at * set.len() / count), set.width());
        sums.iter_mut().zip(by_feature).for_each(|(sum, part)| *sum += part.abs());
    }
    let mut order: Vec<usize> = (0..sums.len()).filter(|at| sums[*at] > 0.0).collect();
    order.sort_by(|a, b| sums[*b].total_cmp(&sums[*a]).then(a.cmp(b)));
    order.truncate(NAMED_FEATURES);
    order.into_iter().map(|at| (set.names[at].clone(), sums[at] / count as f64)).collect()
}

/// A predictor without calibration.
fn fit(checked: &Checked<'_>, set: &TrainingSet, seed: u64) -> Result<Predictor, TrainError> {
    match checked.algorithm() {
        Algorithm::Boosted(params) => boosted::fit(params, set, seed).map(Predictor::Forest),
        Algorithm::Logistic(params) => logistic::fit(params, set).map(Predictor::Linear),
        Algorithm::Online(params) => online::fit(params, set).map(Predictor::Online),
        Algorithm::Forest(params) => forest::fit(params, set, seed).map(Predictor::Forest),
        Algorithm::Imported(model) => Err(TrainError::Imported { format: model.format.as_str() }),
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
    fn latest(&self, calibrate: Result<CalibrationMethod, Line>, set: &TrainingSet, weights: &[f64]) -> Evaluation {
        let (margins, labels, kept) = self.judged_where(set, weights, |block| block < self.last);
        let calibrator =
            calibrate.map_or_else(Calibrator::Platt, |method| Calibrator::fit(method, &margins, &labels, &kept));
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
