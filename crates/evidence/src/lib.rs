//! Evidence: estimates with their uncertainty from samples that were selected with known, unequal probability.
//!
//! Only examined goods have labels, and they were chosen; so everything here carries the probability of selection, and
//! refuses to answer where the sample is too thin. Pure: no clock, no randomness, no I/O.

pub mod drift;
pub mod interval;
pub mod maturation;
pub mod relative_yield;
pub mod sketch;
pub mod weighted;

pub use interval::{Interval, clopper_pearson, wilson};
pub use maturation::{ClosingCurve, Delay, is_matured};
pub use relative_yield::RelativeYield;
pub use sketch::QuantileSketch;
pub use weighted::{Observation, Proportion, Support, Total, hajek, horvitz_thompson, korn_graubard, remainder};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EvidenceError {
    /// A selection probability that is not above 0 and at most 1.
    #[error("selection probability {probability} is not above 0 and at most 1")]
    Probability {
        /// The probability.
        probability: f64,
    },
    /// A margin that is no share.
    #[error("margin {margin} is not at least 0 and below 1")]
    Margin {
        /// The margin.
        margin: f64,
    },
    /// A share of the traffic with which nothing is compared.
    #[error("the candidate's share {weight} is not above 0 and below 1")]
    Weight {
        /// The share.
        weight: f64,
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
