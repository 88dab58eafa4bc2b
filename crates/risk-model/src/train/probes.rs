//! Golden rows for a model that came without any: values on both sides of its own thresholds.

use crate::{artefact::GoldenRow, train::Predictor};

/// `count` rows of `width` values, the same for the same model. Each feature takes, from row to row, another of the
/// model's thresholds, the number just below it, or nothing at all.
pub(super) fn rows(predictor: &Predictor, width: usize, count: usize) -> Vec<GoldenRow> {
    let mut seen: Vec<Vec<f32>> = vec![Vec::new(); width];
    if let Predictor::Forest(forest) = predictor {
        for (at, node) in forest.nodes.iter().enumerate().filter(|(at, node)| !node.is_leaf(*at as u32)) {
            // A set has no threshold; its node's place serves as a category as well as any.
            let value = if node.threshold > f32::MIN { node.threshold } else { (at % 64) as f32 };
            seen[node.feature()].push(if value.is_finite() { value } else { 0.0 });
        }
    }
    (0..count)
        .map(|row| {
            let value = |feature: usize| {
                let known = &seen[feature];
                // Neighbouring features take different turns.
                let turn = row + 7 * feature;
                match (turn % 3, known.get(turn / 3 * 31 % known.len().max(1))) {
                    (0, _) => f32::NAN,
                    (1, Some(threshold)) => *threshold,
                    (_, Some(threshold)) => threshold.next_down(),
                    (_, None) => turn as f32 - 8.0,
                }
            };
            GoldenRow { values: (0..width).map(value).collect(), score: 0.0 }
        })
        .collect()
}
