//! Evidence: estimates with their uncertainty from samples that were selected with known, unequal probability.
//!
//! Only examined goods have labels, and they were chosen; so everything here carries the probability of selection, and
//! refuses to answer where the sample is too thin. Pure: no clock, no randomness, no I/O.

pub mod interval;
pub mod maturation;
pub mod sketch;
pub mod weighted;

pub use interval::{Interval, clopper_pearson, wilson};
pub use maturation::{ClosingCurve, Delay, is_matured};
pub use sketch::QuantileSketch;
pub use weighted::{Observation, Proportion, Support, Total, hajek, horvitz_thompson, korn_graubard};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EvidenceError {
    /// A selection probability that is not above 0 and at most 1.
    #[error("selection probability {probability} is not above 0 and at most 1")]
    Probability {
        /// The probability.
        probability: f64,
    },
    /// The sample is too small, or its weights too unequal.
    #[error("{n} observations (effectively {effective:.1}) are fewer than {least_n} (effectively {least_effective})")]
    ThinSupport {
        /// Observations.
        n: usize,
        /// Effective observations.
        effective: f64,
        /// Observations needed.
        least_n: usize,
        /// Effective observations needed.
        least_effective: f64,
    },
}
