//! Logistic regression: linfa's solver on standardised features.

use linfa::{Dataset, traits::Fit};
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};

use super::standardised::standardisation;
use crate::{LogisticParams, TrainError, TrainingSet, linear::Linear};

/// Copies of a row of mean weight when weights differ: the solver knows no weights, so they are rounded to halves.
const COPIES: f64 = 2.0;

/// Fits the linear model; missing values are left at the mean.
pub(super) fn fit(params: &LogisticParams, set: &TrainingSet) -> Result<Linear, TrainError> {
    let weights = set.normalised_weights();
    let mut linear = standardisation(set, &weights, params.clip);
    let copies = copies(&weights);
    let scale = if copies.iter().all(|count| *count == 1) { 1.0 } else { COPIES };
    let chosen: Vec<usize> =
        copies.iter().enumerate().flat_map(|(row, count)| std::iter::repeat_n(row, *count)).collect();
    let records = Array2::from_shape_fn((chosen.len(), set.width()), |(at, column)| {
        linear.standardised(column, set.row(chosen[at])[column])
    });
    let targets: Array1<bool> = chosen.iter().map(|row| set.labels[*row]).collect();
    let fitted = LogisticRegression::default()
        .alpha(params.l2 * scale)
        .max_iterations(params.iterations)
        .gradient_tolerance(params.tolerance)
        .fit(&Dataset::new(records, targets))
        .map_err(|error| TrainError::Learner(Box::new(error)))?;
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    linear.bias = sign * fitted.intercept();
    linear.coefficients = fitted.params().iter().map(|value| sign * value).collect();
    if !linear.bias.is_finite() || linear.coefficients.iter().any(|value| !value.is_finite()) {
        return Err(TrainError::Learner("the solver diverged".into()));
    }
    Ok(linear)
}

/// How often each row enters: once when all weigh the same, else halves of the mean with the rest carried on.
fn copies(weights: &[f64]) -> Vec<usize> {
    if weights.iter().all(|weight| (weight - 1.0).abs() < 1e-6) {
        return vec![1; weights.len()];
    }
    let mut carried = 0.5;
    weights
        .iter()
        .map(|weight| {
            carried += weight * COPIES;
            let count = carried.floor();
            carried -= count;
            count as usize
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_follow_the_weights() {
        assert_eq!(copies(&[1.0, 1.0]), [1, 1]);
        assert_eq!(copies(&[0.5, 1.5]), [1, 3]);
        assert_eq!(copies(&[0.1; 10].map(|w| w * 10.0)).iter().sum::<usize>(), 10);
        assert_eq!(copies(&[0.0, 2.0])[0], 0);
    }
}
