//! The online model: FTRL-proximal (McMahan et al. 2013), row by row, in the order of time.
//!
//! Standardisation is fixed by the first training; the state (two numbers a coefficient) travels in the artefact, so
//! that it learns on wherever it is loaded, and every row moves it the same whether it comes alone or among many.

use linfa::{DatasetBase, dataset::Pr, traits::Predict};
use linfa_ftrl::Ftrl;
use ndarray::{Array1, Array2};
use serde_json::json;

use super::standardised::standardisation;
use crate::{LoadError, OnlineParams, TrainError, TrainingSet, linear::Linear};

/// A line with what it needs to learn on.
#[derive(Clone, Debug)]
pub struct Online {
    linear: Linear,
    learner: Ftrl<f64>,
}

impl PartialEq for Online {
    fn eq(&self, other: &Self) -> bool {
        self.linear == other.linear && self.state() == other.state()
    }
}

/// The first training: the standardisation, then `passes` over the rows.
pub(super) fn fit(params: &OnlineParams, set: &TrainingSet) -> Result<Online, TrainError> {
    let linear = standardisation(set, &set.normalised_weights(), params.clip);
    let zeros = Array1::<f64>::zeros(set.width() + 1);
    let mut online = Online { linear, learner: learner(params, &zeros, &zeros)? };
    for _ in 0..params.passes {
        online.pass(set);
    }
    online.take_up()?;
    Ok(online)
}

/// A learner in a given state. Its own start is drawn by chance; ours is nothing known.
fn learner(params: &OnlineParams, z: &Array1<f64>, n: &Array1<f64>) -> Result<Ftrl<f64>, TrainError> {
    let state = json!({
        "alpha": params.alpha, "beta": params.beta, "l1_ratio": params.l1, "l2_ratio": params.l2, "z": z, "n": n,
    });
    serde_json::from_value(state).map_err(|error| TrainError::Learner(Box::new(error)))
}

impl Online {
    /// The line as it is now.
    pub fn linear(&self) -> &Linear {
        &self.linear
    }

    /// The learner's state, as text.
    pub(crate) fn state(&self) -> Vec<u8> {
        serde_json::to_vec(&self.learner).expect("the state is numbers")
    }

    /// A line and the state that belongs to it.
    pub(crate) fn of(linear: Linear, state: &[u8]) -> Result<Self, LoadError> {
        let learner: Ftrl<f64> = serde_json::from_slice(state)?;
        let online = Self { linear, learner };
        let width = online.linear.coefficients.len() + 1;
        if online.learner.z().len() != width || online.learner.n().len() != width {
            return Err(LoadError::Format("an online model's state has another width"));
        }
        Ok(online)
    }

    /// Learns from more rows, in the order of time.
    pub(crate) fn learn_on(&mut self, set: &TrainingSet) -> Result<(), TrainError> {
        self.pass(set);
        self.take_up()
    }

    fn pass(&mut self, set: &TrainingSet) {
        let mut order: Vec<usize> = (0..set.len()).collect();
        order.sort_by_key(|row| (set.times[*row], set.groups[*row]));
        for row in order {
            self.step(set.row(row), set.labels[row], f64::from(set.weights[row]));
        }
    }

    /// One row; its weight scales what it says.
    fn step(&mut self, row: &[f32], label: bool, weight: f64) {
        let width = self.linear.coefficients.len();
        let records = Array2::from_shape_fn((1, width + 1), |(_, column)| {
            if column == width { 1.0 } else { self.linear.standardised(column, row[column]) }
        });
        let said: Array1<Pr> = self.learner.predict(&records);
        let truth = f64::from(u8::from(label));
        let weighed = said.mapv(|said| Pr::new_unchecked((truth + weight * (f64::from(*said) - truth)) as f32));
        self.learner.update(&DatasetBase::new(records, Array1::from_elem(1, label)), weighed.view());
    }

    fn take_up(&mut self) -> Result<(), TrainError> {
        let weights = self.learner.get_weights();
        if weights.iter().any(|weight| !weight.is_finite()) {
            return Err(TrainError::Learner("the online model diverged".into()));
        }
        let width = self.linear.coefficients.len();
        self.linear.coefficients = weights.iter().take(width).copied().collect();
        self.linear.bias = weights[width];
        Ok(())
    }
}
