//! Models: train, calibrate, score, explain, and the one artefact format they travel in.
//!
//! Pure: no clock, no randomness but the given seed, no I/O, no threads. The same training set, algorithm and seed
//! give the same bytes. An artefact that cannot prove that it scores here as it scored where it was trained (checksum,
//! feature contract, golden rows) is refused at loading, so that a score is never silently another one.

#![expect(clippy::doc_markdown, reason = "names of products are no code")]

pub mod artefact;
pub mod calibration;
pub mod card;
pub mod compare;
pub mod error;
pub mod forest;
pub mod import;
pub mod linear;
pub mod metrics;
pub mod novelty;
#[cfg(feature = "onnx")]
pub mod onnx;
pub mod params;
pub mod train;
pub mod training_set;

pub use artefact::{Artefact, Summary};
pub use card::CardNotes;
pub use compare::{train_all, train_best};
pub use error::{LoadError, TrainError};
pub use import::{ImportError, Imported};
pub use metrics::{CalibrationBin, Evaluation, Interval, Intervals};
pub use novelty::{Novelty, NoveltyReason};
pub use params::{
    Algorithm, BoostedParams, CalibrationMethod, ForestParams, ImportedModel, LogisticParams, ModelFormat, OnlineParams,
};
pub use train::train;
pub use training_set::TrainingSet;

/// `1 / (1 + e^-x)`.
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `ln(p / (1 - p))`, with `p` kept away from 0 and 1.
pub(crate) fn logit(p: f64) -> f64 {
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    (p / (1.0 - p)).ln()
}
