//! The summary: what a director asks first.

use std::collections::BTreeMap;

use customs::{Decimal, Money};
use evidence::{Observation, QuantileSketch};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Reports, decimal, sums};
use crate::{
    ServiceError,
    domain::rates::{Interval, Judged, Rate, undetected},
    store::read::{DeclarationCount, ExaminedCount, Seizure, Window},
};

/// Declarations by channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Channels {
    /// No documentary or physical control at clearance.
    pub green: u64,
    /// Documents examined.
    pub orange: u64,
    /// Goods examined.
    pub red: u64,
}

impl Channels {
    /// Counts `n` declarations in the channel of that wire name.
    pub fn add(&mut self, channel: &str, n: u64) {
        match channel {
            "green" => self.green += n,
            "orange" => self.orange += n,
            _ => self.red += n,
        }
    }
}

/// How many of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Count {
    /// The kind.
    pub key: String,
    /// How many.
    pub n: u64,
}

/// What was seized in connection with one kind of finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SeizureLine {
    /// Kind of finding.
    pub kind: String,
    /// Seizures.
    pub count: u64,
    /// Quantity by unit (UNECE Recommendation 20), as decimal text.
    pub quantities: BTreeMap<String, Decimal>,
    /// Value by currency.
    pub values: Vec<Money>,
}

/// How much was decided before the goods arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreArrival {
    /// Declarations of goods coming in.
    pub incoming: u64,
    /// Of these, lodged in the advance modality.
    pub advance: u64,
    /// Of these, decided before arrival.
    pub decided_before_arrival: u64,
    /// Decided before arrival ÷ incoming; absent without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
}

/// From receiving a declaration to its channel, in milliseconds of the process clock; within 1 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Latency {
    /// Declarations.
    pub n: u64,
    /// Median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median: Option<f64>,
    /// 99th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99: Option<f64>,
}

/// The share of all offences that no physical examination met, estimated from the random stratum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UndetectedShare {
    /// The estimate; absent when refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<f64>,
    /// 95 % interval, by the normal approximation of the estimated total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// Offences found by physical examination.
    pub detected: u64,
    /// Estimated offences in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_total: Option<f64>,
    /// Final examinations of the stratum.
    pub n: u64,
    /// Why there is no estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// The figures at a glance. Declarations count by lodgement, controls by their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "declarations": 100_000, "cancelled": 320, "degraded": 0,
    "channels": {"green": 85_000, "orange": 10_000, "red": 5_000},
    "byDirection": [{"key": "in", "n": 66_000}], "byRegime": [{"key": "10", "n": 60_000}],
    "byForm": [{"key": "full", "n": 80_000}],
    "findings": 720, "findingsByKind": [{"key": "undervaluation", "n": 400}],
    "additionalDuty": [{"amount": "812000.50", "currency": "USD"}],
    "seizures": [{"kind": "contraband", "count": 3, "quantities": {"KGM": "120"}, "values": []}],
    "findingRate": {"n": 4_800, "findings": 700, "rate": 0.146, "interval": {"low": 0.136, "high": 0.156}},
    "findingRateByMonth": [], "findingRateByTrigger": [],
    "documentaryFindingRate": {"n": 0, "findings": 0},
    "preArrival": {"incoming": 66_000, "advance": 30_000, "decidedBeforeArrival": 29_000, "share": 0.44},
    "timeToChannelMs": {"n": 100_000, "median": 12.0, "p99": 80.0},
    "undetectedShare": {"estimate": 0.62, "interval": {"low": 0.5, "high": 0.7}, "detected": 700,
        "estimatedTotal": 1_840.0, "n": 480}
}))]
pub struct SummaryReport {
    /// Declarations with a channel.
    pub declarations: u64,
    /// Of these, cancelled.
    pub cancelled: u64,
    /// Of these, decided without model or features.
    pub degraded: u64,
    /// By channel.
    pub channels: Channels,
    /// By direction.
    pub by_direction: Vec<Count>,
    /// By regime.
    pub by_regime: Vec<Count>,
    /// By form.
    pub by_form: Vec<Count>,
    /// Controls of any method with a standing finding.
    pub findings: u64,
    /// Standing findings by kind; one control may have several.
    pub findings_by_kind: Vec<Count>,
    /// Additional duty that stands, by currency; fines apart.
    pub additional_duty: Vec<Money>,
    /// Seizures by kind of finding.
    pub seizures: Vec<SeizureLine>,
    /// Findings per physical examination.
    pub finding_rate: Rate,
    /// The same by month of order.
    pub finding_rate_by_month: Vec<Rate>,
    /// The same by trigger.
    pub finding_rate_by_trigger: Vec<Rate>,
    /// Findings per documentary examination.
    pub documentary_finding_rate: Rate,
    /// How much was decided before the goods arrived.
    pub pre_arrival: PreArrival,
    /// From lodgement to channel.
    pub time_to_channel_ms: Latency,
    /// The share of all offences that no physical examination met.
    pub undetected_share: UndetectedShare,
}

impl Reports {
    /// The summary of a period.
    pub async fn summary(&self, window: &Window) -> Result<SummaryReport, ServiceError> {
        let db = self.database.reader();
        let declarations = window.declarations(db).await?;
        let examined = window.examined(db).await?;
        let duties = window.duties(db).await?;
        let physical: Vec<&ExaminedCount> = examined.iter().filter(|row| row.method == "physical").collect();
        let documentary = examined.iter().filter(|row| row.method == "documentary");
        let mut channels = Channels::default();
        for row in &declarations {
            channels.add(&row.channel, row.n);
        }
        let mut sketch = QuantileSketch::new();
        for (milliseconds, n) in window.latencies(db).await? {
            sketch.add_many(milliseconds as f64, n);
        }
        let kinds = window.kinds(db).await?;
        Ok(SummaryReport {
            declarations: declarations.iter().map(|row| row.n).sum(),
            cancelled: declarations.iter().map(|row| row.cancelled).sum(),
            degraded: declarations.iter().map(|row| row.degraded).sum(),
            channels,
            by_direction: counts(&declarations, |row| &row.direction),
            by_regime: counts(&declarations, |row| &row.regime),
            by_form: counts(&declarations, |row| &row.form),
            findings: examined.iter().map(|row| row.findings).sum(),
            findings_by_kind: kinds.into_iter().map(|(key, n)| Count { key, n }).collect(),
            additional_duty: sums(duties.iter().map(|(amount, currency)| (amount.as_str(), currency.as_str())))?,
            seizures: seizures(&window.seizures(db).await?)?,
            finding_rate: rate(None, physical.iter().copied()),
            finding_rate_by_month: rates(&physical, |row| &row.month),
            finding_rate_by_trigger: rates(&physical, |row| &row.trigger),
            documentary_finding_rate: rate(None, documentary),
            pre_arrival: pre_arrival(&declarations),
            time_to_channel_ms: Latency { n: sketch.count(), median: sketch.quantile(0.5), p99: sketch.quantile(0.99) },
            undetected_share: undetected_share(window, db).await?,
        })
    }
}

async fn undetected_share(window: &Window, db: &sea_orm::DatabaseConnection) -> Result<UndetectedShare, ServiceError> {
    let examinations = window.examinations(db).await?;
    let stratum: Vec<Observation> = examinations
        .iter()
        .filter(|unit| unit.random)
        .map(|unit| Observation::found(unit.found, unit.probability))
        .collect();
    let targeted = examinations.iter().filter(|unit| !unit.random && unit.found).count() as u64;
    let detected = examinations.iter().filter(|unit| unit.found).count() as u64;
    let mut report = UndetectedShare {
        estimate: None,
        interval: None,
        detected,
        estimated_total: None,
        n: stratum.len() as u64,
        refused: None,
    };
    match undetected(targeted, &stratum)? {
        Judged::Estimate(estimate) => {
            report.estimate = Some(estimate.share);
            report.interval = Some(estimate.interval);
            report.estimated_total = Some(estimate.total);
        }
        Judged::Refused(reason) => report.refused = Some(reason),
    }
    Ok(report)
}

fn counts(rows: &[DeclarationCount], key: impl Fn(&DeclarationCount) -> &String) -> Vec<Count> {
    let mut by_key: BTreeMap<&String, u64> = BTreeMap::new();
    for row in rows {
        *by_key.entry(key(row)).or_default() += row.n;
    }
    by_key.into_iter().map(|(key, n)| Count { key: key.clone(), n }).collect()
}

/// The rate of all `rows` together.
pub(super) fn rate<'a>(key: Option<&str>, rows: impl Iterator<Item = &'a ExaminedCount>) -> Rate {
    let (n, findings) = rows.fold((0, 0), |sum, row| (sum.0 + row.examined, sum.1 + row.findings));
    Rate::of(key, n, findings)
}

/// The rates of `rows` by key.
pub(super) fn rates<'a>(rows: &[&'a ExaminedCount], key: impl Fn(&'a ExaminedCount) -> &'a String) -> Vec<Rate> {
    let mut by_key: BTreeMap<&String, Vec<&ExaminedCount>> = BTreeMap::new();
    for row in rows {
        by_key.entry(key(row)).or_default().push(row);
    }
    by_key.into_iter().map(|(key, rows)| rate(Some(key), rows.into_iter())).collect()
}

fn pre_arrival(rows: &[DeclarationCount]) -> PreArrival {
    let mut sum = PreArrival::default();
    for row in rows.iter().filter(|row| row.direction == "in") {
        sum.incoming += row.n;
        sum.advance += row.advance;
        sum.decided_before_arrival += row.decided_before_arrival;
    }
    sum.share = (sum.incoming > 0).then(|| sum.decided_before_arrival as f64 / sum.incoming as f64);
    sum
}

fn seizures(rows: &[Seizure]) -> Result<Vec<SeizureLine>, ServiceError> {
    let mut by_kind: BTreeMap<&String, Vec<&Seizure>> = BTreeMap::new();
    for row in rows {
        by_kind.entry(&row.kind).or_default().push(row);
    }
    let mut lines = Vec::new();
    for (kind, rows) in by_kind {
        let mut quantities: BTreeMap<String, Decimal> = BTreeMap::new();
        for row in &rows {
            *quantities.entry(row.unit.clone()).or_default() += decimal(&row.quantity)?;
        }
        for sum in quantities.values_mut() {
            *sum = sum.normalize();
        }
        let values = rows.iter().filter_map(|row| Some((row.amount.as_deref()?, row.currency.as_deref()?)));
        lines.push(SeizureLine { kind: kind.clone(), count: rows.len() as u64, quantities, values: sums(values)? });
    }
    Ok(lines)
}
