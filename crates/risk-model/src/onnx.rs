//! Models of any other kind, as ONNX, through a library that is found at run time.
//!
//! The library is opened once for the program, from a file it is told; nothing is downloaded or built. A model takes one
//! tensor of `f32`, a row of the contract's features in its order (missing is NaN), and gives the probability of a
//! finding. Its inside is not known, so that it explains nothing, and its scores are only as exact as that library.

use std::{
    path::Path,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use ort::{
    environment::Environment,
    session::Session,
    value::{Tensor, TensorElementType, ValueType},
};

use crate::{
    ImportError, Imported,
    calibration::Line,
    logit,
    params::{ImportedModel, ModelFormat},
    train::Predictor,
};

static OPENED: OnceLock<Environment> = OnceLock::new();

/// Why an ONNX model does not score here.
#[derive(Debug, thiserror::Error)]
pub enum OnnxError {
    /// [`open`] was not called, or failed.
    #[error("no ONNX library is open; name the file of libonnxruntime as `library` of [onnx] in the settings")]
    NotOpen,
    /// The file is not a library of the right version.
    #[error("the ONNX library cannot be opened: {0}")]
    Library(String),
    /// The library does not take the model, or fails with it.
    #[error("the ONNX model cannot be used: {0}")]
    Model(String),
    /// It takes or gives something else than a row and a probability.
    #[error("the ONNX model {what}; it must {must}")]
    Shape {
        /// What it does.
        what: String,
        /// What it must do.
        must: String,
    },
}

/// Opens the library in `file` for the whole program; later calls do nothing.
pub fn open(file: &Path) -> Result<(), OnnxError> {
    if OPENED.get().is_some() {
        return Ok(());
    }
    let builder = ort::environment::init_from(file).map_err(|error| OnnxError::Library(error.to_string()))?;
    let environment = builder.build().map_err(|error| OnnxError::Library(error.to_string()))?;
    OPENED.get_or_init(|| environment);
    Ok(())
}

/// A model and the session that runs it; clones share the session, which scores one row at a time.
#[derive(Clone)]
pub struct OnnxModel {
    bytes: Arc<[u8]>,
    session: Arc<Mutex<Session>>,
    width: usize,
    /// The output with the probability.
    output: usize,
}

impl std::fmt::Debug for OnnxModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnnxModel").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl PartialEq for OnnxModel {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl OnnxModel {
    /// A session of the model in `bytes`, for rows of `width` features.
    pub(crate) fn of(bytes: &[u8], width: usize) -> Result<Self, OnnxError> {
        let environment = OPENED.get().ok_or(OnnxError::NotOpen)?;
        let wrong = |error: &dyn std::fmt::Display| OnnxError::Model(error.to_string());
        let session = Session::builder(environment)
            .map_err(|error| wrong(&error))?
            .with_intra_threads(1)
            .map_err(|error| wrong(&error))?
            .commit_from_memory(bytes)
            .map_err(|error| wrong(&error))?;
        if session.inputs().len() != 1 {
            return Err(OnnxError::Shape {
                what: format!("takes {} inputs", session.inputs().len()),
                must: format!("take one tensor of f32, {width} features a row"),
            });
        }
        let floats = |kind: &ValueType| matches!(kind, ValueType::Tensor { ty: TensorElementType::Float32, .. });
        // Labels come first and are not of f32; what comes last are probabilities.
        let output = session.outputs().iter().rposition(|output| floats(output.dtype()));
        let output = output.ok_or_else(|| OnnxError::Shape {
            what: "gives no tensor of f32".into(),
            must: "give probabilities; export it with zipmap off".into(),
        })?;
        let model = Self { bytes: bytes.into(), session: Arc::new(Mutex::new(session)), width, output };
        // What cannot score a row is refused now, not when a declaration waits.
        model.probability(&vec![0.0; width])?;
        Ok(model)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The log-odds of the model's probability; NaN when the library fails with this row.
    pub(crate) fn margin(&self, row: &[f32]) -> f64 {
        self.probability(row).map_or(f64::NAN, logit)
    }

    fn probability(&self, row: &[f32]) -> Result<f64, OnnxError> {
        let wrong = |error: ort::Error| OnnxError::Model(error.to_string());
        let mut values = row.to_vec();
        values.resize(self.width, f32::NAN);
        let tensor = Tensor::from_array(([1, self.width], values)).map_err(wrong)?;
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = session.run(ort::inputs![tensor]).map_err(wrong)?;
        let (_, values) = outputs[self.output].try_extract_tensor::<f32>().map_err(wrong)?;
        match values {
            [probability] | [_, probability] if (0.0..=1.0).contains(probability) => Ok(f64::from(*probability)),
            _ => Err(OnnxError::Shape {
                what: format!("gives {} numbers for a row", values.len()),
                must: "give the probability of a finding, or of none and of one".into(),
            }),
        }
    }
}

/// Takes over an ONNX model for rows of `contract`'s features. It has no names to match, so that it must have been
/// trained with all of them, in their order.
pub fn import(bytes: &[u8], contract: &[impl AsRef<str>]) -> Result<Imported, ImportError> {
    let model = OnnxModel::of(bytes, contract.len())
        .map_err(|error| ImportError::Unreadable { format: "ONNX", what: error.to_string() })?;
    let from = ImportedModel {
        format: ModelFormat::Onnx,
        version: "1".into(),
        objective: "probability".into(),
        trees: 0,
        calibration: None,
    };
    Ok(Imported::new(Predictor::Onnx(model), Some(Line::IDENTITY), from, Vec::new()))
}
