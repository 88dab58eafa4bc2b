//! The random forest: linfa's ensemble of shallow trees, taken over into flat trees.
//!
//! linfa's leaves say only which class prevails, so each leaf's rate of findings is taken from the rows that reach it:
//! a tree votes with that. Classes weigh the same while a tree grows, or most leaves of rare findings would be pruned
//! together.

use linfa::{
    DatasetBase, ParamGuard,
    dataset::AsSingleTargets,
    error::{Error, Result as LinfaResult},
    traits::Fit,
};
use linfa_ensemble::{EnsembleLearner, EnsembleLearnerParams};
use linfa_trees::{DecisionTree, DecisionTreeParams, TreeNode};
use ndarray::{Array1, Array2};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

use crate::{
    ForestParams, TrainError, TrainingSet,
    forest::{Flat, Forest, Grown, Split, Sum, Test, just_above},
};

/// Findings weigh a little more than the balance, so that no leaf is undecided: ties would be broken by chance.
const TILT: f32 = 1.000_1;
/// Rows of the mean rate in every leaf.
const PRIOR: f64 = 5.0;
/// What a vote between none and all spans on the logit scale, before calibration.
const SPAN: f64 = 6.0;

/// Grows the forest and joins its votes.
pub(super) fn fit(params: &ForestParams, set: &TrainingSet, seed: u64) -> Result<Forest, TrainError> {
    let medians = medians(set);
    let rows = resampled(set, seed);
    let records = Array2::from_shape_fn((rows.len(), set.width()), |(at, column)| {
        filled(set.row(rows[at])[column], medians[column])
    });
    let targets: Array1<bool> = rows.iter().map(|row| set.labels[*row]).collect();
    let tree = DecisionTree::params()
        .max_depth(Some(params.max_depth as usize))
        .min_weight_leaf(params.min_leaf_rows as f32)
        .min_weight_split(2.0 * params.min_leaf_rows as f32);
    let rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let ensemble: EnsembleLearner<DecisionTree<f64, bool>> = EnsembleLearnerParams::new_fixed_rng(Balanced(tree), rng)
        .ensemble_size(params.trees as usize)
        .bootstrap_proportion(params.subsample)
        .feature_proportion(params.colsample)
        .fit(&DatasetBase::new(records, targets))
        .map_err(|error| TrainError::Learner(Box::new(error)))?;

    let weights = set.normalised_weights();
    let rate =
        set.labels.iter().zip(&weights).filter(|(label, _)| **label).map(|(_, w)| w).sum::<f64>() / set.len() as f64;
    let share = SPAN / ensemble.models.len() as f64;
    let mut flat = Flat::empty(-SPAN / 2.0, Sum::Double);
    for (model, columns) in ensemble.models.iter().zip(&ensemble.model_features) {
        let mut tree = Vec::new();
        grow(model.root_node(), columns, &medians, &mut tree);
        vote(&mut tree, set, &weights, rate, share);
        flat.add(&tree).map_err(|error| TrainError::Learner(Box::new(error)))?;
    }
    Forest::new(flat, set.width()).map_err(|error| TrainError::Learner(Box::new(error)))
}

/// Trees of weighted classes: the ensemble draws rows, this says how much they count.
#[derive(Clone)]
struct Balanced(DecisionTreeParams<f64, bool>);

impl Fit<Array2<f64>, Array1<bool>, Error> for Balanced {
    type Object = DecisionTree<f64, bool>;

    fn fit(&self, dataset: &DatasetBase<Array2<f64>, Array1<bool>>) -> LinfaResult<Self::Object> {
        let labels = dataset.as_single_targets();
        let found = labels.iter().filter(|label| **label).count().max(1) as f32;
        let others = (labels.len() as f32 - found).max(1.0);
        let half = labels.len() as f32 / 2.0;
        let weights = labels.mapv(|label| if label { half / found * TILT } else { half / others });
        let weighted = DatasetBase::new(dataset.records.clone(), dataset.targets.clone()).with_weights(weights);
        self.0.check_ref()?.fit(&weighted)
    }
}

/// The median of each column's values; 0 where there are none.
fn medians(set: &TrainingSet) -> Vec<f32> {
    (0..set.width())
        .map(|column| {
            let mut values: Vec<f32> =
                (0..set.len()).map(|row| set.row(row)[column]).filter(|value| !value.is_nan()).collect();
            values.sort_by(f32::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or(0.0)
        })
        .collect()
}

fn filled(value: f32, median: f32) -> f64 {
    f64::from(if value.is_nan() { median } else { value })
}

/// Rows as often as they weigh, as many as there are: the learner draws all alike.
fn resampled(set: &TrainingSet, seed: u64) -> Vec<usize> {
    // Where the comb of equal distances begins.
    let mut passed = (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11) as f64 / (1_u64 << 53) as f64;
    let mut rows = Vec::with_capacity(set.len());
    for (row, weight) in set.normalised_weights().into_iter().enumerate() {
        passed += weight;
        while passed >= 1.0 {
            rows.push(row);
            passed -= 1.0;
        }
    }
    rows
}

/// Appends the nodes below and returns their root.
fn grow(node: &TreeNode<f64, bool>, columns: &[usize], medians: &[f32], tree: &mut Vec<Grown>) -> usize {
    let at = tree.len();
    tree.push(Grown { value: 0.0, cover: 0.0, split: None });
    if let [Some(left), Some(right)] = node.children()[..] {
        let (column, threshold, _) = node.split();
        let feature = columns[column];
        let threshold = just_above(threshold);
        let (left, right) = (grow(left, columns, medians, tree), grow(right, columns, medians, tree));
        let missing_right = medians[feature] >= threshold;
        tree[at].split = Some(Split { feature, test: Test::Below(threshold), missing_right, left, right });
    }
    at
}

/// Fills in what each node saw: its rows and their rate of findings, drawn a little towards the mean.
fn vote(tree: &mut [Grown], set: &TrainingSet, weights: &[f64], rate: f64, share: f64) {
    let mut found = vec![0.0; tree.len()];
    for (row, weight) in weights.iter().enumerate() {
        let mut at = 0;
        loop {
            tree[at].cover += weight;
            found[at] += if set.labels[row] { *weight } else { 0.0 };
            let Some(split) = &tree[at].split else { break };
            let value = set.row(row)[split.feature];
            let Test::Below(threshold) = split.test else { break };
            let right = if value.is_nan() { split.missing_right } else { value >= threshold };
            at = if right { split.right } else { split.left };
        }
    }
    for (node, found) in tree.iter_mut().zip(found) {
        node.value = share * (found + PRIOR * rate) / (node.cover + PRIOR);
    }
}
