//! Why a model is not trained, and why an artefact is not loaded.

/// A training set or hyper-parameter that gives no model.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Lengths that do not belong together.
    #[error("{what} has {got} entries, expected {expected}")]
    Shape {
        /// Which column.
        what: &'static str,
        /// How many it has.
        got: usize,
        /// How many it should have.
        expected: usize,
    },
    /// Infinite feature values have no place in a tree or a mean; missing is NaN.
    #[error("feature {feature} is infinite in row {row}")]
    Infinite {
        /// The feature.
        feature: String,
        /// The row, from 0.
        row: usize,
    },
    /// Weights are finite and not negative.
    #[error("weight {weight} of row {row} is not a finite number above or at 0")]
    Weight {
        /// The weight.
        weight: f32,
        /// The row, from 0.
        row: usize,
    },
    /// Too few examined declarations with, or without, a finding.
    #[error(
        "{with} declarations with and {without} without a finding; at least {} of each are needed",
        crate::training_set::MIN_GROUPS
    )]
    TooFewLabels {
        /// Declarations with a finding.
        with: usize,
        /// Declarations without.
        without: usize,
    },
    /// A hyper-parameter outside its range.
    #[error("{name} = {value} is outside {range}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        range: &'static str,
    },
    /// It was trained elsewhere.
    #[error("a model taken over from {format} cannot be trained here; train it where it came from")]
    Imported {
        /// Its format.
        format: &'static str,
    },
    /// Only the online model learns on.
    #[error("a {algorithm} model does not learn on; train it anew")]
    NotOnline {
        /// The algorithm's wire name.
        algorithm: &'static str,
    },
    /// Rows of another feature contract.
    #[error("rows follow feature contract {got}, the model {expected}")]
    Contract {
        /// The rows'.
        got: String,
        /// The model's.
        expected: String,
    },
    /// The learner failed.
    #[error("the learner failed: {0}")]
    Learner(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Bytes that are not an artefact this program may score with.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Not an artefact at all.
    #[error("not a model artefact: {0}")]
    Format(&'static str),
    /// Written by another version of the format.
    #[error("artefact format {got}, this program reads {expected}")]
    Version {
        /// The artefact's.
        got: u32,
        /// Ours.
        expected: u32,
    },
    /// Bytes changed since it was written.
    #[error("checksum {got} of the artefact's bytes is not {expected}, which it carries")]
    Checksum {
        /// BLAKE3 of what was read, hex.
        got: String,
        /// BLAKE3 as written, hex.
        expected: String,
    },
    /// The header is not its JSON.
    #[error("the artefact's header is not readable")]
    Header(#[from] serde_json::Error),
    /// An ONNX model that does not score here.
    #[cfg(feature = "onnx")]
    #[error("the artefact's model does not score here")]
    Onnx(#[source] Box<crate::onnx::OnnxError>),
    /// A model for other features than the caller's.
    #[error("trained for feature contract {got}, this program serves {expected}")]
    Contract {
        /// The artefact's.
        got: String,
        /// The caller's.
        expected: String,
    },
    /// It does not score here as it did where it was trained.
    #[error("golden row {row} scores {got} instead of {expected}")]
    Golden {
        /// The row, from 0.
        row: usize,
        /// Here.
        got: f64,
        /// There.
        expected: f64,
    },
}
