//! What a world is made of: the specification, its defaults and its limits.
//!
//! Every value a reader of a report may want to question stands here, in one flat table (`--world FILE`, TOML). A value
//! that makes no world is refused with the name of its key.

mod detection;
mod fraud;

pub use detection::MethodDetection;
pub use fraud::FraudKind;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A specification that makes no world.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The text is not TOML of the right shape.
    #[error(transparent)]
    Unreadable(#[from] toml::de::Error),
    /// A value outside its limits.
    #[error("`{key}` must be {expected}, but is {found}")]
    OutOfRange {
        /// The key, as it is written in the file.
        key: String,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
}

/// How long things take after an examination; days, lognormal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DelaySpec {
    /// Median days until a conforming examination is reported.
    pub conform_median_days: f64,
    /// Median days until a finding is reported.
    pub finding_median_days: f64,
    /// Standard deviation of the logarithm of both.
    pub sigma: f64,
    /// No first report is later than this after its order.
    pub longest_days: f64,
    /// Share of findings the trader appeals.
    pub appealed_share: f64,
    /// Share of appeals that strike the finding down.
    pub annulled_share: f64,
}

impl Default for DelaySpec {
    fn default() -> Self {
        Self {
            conform_median_days: 1.0,
            finding_median_days: 6.0,
            sigma: 0.6,
            longest_days: 40.0,
            appealed_share: 0.06,
            annulled_share: 0.25,
        }
    }
}

/// The specification of a world. Shares are between 0 and 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorldSpec {
    /// Expected number of declarations in all `days` together.
    pub declarations: u64,
    /// Number of offices; their volumes are very unequal.
    pub offices: usize,
    /// Days of trade.
    pub days: u32,
    /// Everything random follows from it.
    pub seed: u64,
    /// First moment of the first day.
    pub start: Timestamp,
    /// Share of declarations that hide an offence.
    pub offence_rate: f64,
    /// Share of offences committed by traders who make a habit of it.
    pub habitual_share: f64,
    /// Probability that a declaration of such a trader hides an offence.
    pub habitual_rate: f64,
    /// How strongly the goods, the broker and the novelty of a trader move the risk of everyone else: 0 not at all, 1 as
    /// designed.
    pub diffuse_contrast: f64,
    /// Physical examinations the offices can do, as a share of declarations.
    pub physical_share: f64,
    /// Share of physical examinations that the random stratum takes.
    pub random_share_of_physical: f64,
    /// Share of physical examinations meant for what is little known.
    pub exploration_share: f64,
    /// Documentary examinations the offices can do, as a share of declarations.
    pub documentary_share: f64,
    /// Offences independent of everything a declaration shows.
    pub null_world: bool,
    /// Probability that a habitual trader reacts to being caught: lies low, changes name, goods or broker.
    pub adaptation: f64,
    /// Share of declarations amended.
    pub amendment_share: f64,
    /// Share of declarations cancelled; half of them are lodged again.
    pub cancellation_share: f64,
    /// Extraordinary controls by officers, as a share of declarations.
    pub extraordinary_share: f64,
    /// Share of containers at the large ports that pass a scanner.
    pub scan_share: f64,
    /// Relative frequency of the kinds of fraud. A table given here replaces the built-in one.
    pub fraud: BTreeMap<FraudKind, f64>,
    /// Probability of detection by kind of fraud and method. What is not named keeps the built-in value.
    #[serde(deserialize_with = "detection::overlaid")]
    pub detection: BTreeMap<FraudKind, MethodDetection>,
    /// Delays and revisions of results.
    pub delays: DelaySpec,
}

impl Default for WorldSpec {
    fn default() -> Self {
        Self {
            declarations: 100_000,
            offices: 40,
            days: 365,
            seed: 1,
            // Midnight in Lima on the first of January 2026.
            start: Timestamp::constant(1_767_243_600, 0),
            offence_rate: 0.03,
            habitual_share: 0.62,
            habitual_rate: 0.42,
            diffuse_contrast: 1.0,
            physical_share: 0.05,
            random_share_of_physical: 0.1,
            exploration_share: 0.05,
            documentary_share: 0.10,
            null_world: false,
            adaptation: 0.3,
            amendment_share: 0.02,
            cancellation_share: 0.005,
            extraordinary_share: 0.0005,
            scan_share: 0.06,
            fraud: FraudKind::ALL.into_iter().map(|kind| (kind, kind.default_weight())).collect(),
            detection: detection::built_in(),
            delays: DelaySpec::default(),
        }
    }
}

impl WorldSpec {
    /// The null world: the same trade, in which offences are independent of everything a declaration shows.
    pub fn null() -> Self {
        Self { null_world: true, ..Self::default() }
    }

    /// Reads and checks a world file.
    pub fn from_toml(text: &str) -> Result<Self, SpecError> {
        let spec: Self = toml::from_str(text)?;
        spec.validate()?;
        Ok(spec)
    }

    /// Refuses what makes no world, naming the key.
    pub fn validate(&self) -> Result<(), SpecError> {
        within("declarations", self.declarations, 1..=100_000_000, "between 1 and 100000000")?;
        within("offices", self.offices, 1..=400, "between 1 and 400")?;
        within("days", self.days, 1..=3_660, "between 1 and 3660")?;
        within("offence_rate", self.offence_rate, 0.0..=0.5, "between 0 and 0.5")?;
        within("habitual_rate", self.habitual_rate, 0.05..=0.95, "between 0.05 and 0.95")?;
        within("diffuse_contrast", self.diffuse_contrast, 0.0..=2.0, "between 0 and 2")?;
        for (key, share) in [
            ("habitual_share", self.habitual_share),
            ("physical_share", self.physical_share),
            ("random_share_of_physical", self.random_share_of_physical),
            ("exploration_share", self.exploration_share),
            ("documentary_share", self.documentary_share),
            ("adaptation", self.adaptation),
            ("amendment_share", self.amendment_share),
            ("cancellation_share", self.cancellation_share),
            ("extraordinary_share", self.extraordinary_share),
            ("scan_share", self.scan_share),
            ("delays.appealed_share", self.delays.appealed_share),
            ("delays.annulled_share", self.delays.annulled_share),
        ] {
            within(key, share, 0.0..=1.0, "between 0 and 1")?;
        }
        within(
            "random_share_of_physical",
            self.random_share_of_physical + self.exploration_share,
            0.0..=1.0,
            "at most 1 together with exploration_share",
        )?;
        within("delays.conform_median_days", self.delays.conform_median_days, 0.01..=60.0, "between 0.01 and 60")?;
        within("delays.finding_median_days", self.delays.finding_median_days, 0.01..=60.0, "between 0.01 and 60")?;
        within("delays.sigma", self.delays.sigma, 0.0..=2.0, "between 0 and 2")?;
        within("delays.longest_days", self.delays.longest_days, 1.0..=365.0, "between 1 and 365")?;
        for (kind, weight) in &self.fraud {
            within(&format!("fraud.{kind}"), *weight, 0.0..=1e6, "a weight of 0 or more")?;
        }
        if self.fraud.values().sum::<f64>() <= 0.0 {
            return Err(out_of_range("fraud", "a table with at least one weight above 0", "without any"));
        }
        let habitual = self.offence_rate * self.habitual_share / self.habitual_rate;
        within(
            "habitual_rate",
            habitual,
            0.0..=0.9,
            "high enough for offence_rate x habitual_share / habitual_rate <= 0.9",
        )?;
        for (kind, detection) in &self.detection {
            detection.validate(*kind)?;
        }
        Ok(())
    }

    /// How likely each method is to detect `kind`. In the null world all kinds are equally visible.
    pub fn detection(&self, kind: FraudKind) -> MethodDetection {
        if self.null_world {
            return MethodDetection::INDIFFERENT;
        }
        self.detection.get(&kind).copied().unwrap_or_else(|| MethodDetection::of(kind))
    }

    /// The probability that the random stratum draws a declaration.
    pub fn random_probability(&self) -> f64 {
        self.physical_share * self.random_share_of_physical
    }
}

fn out_of_range(key: &str, expected: &'static str, found: impl std::fmt::Display) -> SpecError {
    SpecError::OutOfRange { key: key.to_owned(), expected, found: found.to_string() }
}

fn within<T: PartialOrd + std::fmt::Display>(
    key: &str,
    value: T,
    limits: std::ops::RangeInclusive<T>,
    expected: &'static str,
) -> Result<(), SpecError> {
    // Written so that NaN is refused.
    if limits.contains(&value) { Ok(()) } else { Err(out_of_range(key, expected, value)) }
}
