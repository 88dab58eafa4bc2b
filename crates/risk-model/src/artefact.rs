//! An immutable model with everything that scoring needs and everything that proves it.

mod format;

use serde::{Deserialize, Serialize};

use crate::{
    Algorithm, Evaluation, LoadError, TrainError, TrainingSet,
    calibration::{Calibrator, Line, declaration_probability},
    train::Predictor,
};

/// Difference up to which a golden row scores the same: another machine's `exp` may round differently.
const GOLDEN_TOLERANCE: f64 = 1e-9;
/// The same for ONNX models, whose library counts in 32 bits and in an order of its own.
#[cfg(feature = "onnx")]
const ONNX_TOLERANCE: f64 = 1e-5;

/// What a model was trained on and how it did out of fold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Rows (goods items) learned from.
    pub rows: usize,
    /// Those with a finding.
    pub positives: usize,
    /// Declarations they belong to.
    pub declarations: usize,
    /// First declaration (microseconds since 1970).
    pub from: i64,
    /// Last declaration (microseconds since 1970).
    pub to: i64,
    /// Items, every block of time judged by a model of the others.
    pub evaluation: Evaluation,
    /// Declarations, likewise.
    pub declaration: Evaluation,
    /// Items of the last block of time, judged by the earlier ones alone.
    pub latest: Evaluation,
    /// Features that move margins most: their mean absolute contribution on the logit scale, largest first.
    #[serde(default)]
    pub features: Vec<(String, f64)>,
    /// Rows an online model has learned from since; the judgements above are from before.
    #[serde(default)]
    pub learned_on: usize,
}

/// A row with the score it must have.
#[derive(Clone, Debug)]
pub(crate) struct GoldenRow {
    pub values: Vec<f32>,
    pub score: f64,
}

/// What an artefact is made of.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub contract_hash: String,
    pub names: Vec<String>,
    pub types: Vec<String>,
    pub algorithm: Algorithm,
    pub seed: u64,
    pub summary: Summary,
    pub predictor: Predictor,
    pub calibrator: Calibrator,
    pub declaration_line: Line,
    pub golden: Vec<GoldenRow>,
}

/// A trained model: scores, explains itself, and travels as bytes.
#[derive(Clone, Debug)]
pub struct Artefact {
    parts: Parts,
    digest: String,
}

impl Artefact {
    /// Scores the golden rows and takes the digest.
    pub(crate) fn assemble(mut parts: Parts) -> Self {
        for at in 0..parts.golden.len() {
            let score = parts.calibrator.apply(parts.predictor.margin(&parts.golden[at].values));
            parts.golden[at].score = score;
        }
        let digest = format::digest(&format::write(&parts));
        Self { parts, digest }
    }

    /// The bytes; the same artefact always gives the same.
    pub fn to_bytes(&self) -> Vec<u8> {
        format::write(&self.parts)
    }

    /// Reads bytes and refuses what is damaged, of another format, or scores differently here.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LoadError> {
        let parts = format::read(bytes)?;
        let tolerance = match &parts.predictor {
            #[cfg(feature = "onnx")]
            Predictor::Onnx(_) => ONNX_TOLERANCE,
            _ => GOLDEN_TOLERANCE,
        };
        for (row, golden) in parts.golden.iter().enumerate() {
            let got = parts.calibrator.apply(parts.predictor.margin(&golden.values));
            let agrees = (got - golden.score).abs() <= tolerance;
            if !agrees {
                return Err(LoadError::Golden { row, got, expected: golden.score });
            }
        }
        Ok(Self { parts, digest: format::digest(bytes) })
    }

    /// Like [`Artefact::from_bytes`], and refuses a model of another feature contract.
    pub fn load(bytes: &[u8], contract_hash: &str) -> Result<Self, LoadError> {
        let artefact = Self::from_bytes(bytes)?;
        artefact.check_contract(contract_hash)?;
        Ok(artefact)
    }

    /// Refuses when the model was trained for another feature contract.
    pub fn check_contract(&self, contract_hash: &str) -> Result<(), LoadError> {
        if self.parts.contract_hash == contract_hash {
            return Ok(());
        }
        Err(LoadError::Contract { got: self.parts.contract_hash.clone(), expected: contract_hash.to_owned() })
    }

    /// BLAKE3 (hex) of [`Artefact::to_bytes`].
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Hash of the feature contract it was trained for.
    pub fn contract_hash(&self) -> &str {
        &self.parts.contract_hash
    }

    /// Feature names in the order of a row.
    pub fn names(&self) -> &[String] {
        &self.parts.names
    }

    /// What each feature's number means (`number`, `count`, `share`, `flag`, `code`), in the order of a row; empty when
    /// it was not said.
    pub fn types(&self) -> &[String] {
        &self.parts.types
    }

    /// The same model, saying what each feature's number means. Refused when there are not as many as features.
    pub fn with_types(self, types: Vec<String>) -> Result<Self, LoadError> {
        if types.len() != self.parts.names.len() {
            return Err(LoadError::Format("there are not as many types as features"));
        }
        Ok(Self::assemble(Parts { types, ..self.parts }))
    }

    /// The same model after learning from more rows, in the order of time; calibration stays. Only an online model
    /// does. Rows that come one by one move it as the same rows at once.
    pub fn learn_on(&self, rows: &TrainingSet) -> Result<Self, TrainError> {
        let mut parts = self.parts.clone();
        let Predictor::Online(online) = &mut parts.predictor else {
            return Err(TrainError::NotOnline { algorithm: parts.algorithm.as_str() });
        };
        if rows.contract_hash != parts.contract_hash || rows.names != parts.names {
            return Err(TrainError::Contract { got: rows.contract_hash.clone(), expected: parts.contract_hash });
        }
        rows.check_shape()?;
        online.learn_on(rows)?;
        parts.summary.learned_on += rows.len();
        parts.summary.to = rows.times.iter().copied().max().unwrap_or(parts.summary.to).max(parts.summary.to);
        Ok(Self::assemble(parts))
    }

    /// The features that a score can depend on, in the order of a row; all of them where its inside is not known.
    pub fn used_features(&self) -> Vec<String> {
        let names = &self.parts.names;
        let uses = self.parts.predictor.uses(names.len());
        names.iter().zip(uses).filter(|(_, used)| *used).map(|(name, _)| name.clone()).collect()
    }

    /// What was trained.
    pub fn algorithm(&self) -> &Algorithm {
        &self.parts.algorithm
    }

    /// The seed it was trained with.
    pub fn seed(&self) -> u64 {
        self.parts.seed
    }

    /// What it was trained on and how it did out of fold.
    pub fn summary(&self) -> &Summary {
        &self.parts.summary
    }

    /// The uncalibrated score of an item, on the logit scale.
    pub fn margin(&self, row: &[f32]) -> f64 {
        self.parts.predictor.margin(row)
    }

    /// The calibrated probability that examining the item finds something, 0 < p < 1. NaN in the row is missing.
    pub fn score(&self, row: &[f32]) -> f64 {
        self.parts.calibrator.apply(self.margin(row))
    }

    /// [`Artefact::score`] of every row of a row-major table of [`Artefact::names`] columns.
    pub fn score_batch(&self, rows: &[f32]) -> Vec<f64> {
        rows.chunks_exact(self.parts.names.len().max(1)).map(|row| self.score(row)).collect()
    }

    /// The `top` features that moved the margin most, largest first, with their share of it on the logit scale.
    pub fn contributions(&self, row: &[f32], top: usize) -> Vec<(String, f64)> {
        let (_, by_feature) = self.explain(row);
        let mut order: Vec<usize> = (0..by_feature.len()).filter(|at| by_feature[*at] != 0.0).collect();
        order.sort_by(|a, b| by_feature[*b].abs().total_cmp(&by_feature[*a].abs()).then(a.cmp(b)));
        order.truncate(top);
        order.into_iter().map(|at| (self.parts.names[at].clone(), by_feature[at])).collect()
    }

    /// The margin of a row with nothing known about it, and what each feature adds; together they are the margin.
    pub fn explain(&self, row: &[f32]) -> (f64, Vec<f64>) {
        self.parts.predictor.explain(row, self.parts.names.len())
    }

    /// As [`Artefact::explain`], exactly fair: Shapley values (path-dependent `TreeSHAP`; a line's are its contributions).
    /// Some hundred times the work of a score. A model whose inside is not known adds nothing by feature.
    pub fn shapley(&self, row: &[f32]) -> (f64, Vec<f64>) {
        self.parts.predictor.shapley(row, self.parts.names.len())
    }

    /// The calibrated probability that a declaration hides a finding, from its items' scores; 0 for none.
    pub fn declaration_probability(&self, items: &[f64]) -> f64 {
        declaration_probability(&self.parts.declaration_line, items)
    }
}

#[cfg(test)]
mod tests;
