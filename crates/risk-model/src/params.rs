//! Algorithms and their hyper-parameters, checked before they are used.
//!
//! The defaults are for the first months of an installation: some hundreds of examined items, a tenth of them with a
//! finding. Trees of two splits: the rates among the features already join goods, route and tax, and deeper trees were
//! worse up to 5,000 items and no better there.

use serde::{Deserialize, Serialize};

use crate::TrainError;

/// What to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Algorithm {
    /// Gradient-boosted trees: finds interactions.
    Boosted(BoostedParams),
    /// Regularised logistic regression: the transparent baseline.
    Logistic(LogisticParams),
}

/// How margins become probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CalibrationMethod {
    /// Isotonic from 1,000 out-of-fold positives on, Platt below.
    Auto,
    /// A line on the logit scale (Platt 1999), its slope drawn towards 1.
    Platt,
    /// A monotone step function (Zadrozny and Elkan 2002), interpolated, mixed with 2 % of Platt so that order is kept.
    Isotonic,
}

/// Hyper-parameters of gradient-boosted trees.
///
/// | name | default | range | meaning |
/// |---|---|---|---|
/// | `trees` | 120 | 1 to 2,000 | boosting rounds per bag |
/// | `bags` | 2 | 1 to 20 | boosters with different seeds whose margins are averaged |
/// | `learning_rate` | 0.05 | 0 < x ≤ 1 | shrinkage of each tree |
/// | `max_depth` | 2 | 1 to 12 | splits on a path |
/// | `min_leaf_weight` | 2 | x ≥ 0 | least Σ p(1−p) of a leaf; at 10 % findings 2 is about 22 items |
/// | `l2` | 5 | x ≥ 0 | ridge on leaf values |
/// | `subsample` | 0.7 | 0 < x ≤ 1 | share of rows each tree sees |
/// | `colsample` | 0.6 | 0 < x ≤ 1 | share of features each tree sees |
/// | `bins` | 64 | 2 to 1,024 | quantile bins per feature |
/// | `folds` | 5 | 2 to 20 | out-of-fold blocks for calibration |
/// | `calibration` | `auto` | | see [`CalibrationMethod`] |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BoostedParams {
    /// Boosting rounds per bag.
    pub trees: u32,
    /// Boosters whose margins are averaged.
    pub bags: u32,
    /// Shrinkage.
    pub learning_rate: f32,
    /// Splits on a path.
    pub max_depth: u32,
    /// Least sum of hessians in a leaf.
    pub min_leaf_weight: f32,
    /// Ridge on leaf values.
    pub l2: f32,
    /// Share of rows per tree.
    pub subsample: f32,
    /// Share of features per tree.
    pub colsample: f64,
    /// Quantile bins per feature.
    pub bins: u16,
    /// Out-of-fold blocks.
    pub folds: u32,
    /// How margins become probabilities.
    pub calibration: CalibrationMethod,
}

impl Default for BoostedParams {
    fn default() -> Self {
        Self {
            trees: 120,
            bags: 2,
            learning_rate: 0.05,
            max_depth: 2,
            min_leaf_weight: 2.0,
            l2: 5.0,
            subsample: 0.7,
            colsample: 0.6,
            bins: 64,
            folds: 5,
            calibration: CalibrationMethod::Auto,
        }
    }
}

/// Hyper-parameters of logistic regression. Features are standardised; missing counts as the mean.
///
/// | name | default | range | meaning |
/// |---|---|---|---|
/// | `l2` | 120 | x ≥ 0 | ridge on the coefficients of standardised features |
/// | `iterations` | 200 | 1 to 10,000 | most steps of L-BFGS |
/// | `tolerance` | 1e-4 | x > 0 | gradient at which it stops |
/// | `clip` | 5 | x > 0 | standard deviations beyond which a value counts as that many |
/// | `folds` | 5 | 2 to 20 | out-of-fold blocks for calibration |
/// | `calibration` | `auto` | | see [`CalibrationMethod`] |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogisticParams {
    /// Ridge on the coefficients.
    pub l2: f64,
    /// Most steps of the solver.
    pub iterations: u64,
    /// Gradient at which the solver stops.
    pub tolerance: f64,
    /// Standard deviations at which values are cut.
    pub clip: f64,
    /// Out-of-fold blocks.
    pub folds: u32,
    /// How margins become probabilities.
    pub calibration: CalibrationMethod,
}

impl Default for LogisticParams {
    fn default() -> Self {
        Self { l2: 120.0, iterations: 200, tolerance: 1e-4, clip: 5.0, folds: 5, calibration: CalibrationMethod::Auto }
    }
}

/// Hyper-parameters within their ranges; only [`Algorithm::check`] makes one.
#[derive(Clone, Debug)]
pub struct Checked<'a>(&'a Algorithm);

impl Algorithm {
    /// Boosted trees with the defaults.
    pub fn boosted() -> Self {
        Self::Boosted(BoostedParams::default())
    }

    /// Logistic regression with the defaults.
    pub fn logistic() -> Self {
        Self::Logistic(LogisticParams::default())
    }

    /// The wire name: `boosted` or `logistic`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Boosted(_) => "boosted",
            Self::Logistic(_) => "logistic",
        }
    }

    /// Whether every hyper-parameter is in its range.
    pub fn check(&self) -> Result<Checked<'_>, TrainError> {
        match self {
            Self::Boosted(p) => {
                within("trees", f64::from(p.trees), 1.0..=2_000.0, "1 to 2,000")?;
                within("bags", f64::from(p.bags), 1.0..=20.0, "1 to 20")?;
                within("learningRate", f64::from(p.learning_rate), 1e-6..=1.0, "0 < x <= 1")?;
                within("maxDepth", f64::from(p.max_depth), 1.0..=12.0, "1 to 12")?;
                within("minLeafWeight", f64::from(p.min_leaf_weight), 0.0..=1e12, "x >= 0")?;
                within("l2", f64::from(p.l2), 0.0..=1e12, "x >= 0")?;
                within("subsample", f64::from(p.subsample), 1e-6..=1.0, "0 < x <= 1")?;
                within("colsample", p.colsample, 1e-6..=1.0, "0 < x <= 1")?;
                within("bins", f64::from(p.bins), 2.0..=1_024.0, "2 to 1,024")?;
                within("folds", f64::from(p.folds), 2.0..=20.0, "2 to 20")?;
            }
            Self::Logistic(p) => {
                within("l2", p.l2, 0.0..=1e12, "x >= 0")?;
                within("iterations", p.iterations as f64, 1.0..=10_000.0, "1 to 10,000")?;
                within("tolerance", p.tolerance, 1e-12..=1e3, "x > 0")?;
                within("clip", p.clip, 1e-3..=1e6, "x > 0")?;
                within("folds", f64::from(p.folds), 2.0..=20.0, "2 to 20")?;
            }
        }
        Ok(Checked(self))
    }
}

impl Checked<'_> {
    /// The algorithm.
    pub fn algorithm(&self) -> &Algorithm {
        self.0
    }

    pub(crate) fn folds(&self) -> usize {
        match self.0 {
            Algorithm::Boosted(p) => p.folds as usize,
            Algorithm::Logistic(p) => p.folds as usize,
        }
    }

    pub(crate) fn calibration(&self) -> CalibrationMethod {
        match self.0 {
            Algorithm::Boosted(p) => p.calibration,
            Algorithm::Logistic(p) => p.calibration,
        }
    }
}

fn within(
    name: &'static str,
    value: f64,
    range: std::ops::RangeInclusive<f64>,
    text: &'static str,
) -> Result<(), TrainError> {
    if range.contains(&value) { Ok(()) } else { Err(TrainError::Parameter { name, value, range: text }) }
}
