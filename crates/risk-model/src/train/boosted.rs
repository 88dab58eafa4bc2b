//! Boosted trees: forust grows them, flat nodes keep them.

use forust_ml::{GradientBooster, Matrix, objective::ObjectiveType, sampler::SampleMethod, tree::Tree};

use crate::{
    BoostedParams, TrainError, TrainingSet,
    forest::{Flat, Forest, Grown, Split, Sum, Test, at_or_above},
};

/// Distance between the seeds of two bags; any odd constant keeps them apart.
const BAG_STRIDE: u64 = 0x9E37_79B9_7F4A_7C15;

/// Grows `bags` boosters one after another on one thread, and joins their trees with the margins averaged.
pub(super) fn fit(params: &BoostedParams, set: &TrainingSet, seed: u64) -> Result<Forest, TrainError> {
    let columns = varying_columns(set);
    let labels: Vec<f64> = set.labels.iter().map(|label| f64::from(u8::from(*label))).collect();
    let weights = set.normalised_weights();
    let mut flat = Flat::empty(0.0, Sum::Double);
    let share = 1.0 / f64::from(params.bags);
    if columns.is_empty() {
        // Nothing tells rows apart, so the mean rate is all there is to know.
        let found: f64 = labels.iter().zip(&weights).map(|(label, weight)| label * weight).sum();
        flat.base = crate::logit(found / set.len() as f64);
        return Forest::new(flat, set.width()).map_err(|error| TrainError::Learner(Box::new(error)));
    }
    let values = column_major(set, &columns);
    let data = Matrix::new(&values, set.len(), columns.len());
    for bag in 0..u64::from(params.bags) {
        let mut booster = booster(params, columns.len(), seed.wrapping_add(bag.wrapping_mul(BAG_STRIDE)));
        booster.fit(&data, &labels, &weights, None).map_err(|error| TrainError::Learner(Box::new(error)))?;
        flat.base += booster.base_score * share;
        for tree in &booster.trees {
            flat.add(&grown(tree, &columns, share as f32)).map_err(|error| TrainError::Learner(Box::new(error)))?;
        }
    }
    Forest::new(flat, set.width()).map_err(|error| TrainError::Learner(Box::new(error)))
}

fn booster(params: &BoostedParams, columns: usize, seed: u64) -> GradientBooster {
    // One column per tree at least, however few there are.
    let colsample = params.colsample.max(1.0 / columns as f64 + 1e-9).min(1.0);
    let sampling = if params.subsample < 1.0 { SampleMethod::Random } else { SampleMethod::None };
    GradientBooster::default()
        .set_objective_type(ObjectiveType::LogLoss)
        .set_iterations(params.trees as usize)
        .set_max_depth(params.max_depth as usize)
        .set_learning_rate(params.learning_rate)
        .set_min_leaf_weight(params.min_leaf_weight)
        .set_l2(params.l2)
        .set_subsample(params.subsample)
        .set_colsample_bytree(colsample)
        .set_sample_method(sampling)
        .set_nbins(params.bins)
        .set_initialize_base_score(true)
        .set_missing(f64::NAN)
        .set_parallel(false)
        .set_seed(seed)
}

/// Columns with at least two different values: the others cannot be split.
fn varying_columns(set: &TrainingSet) -> Vec<usize> {
    (0..set.width())
        .filter(|column| {
            let mut values =
                (0..set.len()).map(|row| set.rows[row * set.width() + column]).filter(|value| !value.is_nan());
            values.next().is_some_and(|first| values.any(|value| value.to_bits() != first.to_bits()))
        })
        .collect()
}

fn column_major(set: &TrainingSet, columns: &[usize]) -> Vec<f64> {
    let mut values = Vec::with_capacity(set.len() * columns.len());
    for column in columns {
        values.extend((0..set.len()).map(|row| f64::from(set.rows[row * set.width() + column])));
    }
    values
}

/// The nodes of a grown tree, its values times the bag's share.
fn grown(tree: &Tree, columns: &[usize], share: f32) -> Vec<Grown> {
    tree.nodes
        .iter()
        .map(|node| Grown {
            value: f64::from(node.weight_value * share),
            cover: f64::from(node.hessian_sum),
            split: (!node.is_leaf).then(|| Split {
                feature: columns[node.split_feature],
                test: Test::Below(at_or_above(node.split_value)),
                missing_right: node.missing_node == node.right_child,
                left: node.left_child,
                right: node.right_child,
            }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training_set::tests::interacting;

    #[test]
    fn flat_trees_score_as_the_learner_does() {
        let set = interacting(800, 6, 3);
        let params = BoostedParams { bags: 1, colsample: 1.0, ..BoostedParams::default() };
        let forest = fit(&params, &set, 9).unwrap();
        let columns: Vec<usize> = (0..set.width()).collect();
        let values = column_major(&set, &columns);
        let data = Matrix::new(&values, set.len(), set.width());
        let labels: Vec<f64> = set.labels.iter().map(|label| f64::from(u8::from(*label))).collect();
        let mut booster = booster(&params, set.width(), 9);
        booster.fit(&data, &labels, &set.normalised_weights(), None).unwrap();
        let expected = booster.predict(&data, false);
        for (row, expected) in expected.iter().enumerate() {
            assert!((forest.margin(set.row(row)) - expected).abs() < 1e-6, "row {row}");
        }
    }
}
