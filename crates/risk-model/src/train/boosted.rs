//! Boosted trees: forust grows them, flat nodes keep them.

use forust_ml::{GradientBooster, Matrix, objective::ObjectiveType, sampler::SampleMethod, tree::Tree};

use crate::{
    BoostedParams, TrainError, TrainingSet,
    forest::{Forest, Node},
};

/// Distance between the seeds of two bags; any odd constant keeps them apart.
const BAG_STRIDE: u64 = 0x9E37_79B9_7F4A_7C15;

/// Grows `bags` boosters one after another on one thread, and joins their trees with the margins averaged.
pub(super) fn fit(params: &BoostedParams, set: &TrainingSet, seed: u64) -> Result<Forest, TrainError> {
    let columns = varying_columns(set);
    let labels: Vec<f64> = set.labels.iter().map(|label| f64::from(u8::from(*label))).collect();
    let weights = set.normalised_weights();
    let mut nodes = Vec::new();
    let mut roots = Vec::new();
    let mut base = 0.0;
    let share = 1.0 / f64::from(params.bags);
    if columns.is_empty() {
        // Nothing tells rows apart, so the mean rate is all there is to know.
        let found: f64 = labels.iter().zip(&weights).map(|(label, weight)| label * weight).sum();
        base = crate::logit(found / set.len() as f64);
        return Forest::new(base, nodes, roots, set.width()).map_err(|error| TrainError::Learner(Box::new(error)));
    }
    let values = column_major(set, &columns);
    let data = Matrix::new(&values, set.len(), columns.len());
    for bag in 0..u64::from(params.bags) {
        let mut booster = booster(params, columns.len(), seed.wrapping_add(bag.wrapping_mul(BAG_STRIDE)));
        booster.fit(&data, &labels, &weights, None).map_err(|error| TrainError::Learner(Box::new(error)))?;
        base += booster.base_score * share;
        for tree in &booster.trees {
            roots.push(flatten(tree, &columns, share as f32, &mut nodes));
        }
    }
    Forest::new(base, nodes, roots, set.width()).map_err(|error| TrainError::Learner(Box::new(error)))
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

/// Appends a tree in breadth-first order, siblings together, and returns its root.
fn flatten(tree: &Tree, columns: &[usize], share: f32, nodes: &mut Vec<Node>) -> u32 {
    let root = nodes.len() as u32;
    nodes.push(Node::leaf(0.0, root));
    let mut queue = std::collections::VecDeque::from([(0_usize, root)]);
    while let Some((from, to)) = queue.pop_front() {
        let source = &tree.nodes[from];
        let value = source.weight_value * share;
        if source.is_leaf {
            nodes[to as usize] = Node::leaf(value, to);
            continue;
        }
        let child = nodes.len() as u32;
        nodes[to as usize] = Node {
            threshold: at_or_above(source.split_value),
            value,
            child,
            feature: columns[source.split_feature] as u16,
            missing_right: source.missing_node == source.right_child,
        };
        nodes.push(Node::leaf(0.0, child));
        nodes.push(Node::leaf(0.0, child + 1));
        queue.push_back((source.left_child, child));
        queue.push_back((source.right_child, child + 1));
    }
    root
}

/// The least `f32` at or above `threshold`: for every `f32` value, `value < threshold` stays what it was.
fn at_or_above(threshold: f64) -> f32 {
    let nearest = threshold as f32;
    if f64::from(nearest) < threshold { nearest.next_up() } else { nearest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training_set::tests::interacting;

    #[test]
    fn thresholds_never_fall_below() {
        for threshold in [0.1_f64, 1.0 / 3.0, 16_777_217.0, -0.1, 0.0] {
            let kept = at_or_above(threshold);
            assert!(f64::from(kept) >= threshold && f64::from(kept.next_down()) < threshold);
        }
    }

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
