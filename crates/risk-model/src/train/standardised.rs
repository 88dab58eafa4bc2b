//! Features on one scale, for models that are lines.

use crate::{TrainingSet, linear::Linear};

/// Weighted means and deviations of the values that are there.
pub(super) fn standardisation(set: &TrainingSet, weights: &[f64], clip: f64) -> Linear {
    let width = set.width();
    let mut linear = Linear {
        bias: 0.0,
        clip,
        coefficients: vec![0.0; width],
        means: vec![0.0; width],
        deviations: vec![1.0; width],
    };
    for column in 0..width {
        let present = || {
            (0..set.len())
                .map(|row| (f64::from(set.rows[row * width + column]), weights[row]))
                .filter(|(value, _)| !value.is_nan())
        };
        let total: f64 = present().map(|(_, weight)| weight).sum();
        if total <= 0.0 {
            continue;
        }
        let mean = present().map(|(value, weight)| value * weight).sum::<f64>() / total;
        let variance = present().map(|(value, weight)| weight * (value - mean).powi(2)).sum::<f64>() / total;
        linear.means[column] = mean;
        // A constant column stays at 0 whatever comes later.
        linear.deviations[column] = if variance > 1e-18 { variance.sqrt() } else { f64::MAX };
    }
    linear
}
