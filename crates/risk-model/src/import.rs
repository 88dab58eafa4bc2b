//! Models trained elsewhere: LightGBM text and XGBoost JSON become flat trees that score as they did there.
//!
//! LightGBM margins and probabilities are the same to the last bit, XGBoost margins too (its probabilities within 1e-6:
//! it takes the exponential in 32 bits). What cannot be carried over exactly is refused with what it is and what to do,
//! never approximated. Features are matched by name, so their order does not matter; a name that the contract does not
//! have is refused, and one that the model does not use is told.

mod lightgbm;
mod names;
mod xgboost;

use crate::{
    Algorithm, Artefact, CalibrationMethod, TrainError, TrainingSet,
    calibration::Line,
    forest::{Forest, Grown},
    params::{ImportedModel, ModelFormat},
    train::{Predictor, adopt},
};

pub use lightgbm::lightgbm;
pub use names::match_names;
pub use xgboost::xgboost;

/// Why a model is not taken over.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Not what its format says.
    #[error("not a {format} model: {what}")]
    Unreadable {
        /// The format.
        format: &'static str,
        /// What is wrong, and where.
        what: String,
    },
    /// A kind of model that cannot be carried over exactly.
    #[error("{what} cannot be taken over exactly; {advice}")]
    Unsupported {
        /// What it is.
        what: String,
        /// What to do instead.
        advice: &'static str,
    },
    /// Features that are not those of the contract.
    #[error("the features are not those of the contract: {}", names::told(.unknown, .absent))]
    Features {
        /// Features of the model that the contract does not have.
        unknown: Vec<String>,
        /// Features of the contract that the model does not have.
        absent: Vec<String>,
    },
    /// It scores otherwise here than where it was trained.
    #[error("row {row} scores {got} here and {expected} where it was trained")]
    Expected {
        /// The row, from 0.
        row: usize,
        /// Here.
        got: f64,
        /// There.
        expected: f64,
    },
    /// Its output is no log-odds, and no calibration was asked for.
    #[error("objective {objective} gives no probabilities; ask for `platt` or `isotonic` calibration")]
    Uncalibrated {
        /// The objective it was trained with.
        objective: String,
    },
    /// It cannot be calibrated on what there is.
    #[error(transparent)]
    Train(#[from] TrainError),
}

impl ImportError {
    /// The names of the kinds, for metrics and problem codes: `unreadable`, `unsupported`, `features`, `expected`,
    /// `uncalibrated` or `train`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable",
            Self::Unsupported { .. } => "unsupported",
            Self::Features { .. } => "features",
            Self::Expected { .. } => "expected",
            Self::Uncalibrated { .. } => "uncalibrated",
            Self::Train(_) => "train",
        }
    }
}

/// A model from elsewhere, in the order of the contract's features.
#[derive(Clone, Debug)]
pub struct Imported {
    predictor: Predictor,
    /// From margin to probability as its own library does; none when its output is no log-odds.
    link: Option<Line>,
    from: ImportedModel,
    unused: Vec<String>,
}

impl Imported {
    pub(crate) fn new(predictor: Predictor, link: Option<Line>, from: ImportedModel, unused: Vec<String>) -> Self {
        Self { predictor, link, from, unused }
    }

    /// What it is.
    pub fn from(&self) -> &ImportedModel {
        &self.from
    }

    /// Features of the contract that it does not know.
    pub fn unused(&self) -> &[String] {
        &self.unused
    }

    /// The output of its trees for a row in the order of the contract.
    pub fn margin(&self, row: &[f32]) -> f64 {
        self.predictor.margin(row)
    }

    /// The probability as its own library gives it; none when its output is no log-odds.
    pub fn probability(&self, row: &[f32]) -> Option<f64> {
        self.link.map(|link| link.apply(self.margin(row)))
    }

    /// Refuses when it does not give the margins that it gave where it was trained, to within `tolerance`. `rows` are
    /// in the order of the contract, one after another.
    pub fn verify(&self, rows: &[f32], width: usize, margins: &[f64], tolerance: f64) -> Result<(), ImportError> {
        for (row, (values, expected)) in rows.chunks_exact(width.max(1)).zip(margins).enumerate() {
            let got = self.margin(values);
            let agrees = (got - expected).abs() <= tolerance;
            if !agrees {
                return Err(ImportError::Expected { row, got, expected: *expected });
            }
        }
        Ok(())
    }

    /// Makes an artefact of it. `judged` gives contract, names and golden rows, and holds labelled rows that the model
    /// has **not** learned from: it is judged on them, and calibrated on them when `calibration` says how. Without
    /// calibration its own probabilities stay what they are. `judged` may be without rows: then nothing is known of its
    /// quality, and rows along its own thresholds prove that it scores alike everywhere.
    pub fn into_artefact(
        self,
        judged: &TrainingSet,
        calibration: Option<CalibrationMethod>,
    ) -> Result<Artefact, ImportError> {
        let Self { predictor, link, mut from, .. } = self;
        if calibration.is_none() && link.is_none() {
            return Err(ImportError::Uncalibrated { objective: from.objective });
        }
        from.calibration = calibration;
        let calibrate = calibration.ok_or_else(|| link.unwrap_or(Line::IDENTITY));
        Ok(adopt(predictor, Algorithm::Imported(from), judged, calibrate)?)
    }
}

/// Reads a model of `format` from its file's bytes, into the order of `contract`'s names.
pub fn import(format: ModelFormat, bytes: &[u8], contract: &[impl AsRef<str>]) -> Result<Imported, ImportError> {
    let text = |format| {
        let wrong =
            |error: std::str::Utf8Error| ImportError::Unreadable { format, what: format!("{error}; is it text?") };
        std::str::from_utf8(bytes).map_err(wrong)
    };
    match format {
        ModelFormat::Lightgbm => lightgbm(text("LightGBM")?, contract),
        ModelFormat::Xgboost => xgboost(text("XGBoost")?, contract),
        #[cfg(feature = "onnx")]
        ModelFormat::Onnx => crate::onnx::import(bytes, contract),
        #[cfg(not(feature = "onnx"))]
        ModelFormat::Onnx => Err(ImportError::Unsupported {
            what: "ONNX".into(),
            advice: "this program was built without the feature `onnx`; give LightGBM text or XGBoost JSON",
        }),
    }
}

/// The parts that both formats end with.
fn imported(
    forest: Forest,
    format: ModelFormat,
    version: String,
    objective: String,
    link: Option<Line>,
    unused: Vec<String>,
) -> Imported {
    let trees = forest.trees();
    let from = ImportedModel { format, version, objective, trees, calibration: None };
    Imported::new(Predictor::Forest(forest), link, from, unused)
}

/// Gives every split the mean of its leaves by cover, so that path differences add up to the margin.
fn settle(tree: &mut [Grown]) {
    // Children may stand anywhere, so parents are settled after what lies below them.
    let mut order = vec![0_usize];
    let mut next = 0;
    while let Some(at) = order.get(next).copied() {
        next += 1;
        if let Some(split) = tree.get(at).and_then(|node| node.split.as_ref())
            && order.len() <= tree.len()
        {
            order.extend([split.left, split.right]);
        }
    }
    for at in order.into_iter().rev() {
        let Some(split) = tree.get(at).and_then(|node| node.split.as_ref()) else { continue };
        let (Some(left), Some(right)) = (tree.get(split.left), tree.get(split.right)) else { continue };
        let cover = left.cover + right.cover;
        let value = if cover > 0.0 {
            (left.value * left.cover + right.value * right.cover) / cover
        } else {
            f64::midpoint(left.value, right.value)
        };
        tree[at].value = value;
    }
}
