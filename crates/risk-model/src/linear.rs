//! A linear model on standardised features.

/// `bias + Σ coefficient × clip((value − mean) / deviation)`; a missing value counts as the mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    pub(crate) bias: f64,
    pub(crate) clip: f64,
    pub(crate) coefficients: Vec<f64>,
    pub(crate) means: Vec<f64>,
    pub(crate) deviations: Vec<f64>,
}

impl Linear {
    /// The standardised value of feature `index`.
    pub(crate) fn standardised(&self, index: usize, value: f32) -> f64 {
        if value.is_nan() {
            return 0.0;
        }
        ((f64::from(value) - self.means[index]) / self.deviations[index]).clamp(-self.clip, self.clip)
    }

    /// The margin (logit scale) of a row.
    pub fn margin(&self, row: &[f32]) -> f64 {
        let mut sum = self.bias;
        for (index, coefficient) in self.coefficients.iter().enumerate() {
            let value = row.get(index).copied().unwrap_or(f32::NAN);
            sum += coefficient * self.standardised(index, value);
        }
        sum
    }

    /// For each feature, whether the margin depends on it: a constant one is all deviation.
    pub(crate) fn uses(&self) -> Vec<bool> {
        let known = self.deviations.iter().map(|deviation| *deviation < f64::MAX);
        self.coefficients.iter().zip(known).map(|(coefficient, known)| *coefficient != 0.0 && known).collect()
    }

    /// What each feature adds; the returned start plus all contributions is the margin.
    pub fn contributions(&self, row: &[f32]) -> (f64, Vec<f64>) {
        let by_feature = self
            .coefficients
            .iter()
            .enumerate()
            .map(|(index, coefficient)| {
                coefficient * self.standardised(index, row.get(index).copied().unwrap_or(f32::NAN))
            })
            .collect();
        (self.bias, by_feature)
    }
}
