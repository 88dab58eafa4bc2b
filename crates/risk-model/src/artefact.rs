//! An immutable model with everything that scoring needs and everything that proves it.

mod format;

use serde::{Deserialize, Serialize};

use crate::{
    Algorithm, Evaluation, LoadError,
    calibration::{Calibrator, Line, declaration_probability},
    train::Predictor,
};

/// Difference up to which a golden row scores the same: another machine's `exp` may round differently.
const GOLDEN_TOLERANCE: f64 = 1e-9;

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
        for (row, golden) in parts.golden.iter().enumerate() {
            let got = parts.calibrator.apply(parts.predictor.margin(&golden.values));
            let agrees = (got - golden.score).abs() <= GOLDEN_TOLERANCE;
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
        match &self.parts.predictor {
            Predictor::Forest(forest) => forest.contributions(row, self.parts.names.len()),
            Predictor::Linear(linear) => linear.contributions(row),
        }
    }

    /// The calibrated probability that a declaration hides a finding, from its items' scores; 0 for none.
    pub fn declaration_probability(&self, items: &[f64]) -> f64 {
        declaration_probability(&self.parts.declaration_line, items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        metrics::{auc, log_loss},
        sigmoid, train,
        training_set::tests::{interacting, null},
    };

    fn held_out_auc(artefact: &Artefact, set: &crate::TrainingSet) -> f64 {
        auc(&artefact.score_batch(&set.rows), &set.labels, None).unwrap()
    }

    #[test]
    fn boosted_trees_find_the_interaction_and_beat_the_line() {
        let (learn, judge) = (interacting(2_000, 12, 1), interacting(4_000, 12, 2));
        let boosted = train(&Algorithm::boosted(), &learn, 7).unwrap();
        let logistic = train(&Algorithm::logistic(), &learn, 7).unwrap();
        let (trees, line) = (held_out_auc(&boosted, &judge), held_out_auc(&logistic, &judge));
        assert!(trees > 0.74, "trees {trees}");
        assert!(line > 0.62, "line {line}");
        assert!(trees > line);
        let best = crate::train_best(&[Algorithm::logistic(), Algorithm::boosted()], &learn, 7).unwrap().unwrap();
        assert_eq!(best.algorithm().as_str(), "boosted");
    }

    #[test]
    fn a_first_months_sample_is_enough_to_beat_chance() {
        let judge = interacting(4_000, 70, 2);
        let mean = (0..5)
            .map(|seed| {
                held_out_auc(&train(&Algorithm::boosted(), &interacting(500, 70, 10 + seed), 7).unwrap(), &judge)
            })
            .sum::<f64>()
            / 5.0;
        assert!(mean > 0.65, "mean AUC {mean}");
    }

    #[test]
    fn null_labels_give_chance_and_flat_probabilities() {
        let learn = null(1_500, 20, 3);
        let judge = null(6_000, 20, 4);
        for algorithm in [Algorithm::boosted(), Algorithm::logistic()] {
            let artefact = train(&algorithm, &learn, 7).unwrap();
            let scores = artefact.score_batch(&judge.rows);
            let area = auc(&scores, &judge.labels, None).unwrap();
            assert!((area - 0.5).abs() < 0.035, "{} {area}", algorithm.as_str());
            assert!(scores.iter().all(|p| *p < 0.25), "{}", algorithm.as_str());
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
        let set = interacting(600, 8, 5);
        for algorithm in [Algorithm::boosted(), Algorithm::logistic()] {
            let first = train(&algorithm, &set, 11).unwrap();
            let again = train(&algorithm, &set, 11).unwrap();
            assert_eq!(first.to_bytes(), again.to_bytes());
            assert_eq!(first.digest(), again.digest());
        }
        let other = train(&Algorithm::boosted(), &set, 12).unwrap();
        assert_ne!(other.digest(), train(&Algorithm::boosted(), &set, 11).unwrap().digest());
    }

    #[test]
    fn a_round_trip_changes_no_bit() {
        let set = interacting(600, 8, 5);
        let isotonic =
            crate::BoostedParams { calibration: crate::CalibrationMethod::Isotonic, ..crate::BoostedParams::default() };
        for algorithm in [Algorithm::boosted(), Algorithm::logistic(), Algorithm::Boosted(isotonic)] {
            let artefact = train(&algorithm, &set, 11).unwrap();
            let bytes = artefact.to_bytes();
            let read = Artefact::load(&bytes, "contract").unwrap();
            assert_eq!(read.to_bytes(), bytes);
            assert_eq!(read.digest(), artefact.digest());
            assert_eq!(read.summary(), artefact.summary());
            for row in 0..set.len() {
                assert_eq!(read.score(set.row(row)).to_bits(), artefact.score(set.row(row)).to_bits());
            }
        }
    }

    #[test]
    fn every_damaged_byte_is_refused() {
        let bytes = train(&Algorithm::logistic(), &interacting(400, 4, 5), 1).unwrap().to_bytes();
        for at in (0..bytes.len()).step_by(37) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(Artefact::from_bytes(&damaged).is_err(), "byte {at}");
        }
        assert!(Artefact::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(Artefact::from_bytes(&[]).is_err());
        let mut damaged = bytes;
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        let message = Artefact::from_bytes(&damaged).unwrap_err().to_string();
        assert!(message.contains("checksum"), "{message}");
    }

    #[test]
    fn another_contract_and_another_scoring_are_refused() {
        let artefact = train(&Algorithm::boosted(), &interacting(400, 4, 5), 1).unwrap();
        let error = Artefact::load(&artefact.to_bytes(), "other").unwrap_err();
        assert_eq!(error.to_string(), "trained for feature contract contract, this program serves other");
        let mut parts = artefact.parts;
        parts.golden[3].score += 1e-6;
        let error = Artefact::from_bytes(&format::write(&parts)).unwrap_err();
        assert!(matches!(error, LoadError::Golden { row: 3, .. }), "{error}");
    }

    #[test]
    fn contributions_sum_to_the_margin() {
        let set = interacting(700, 10, 8);
        for algorithm in [Algorithm::boosted(), Algorithm::logistic()] {
            let artefact = train(&algorithm, &set, 2).unwrap();
            for row in (0..set.len()).step_by(13) {
                let row = set.row(row);
                let (start, by_feature) = artefact.explain(row);
                let sum = start + by_feature.iter().sum::<f64>();
                assert!((sum - artefact.margin(row)).abs() < 1e-9);
                let top = artefact.contributions(row, 3);
                assert!(top.len() <= 3 && top.windows(2).all(|pair| pair[0].1.abs() >= pair[1].1.abs()));
            }
        }
    }

    #[test]
    fn calibration_improves_log_loss_where_margins_are_overconfident() {
        let (learn, judge) = (interacting(900, 30, 21), interacting(6_000, 30, 22));
        let greedy = crate::BoostedParams {
            trees: 400,
            learning_rate: 0.2,
            max_depth: 6,
            min_leaf_weight: 0.1,
            l2: 0.1,
            ..crate::BoostedParams::default()
        };
        let artefact = train(&Algorithm::Boosted(greedy), &learn, 1).unwrap();
        let raw: Vec<f64> = (0..judge.len()).map(|row| sigmoid(artefact.margin(judge.row(row)))).collect();
        let calibrated = artefact.score_batch(&judge.rows);
        let (before, after) = (log_loss(&raw, &judge.labels, None), log_loss(&calibrated, &judge.labels, None));
        assert!(after < before, "{after} is not below {before}");
        let mean = calibrated.iter().sum::<f64>() / judge.len() as f64;
        let rate = judge.labels.iter().filter(|label| **label).count() as f64 / judge.len() as f64;
        assert!((mean - rate).abs() < 0.03, "mean {mean}, rate {rate}");
    }

    #[test]
    fn declaration_probabilities_rise_with_items_and_stay_honest() {
        let (learn, judge) = (interacting(4_000, 12, 1), interacting(8_000, 12, 2));
        let artefact = train(&Algorithm::boosted(), &learn, 7).unwrap();
        assert!(artefact.declaration_probability(&[]).abs() < 1e-12);
        assert!(artefact.declaration_probability(&[0.1, 0.3]) > artefact.declaration_probability(&[0.1, 0.2]));
        assert!(artefact.declaration_probability(&[1.0, 0.0]) < 1.0);
        let scores = artefact.score_batch(&judge.rows);
        let (mut said, mut came, mut count) = (0.0, 0.0, 0.0);
        for (items, labels) in scores.chunks(2).zip(judge.labels.chunks(2)) {
            said += artefact.declaration_probability(items);
            came += f64::from(u8::from(labels.contains(&true)));
            count += 1.0;
        }
        assert!(((said - came) / count).abs() < 0.03, "said {said}, came {came}");
    }

    #[test]
    fn weights_tell_which_rows_count() {
        let mut set = interacting(1_000, 6, 5);
        // Rows of the second half say the opposite and weigh nothing.
        for row in 500..1_000 {
            set.labels[row] = !set.labels[row];
            set.weights[row] = 0.0;
        }
        let judge = interacting(3_000, 6, 6);
        for algorithm in [Algorithm::boosted(), Algorithm::logistic()] {
            let artefact = train(&algorithm, &set, 1).unwrap();
            assert!(held_out_auc(&artefact, &judge) > 0.6, "{}", algorithm.as_str());
        }
    }

    #[test]
    fn parameters_out_of_range_are_refused_by_name() {
        let params = crate::BoostedParams { max_depth: 0, ..crate::BoostedParams::default() };
        let error = train(&Algorithm::Boosted(params), &interacting(400, 3, 1), 1).unwrap_err();
        assert_eq!(error.to_string(), "maxDepth = 0 is outside 1 to 12");
    }
}
