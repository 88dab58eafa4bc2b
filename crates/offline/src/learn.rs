//! Training: out-of-fold rates, past-only sightings, a fit on all cases.
//!
//! The defaults were chosen by fitting on the first three quarters of a year and judging on the fourth, never on a
//! later file.

use std::collections::BTreeMap;

use features::{DeclarationKeys, Known, MemoryStates, OutOfFold, Timeline, contract, keys, vectors_knowing};
use risk_model::{Algorithm, Artefact, BoostedParams, ForestParams, LogisticParams, TrainError, TrainingSet};

use crate::case::Case;
use crate::model_file::{ModelFile, Origin};

/// Out-of-fold parts of the training period.
pub const FOLDS: usize = 10;

/// How to train.
#[derive(Clone, Debug)]
pub struct Options {
    /// Profile of the files, kept in the model file.
    pub profile: String,
    /// Parts of the training period; a row's rates come from the other parts.
    pub folds: usize,
    /// The model.
    pub algorithm: Algorithm,
    /// The learners it is compared with, by name.
    pub baselines: BTreeMap<String, Algorithm>,
    /// The same cases and seed give the same bytes.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            profile: String::new(),
            folds: FOLDS,
            algorithm: boosted(),
            baselines: BTreeMap::from([
                ("logistic".to_owned(), logistic()),
                ("randomForest".to_owned(), random_forest()),
            ]),
            seed: 1,
        }
    }
}

/// Boosted trees for tens of thousands of labels: deeper than the first months of an installation bear.
pub fn boosted() -> Algorithm {
    Algorithm::Boosted(BoostedParams {
        trees: 200,
        bags: 3,
        max_depth: 6,
        learning_rate: 0.06,
        min_leaf_weight: 5.0,
        subsample: 0.7,
        colsample: 0.3,
        folds: 3,
        ..BoostedParams::default()
    })
}

/// Logistic regression for tens of thousands of labels.
pub fn logistic() -> Algorithm {
    Algorithm::Logistic(LogisticParams { folds: 2, ..LogisticParams::default() })
}

/// A random forest for tens of thousands of labels.
pub fn random_forest() -> Algorithm {
    Algorithm::Forest(ForestParams { folds: 2, ..ForestParams::default() })
}

/// Trains on `cases`. `progress` hears what is being done.
pub fn train(cases: &[Case], options: &Options, mut progress: impl FnMut(&str)) -> Result<ModelFile, TrainError> {
    progress("reading rates");
    let mut known = OutOfFold::new(options.folds);
    for case in cases {
        known.take(&case.lodged());
        known.take(&case.resulted());
    }
    progress("computing vectors");
    let set = training_set(cases, &known);
    progress("training the model");
    let model = risk_model::train(&options.algorithm, &set, options.seed)?;
    let mut baselines: BTreeMap<String, Artefact> = BTreeMap::new();
    for (name, algorithm) in &options.baselines {
        progress(&format!("training the baseline {name}"));
        baselines.insert(name.clone(), risk_model::train(algorithm, &set, options.seed)?);
    }
    let origin = Origin {
        profile: options.profile.clone(),
        rows: set.len(),
        findings: set.labels.iter().filter(|found| **found).count(),
        from: set.times.first().copied().unwrap_or_default(),
        to: set.times.last().copied().unwrap_or_default(),
        folds: options.folds,
        seed: options.seed,
    };
    let states = MemoryStates { states: known.into_whole().states, ..MemoryStates::default() };
    Ok(ModelFile { origin, model, baselines, states })
}

/// The vectors of `cases` with their labels, in the order of acceptance.
pub fn training_set(cases: &[Case], known: &OutOfFold) -> TrainingSet {
    let mut set = TrainingSet {
        contract_hash: contract().hash.clone(),
        names: contract().names.iter().map(|name| (*name).to_owned()).collect(),
        ..TrainingSet::default()
    };
    let (mut timeline, mut past) = (Timeline::default(), MemoryStates::default());
    for (sequence, case) in (1..).zip(in_order(cases)) {
        let at = case.declaration.acceptance_date_time;
        let keys: DeclarationKeys = keys(&case.declaration);
        timeline.reach(at, &mut past);
        let known = Known { counted: &known.read(case.id, keys.list()), past: &past.read(keys.list()) };
        let group = case.id.0.as_u64_pair().1;
        for vector in vectors_knowing(&case.declaration, &keys, &known, &[], at) {
            set.push(&vector, case.found, 1.0, group, at.as_microsecond());
        }
        timeline.take(2 * sequence, case.lodged(), &mut past);
        timeline.take(2 * sequence + 1, case.resulted(), &mut past);
    }
    set
}

/// Cases in the order of acceptance; those of one moment in the order of the file.
pub fn in_order(cases: &[Case]) -> Vec<&Case> {
    let mut order: Vec<&Case> = cases.iter().collect();
    order.sort_by_key(|case| case.declaration.acceptance_date_time);
    order
}
