//! Rates with their intervals.

use evidence::{
    EvidenceError, Observation, Support, clopper_pearson, hajek, horvitz_thompson, korn_graubard, remainder,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Confidence of every interval in the reports.
pub const LEVEL: f64 = 0.95;

/// What to do about an estimate that stands on too little.
const MORE: &str = "take in a longer period or all offices, or wait for more results: a larger randomShare of the capacity \
    plans brings them sooner";

/// The ends of a 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl From<evidence::Interval> for Interval {
    fn from(interval: evidence::Interval) -> Self {
        Self { low: interval.low, high: interval.high }
    }
}

/// Findings per examination among those examined: it speaks of nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rate {
    /// The month (`2026-03`), trigger or filter it is of; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Examinations with a final result.
    pub n: u64,
    /// Of these, with a standing finding.
    pub findings: u64,
    /// Findings per examination; absent when nothing was examined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Clopper–Pearson; absent when nothing was examined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

impl Rate {
    /// The rate of `findings` in `n` examinations.
    pub fn of(key: Option<&str>, n: u64, findings: u64) -> Self {
        let some = n > 0;
        Self {
            key: key.map(str::to_owned),
            n,
            findings,
            rate: some.then(|| findings as f64 / n as f64),
            interval: some.then(|| clopper_pearson(findings as f64, n as f64, LEVEL).into()),
        }
    }
}

/// An estimate from the stratum, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Judged<T> {
    /// The estimate.
    Estimate(T),
    /// Too little to say.
    Refused(String),
}

impl<T> Judged<T> {
    fn of(result: Result<T, EvidenceError>) -> Result<Self, EvidenceError> {
        match result {
            Ok(estimate) => Ok(Self::Estimate(estimate)),
            Err(thin @ EvidenceError::ThinSupport { .. }) => Ok(Self::Refused(format!("{thin}; {MORE}"))),
            Err(error) => Err(error),
        }
    }
}

/// What a share is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// All that could be selected, whether it was or not.
    All,
    /// What selection left.
    Rest,
}

/// The share with its Korn–Graubard interval.
pub fn share(sample: &[Observation], of: Of) -> Result<Judged<(evidence::Proportion, Interval)>, EvidenceError> {
    // The stratum's own probabilities differ by office and load, not by suspicion: nothing is to be clipped.
    let support = Support { clip: f64::INFINITY, ..Support::default() };
    let share = match of {
        Of::All => hajek(sample, &support),
        Of::Rest => remainder(sample, &support),
    };
    Judged::of(share.map(|share| (share, korn_graubard(&share, None, LEVEL).into())))
}

/// The share of all offences that were not examined, with an interval, and the estimated number of offences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Undetected {
    pub share: f64,
    pub interval: Interval,
    pub total: f64,
}

/// From what targeted examinations found (each selected for certain, given what is known) and what the stratum found
/// among all others, by inverse probability.
pub fn undetected(targeted: u64, stratum: &[Observation]) -> Result<Judged<Undetected>, EvidenceError> {
    let detected = targeted as f64 + stratum.iter().map(|unit| unit.value).sum::<f64>();
    Judged::of(horvitz_thompson(stratum, &Support::default()).map(|rest| {
        let share = |total: f64| if total > detected { 1.0 - detected / total } else { 0.0 };
        let total = targeted as f64 + rest.estimate;
        let margin = 1.959_964 * rest.standard_error;
        let interval = Interval { low: share(total - margin), high: share(total + margin) };
        Undetected { share: share(total), interval, total }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_examined_is_no_rate() {
        let rate = Rate::of(None, 0, 0);
        assert_eq!((rate.rate, rate.interval), (None, None));
    }

    #[test]
    fn undetected_share_counts_what_the_stratum_stands_for() {
        let mut stratum = vec![Observation::found(false, 0.02); 98];
        stratum.extend([Observation::found(true, 0.02); 2]);
        // 2 found in the stratum stand for 100; 40 were found by targeting: 42 of 140 detected.
        let Judged::Estimate(undetected) = undetected(40, &stratum).unwrap() else { panic!("refused") };
        assert!((undetected.share - 0.7).abs() < 1e-9 && (undetected.total - 140.0).abs() < 1e-9);
        assert!(undetected.interval.low < 0.7 && undetected.interval.high > 0.7);
    }

    #[test]
    fn a_thin_stratum_is_refused_and_an_impossible_probability_is_an_error() {
        for of in [Of::All, Of::Rest] {
            assert!(matches!(share(&[Observation::found(true, 0.5); 10], of).unwrap(), Judged::Refused(_)));
            assert!(share(&[Observation::found(true, 0.0); 50], of).is_err());
        }
        // Where everything was taken nothing is left to speak of.
        assert!(matches!(share(&[Observation::found(true, 1.0); 50], Of::Rest).unwrap(), Judged::Refused(_)));
    }
}
