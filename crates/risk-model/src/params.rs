//! Algorithms and their hyper-parameters, checked before they are used.
//!
//! The defaults are for the first months of an installation: some hundreds of examined items, a tenth of them with a
//! finding. Trees of two splits: the rates among the features already join goods, route and tax, and deeper trees were
//! worse up to 5,000 items and no better there.

use serde::{Deserialize, Serialize};

use crate::TrainError;

/// Blocks of time that an imported model is judged in.
pub(crate) const IMPORTED_FOLDS: usize = 5;

/// What to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Algorithm {
    /// Gradient-boosted trees: finds interactions.
    Boosted(BoostedParams),
    /// Regularised logistic regression: the transparent baseline.
    Logistic(LogisticParams),
    /// Logistic regression that learns on with every result (FTRL-proximal).
    Online(OnlineParams),
    /// Random forest of shallow trees: a challenger that errs elsewhere than boosting.
    Forest(ForestParams),
    /// Trained elsewhere and taken over; cannot be trained here.
    Imported(ImportedModel),
}

/// A model format that can be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ModelFormat {
    /// LightGBM text.
    Lightgbm,
    /// XGBoost JSON.
    Xgboost,
    /// ONNX.
    Onnx,
}

impl ModelFormat {
    /// The wire name: `lightgbm`, `xgboost` or `onnx`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lightgbm => "lightgbm",
            Self::Xgboost => "xgboost",
            Self::Onnx => "onnx",
        }
    }
}

/// Where a model that was trained elsewhere comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportedModel {
    /// Its format.
    pub format: ModelFormat,
    /// The version of the format, or of the library that wrote it.
    pub version: String,
    /// What it was trained for, in the words of its library.
    pub objective: String,
    /// Number of trees; 0 where they are not known.
    pub trees: usize,
    /// How its margins became probabilities here; none when its own were kept.
    pub calibration: Option<CalibrationMethod>,
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
/// | `learningRate` | 0.05 | 0 < x ≤ 1 | shrinkage of each tree |
/// | `maxDepth` | 2 | 1 to 12 | splits on a path |
/// | `minLeafWeight` | 2 | x ≥ 0 | least Σ p(1−p) of a leaf; at 10 % findings 2 is about 22 items |
/// | `l2` | 5 | x ≥ 0 | ridge on leaf values |
/// | `subsample` | 0.7 | 0 < x ≤ 1 | share of rows each tree sees |
/// | `colsample` | 0.6 | 0 < x ≤ 1 | share of features each tree sees |
/// | `bins` | 64 | 2 to 1,024 | quantile bins per feature |
/// | `folds` | 5 | 2 to 20 | out-of-fold blocks for calibration |
/// | `calibration` | `auto` | | see [`CalibrationMethod`] |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
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
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
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

/// Hyper-parameters of the online model. Features are standardised once, by the first training; missing counts as the
/// mean.
///
/// | name | default | range | meaning |
/// |---|---|---|---|
/// | `alpha` | 0.05 | 0 < x ≤ 100 | learning rate of each coefficient at its first gradient |
/// | `beta` | 1 | 0 ≤ x ≤ 1,000 | how slowly that rate falls |
/// | `l1` | 0.5 | 0 ≤ x ≤ 1 | gradient that a coefficient must have gathered to leave 0 |
/// | `l2` | 1 | 0 ≤ x ≤ 1 | ridge on the coefficients |
/// | `passes` | 3 | 1 to 50 | times the first training goes through its rows, in the order of time |
/// | `clip` | 5 | x > 0 | standard deviations beyond which a value counts as that many |
/// | `folds` | 5 | 2 to 20 | out-of-fold blocks for calibration |
/// | `calibration` | `auto` | | see [`CalibrationMethod`] |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct OnlineParams {
    /// Learning rate at the first gradient.
    pub alpha: f64,
    /// How slowly the rate falls.
    pub beta: f64,
    /// Gradient below which a coefficient stays 0.
    pub l1: f64,
    /// Ridge on the coefficients.
    pub l2: f64,
    /// Times the first training goes through its rows.
    pub passes: u32,
    /// Standard deviations at which values are cut.
    pub clip: f64,
    /// Out-of-fold blocks.
    pub folds: u32,
    /// How margins become probabilities.
    pub calibration: CalibrationMethod,
}

impl Default for OnlineParams {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            beta: 1.0,
            l1: 0.5,
            l2: 1.0,
            passes: 3,
            clip: 5.0,
            folds: 5,
            calibration: CalibrationMethod::Auto,
        }
    }
}

/// Hyper-parameters of the random forest. Both classes weigh the same while trees grow; a leaf then votes with its
/// rate of findings. Missing counts as the median.
///
/// | name | default | range | meaning |
/// |---|---|---|---|
/// | `trees` | 20 | 1 to 500 | trees |
/// | `maxDepth` | 8 | 1 to 8 | splits on a path |
/// | `minLeafRows` | 20 | 1 to 100,000 | rows a leaf has at least, balanced |
/// | `subsample` | 0.7 | 0 < x ≤ 1 | rows each tree draws, with replacement, as a share of all |
/// | `colsample` | 0.6 | 0 < x ≤ 1 | features each tree draws, with replacement, as a share of all |
/// | `folds` | 3 | 2 to 20 | out-of-fold blocks for calibration |
/// | `calibration` | `auto` | | see [`CalibrationMethod`] |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ForestParams {
    /// Trees.
    pub trees: u32,
    /// Splits on a path.
    pub max_depth: u32,
    /// Rows a leaf has at least.
    pub min_leaf_rows: u32,
    /// Share of rows per tree.
    pub subsample: f64,
    /// Share of features per tree.
    pub colsample: f64,
    /// Out-of-fold blocks.
    pub folds: u32,
    /// How margins become probabilities.
    pub calibration: CalibrationMethod,
}

impl Default for ForestParams {
    fn default() -> Self {
        Self {
            trees: 20,
            max_depth: 8,
            min_leaf_rows: 20,
            subsample: 0.7,
            colsample: 0.6,
            folds: 3,
            calibration: CalibrationMethod::Auto,
        }
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

    /// The online model with the defaults.
    pub fn online() -> Self {
        Self::Online(OnlineParams::default())
    }

    /// A random forest with the defaults.
    pub fn forest() -> Self {
        Self::Forest(ForestParams::default())
    }

    /// The wire name: `boosted`, `logistic`, `online`, `forest`, or the format of an imported model.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Boosted(_) => "boosted",
            Self::Logistic(_) => "logistic",
            Self::Online(_) => "online",
            Self::Forest(_) => "forest",
            Self::Imported(model) => model.format.as_str(),
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
            Self::Online(p) => {
                within("alpha", p.alpha, 1e-9..=100.0, "0 < x <= 100")?;
                within("beta", p.beta, 0.0..=1e3, "0 <= x <= 1,000")?;
                within("l1", p.l1, 0.0..=1.0, "0 <= x <= 1")?;
                within("l2", p.l2, 0.0..=1.0, "0 <= x <= 1")?;
                within("passes", f64::from(p.passes), 1.0..=50.0, "1 to 50")?;
                within("clip", p.clip, 1e-3..=1e6, "x > 0")?;
                within("folds", f64::from(p.folds), 2.0..=20.0, "2 to 20")?;
            }
            Self::Forest(p) => {
                within("trees", f64::from(p.trees), 1.0..=500.0, "1 to 500")?;
                within("maxDepth", f64::from(p.max_depth), 1.0..=8.0, "1 to 8")?;
                within("minLeafRows", f64::from(p.min_leaf_rows), 1.0..=1e5, "1 to 100,000")?;
                within("subsample", p.subsample, 1e-6..=1.0, "0 < x <= 1")?;
                within("colsample", p.colsample, 1e-6..=1.0, "0 < x <= 1")?;
                within("folds", f64::from(p.folds), 2.0..=20.0, "2 to 20")?;
            }
            Self::Imported(model) => return Err(TrainError::Imported { format: model.format.as_str() }),
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
            Algorithm::Online(p) => p.folds as usize,
            Algorithm::Forest(p) => p.folds as usize,
            Algorithm::Imported(_) => IMPORTED_FOLDS,
        }
    }

    pub(crate) fn calibration(&self) -> CalibrationMethod {
        match self.0 {
            Algorithm::Boosted(p) => p.calibration,
            Algorithm::Logistic(p) => p.calibration,
            Algorithm::Online(p) => p.calibration,
            Algorithm::Forest(p) => p.calibration,
            Algorithm::Imported(model) => model.calibration.unwrap_or(CalibrationMethod::Auto),
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
