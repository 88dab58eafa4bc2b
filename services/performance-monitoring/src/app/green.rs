//! The green non-compliance rate: the share of what was released without control that hides something.
//!
//! Only the random stratum can tell. Each of its green part that was drawn with probability p stands for (1 − p)/p that
//! were released, over cohorts of selection old enough to have their result. The interval is for these released ones,
//! not for the process behind them: where much is drawn, few are left, and they have luck of their own.

use std::collections::BTreeMap;

use evidence::Observation;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Reports;
use crate::{
    ServiceError,
    domain::rates::{Interval, Judged, Of, share},
    store::read::{GreenUnit, Window},
};

/// Results from which an office or a month is told apart.
const LEAST_FOR_PART: usize = 300;
/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// An estimate from the stratum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StratumRate {
    /// Office or month it is of; absent for all together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Weighted estimate; absent when refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<f64>,
    /// Korn–Graubard, 95 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// Declarations of the sample with a final result.
    pub n: u64,
    /// Of these, with a finding.
    pub findings: u64,
    /// Effective number (Kish): how many equally likely draws say as much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_effective: Option<f64>,
    /// Declarations of the sample that are old enough and have no final result.
    pub pending: u64,
    /// Why there is no estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// The green non-compliance rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "asOf": "2026-12-31T00:00:00Z", "maturityDays": 45,
    "pooled": {"estimate": 0.021, "interval": {"low": 0.011, "high": 0.036}, "n": 430, "findings": 9,
        "nEffective": 391.5, "pending": 3},
    "byOffice": [], "byMonth": [],
    "note": "Offices and months with fewer than 300 results are only in the pooled rate."
}))]
pub struct GreenReport {
    /// The moment whose knowledge it reflects.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Days between selection and that moment from which a declaration counts.
    pub maturity_days: u32,
    /// All offices and months together.
    pub pooled: StratumRate,
    /// Offices with at least 300 results.
    pub by_office: Vec<StratumRate>,
    /// Months of selection with at least 300 results.
    pub by_month: Vec<StratumRate>,
    /// What is only in the pooled rate.
    pub note: String,
}

impl Reports {
    /// The rate over the window's selections that were at least `maturity_days` old at `as_of`.
    pub async fn green(
        &self,
        window: &Window,
        as_of: Timestamp,
        maturity_days: u32,
    ) -> Result<GreenReport, ServiceError> {
        let known = as_of.as_microsecond();
        let cohort = matured(window, known, maturity_days);
        let units = cohort.green(self.database.reader(), known).await?;
        Ok(GreenReport {
            as_of,
            maturity_days,
            pooled: stratum_rate(None, &units.iter().collect::<Vec<_>>())?,
            by_office: parts(&units, |unit| &unit.office)?,
            by_month: parts(&units, |unit| &unit.month)?,
            note: format!("Offices and months with fewer than {LEAST_FOR_PART} results are only in the pooled rate."),
        })
    }
}

/// What of `window` was selected at least `maturity_days` before `known` (microseconds).
pub(super) fn matured(window: &Window, known: i64, maturity_days: u32) -> Window {
    let matured = known.saturating_sub(i64::from(maturity_days) * DAY).saturating_add(1);
    Window { to: window.to.min(matured), ..window.clone() }
}

fn parts(units: &[GreenUnit], key: impl Fn(&GreenUnit) -> &String) -> Result<Vec<StratumRate>, ServiceError> {
    let mut by_key: BTreeMap<&String, Vec<&GreenUnit>> = BTreeMap::new();
    for unit in units {
        by_key.entry(key(unit)).or_default().push(unit);
    }
    by_key
        .into_iter()
        .filter(|(_, units)| units.iter().filter(|unit| unit.found.is_some()).count() >= LEAST_FOR_PART)
        .map(|(key, units)| stratum_rate(Some(key), &units))
        .collect()
}

fn stratum_rate(key: Option<&str>, units: &[&GreenUnit]) -> Result<StratumRate, ServiceError> {
    weighted_rate(key, &units.iter().map(|unit| (unit.found, unit.probability)).collect::<Vec<_>>(), Of::Rest)
}

/// The rate of findings among those that `units` stand for: what each established, where that is known, and the
/// probability with which it was selected.
pub(super) fn weighted_rate(
    key: Option<&str>,
    units: &[(Option<bool>, f64)],
    of: Of,
) -> Result<StratumRate, ServiceError> {
    let known = units.iter().filter_map(|(found, probability)| found.map(|found| (found, *probability)));
    let sample: Vec<Observation> = known.map(|(found, probability)| Observation::found(found, probability)).collect();
    let mut rate = StratumRate {
        key: key.map(str::to_owned),
        estimate: None,
        interval: None,
        n: sample.len() as u64,
        findings: sample.iter().filter(|unit| unit.value > 0.0).count() as u64,
        n_effective: None,
        pending: (units.len() - sample.len()) as u64,
        refused: None,
    };
    match share(&sample, of)? {
        Judged::Estimate((proportion, interval)) => {
            rate.estimate = Some(proportion.estimate);
            rate.interval = Some(interval);
            rate.n_effective = Some(proportion.n_effective);
        }
        Judged::Refused(reason) => rate.refused = Some(reason),
    }
    Ok(rate)
}
