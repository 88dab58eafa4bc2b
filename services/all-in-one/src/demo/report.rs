//! The report of a lived-through year: one structure behind the terminal, the page and the JSON object.

use std::collections::BTreeMap;

use serde::Serialize;

/// One figure for the system and for each policy it is compared with, on the same declarations and capacity.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ByPolicy {
    /// What the system reached, in expectation.
    pub system: f64,
    /// Random selection.
    pub random: f64,
    /// Filters first, the rest at random.
    pub filters: f64,
    /// Highest smoothed finding rate of HS6 × origin.
    pub table: f64,
    /// Highest true probability of detection.
    pub oracle: f64,
}

/// Declarations by channel.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Channels {
    /// Released without documentary or physical control.
    pub green: u64,
    /// Documents examined.
    pub orange: u64,
    /// Goods examined.
    pub red: u64,
}

/// The green non-compliance rate: estimate from the random stratum beside the truth.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct GreenNonCompliance {
    /// Estimated share.
    pub estimate: Option<f64>,
    /// Lower end of the 95 % interval.
    pub lower: Option<f64>,
    /// Upper end of the 95 % interval.
    pub upper: Option<f64>,
    /// Share of matured green declarations in which a full physical control would detect an offence.
    pub truth: f64,
    /// Matured declarations of the stratum.
    pub n: u64,
}

/// A finding rate with its count.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rate {
    /// Month (`2026-01`) or trigger.
    pub key: String,
    /// Physical examinations with a final result.
    pub examined: u64,
    /// Of these, with a finding.
    pub findings: u64,
    /// Findings per examined.
    pub rate: f64,
}

/// Capacity of an office over the whole time.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfficeLine {
    /// The office.
    pub office: String,
    /// Declarations by channel.
    pub channels: Channels,
    /// Whole physical examinations planned.
    pub planned: u64,
    /// Physical examinations ordered within the plan.
    pub used: u64,
    /// Mandatory ones beyond it.
    pub over_plan: u64,
}

/// Time from lodgement to release, in hours.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseLine {
    /// Channel.
    pub channel: String,
    /// Regime.
    pub regime: String,
    /// Released declarations.
    pub n: u64,
    /// Median hours.
    pub median_hours: f64,
    /// 90th percentile, hours.
    pub p90_hours: f64,
}

/// What was seized of one kind.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeizureLine {
    /// Kind of finding.
    pub kind: String,
    /// Seizures.
    pub count: u64,
    /// Quantity by unit.
    pub quantities: BTreeMap<String, f64>,
}

/// Milliseconds from lodgement to channel, of the process clock.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct TimeToChannel {
    /// Median.
    pub median: f64,
    /// 99th percentile.
    pub p99: f64,
}

/// Everything the demo tells.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DemoReport {
    /// Seed of the world.
    pub seed: u64,
    /// Whether fraud depended on nothing observable.
    pub null_world: bool,
    /// Days lived through.
    pub days: u32,
    /// Declarations lodged.
    pub declarations: u64,
    /// Share of declarations that hid an offence (truth).
    pub offence_rate: f64,
    /// Wall seconds of this run.
    pub seconds: f64,
    /// Processor seconds of this run, all threads.
    pub cpu_seconds: f64,
    /// Largest resident memory of this run, in MiB.
    pub peak_memory_mib: f64,
    /// Declarations per wall second.
    pub declarations_per_second: f64,
    /// By channel.
    pub channels: Channels,
    /// By office, largest first.
    pub offices: Vec<OfficeLine>,
    /// Largest |used − planned| ÷ planned over office-months planned at 20 controls or more.
    pub capacity_error_max: f64,
    /// Office-months that this was taken over.
    pub capacity_office_months: u64,
    /// Physical examinations above the day's plan plus what was carried.
    pub overruns: u64,
    /// Mandatory examinations over plan.
    pub mandatory_over_plan: u64,
    /// Time from lodgement to channel.
    pub time_to_channel_ms: TimeToChannel,
    /// Share decided before the goods arrived, of advance declarations.
    pub pre_arrival_share: f64,
    /// Examinations that every office had in hand on the first day, beside the plan.
    pub opening_carry: f64,
    /// Lodgement to release.
    pub release: Vec<ReleaseLine>,
    /// Expected detections.
    pub detections: ByPolicy,
    /// Expected additional duty, in statistical currency.
    pub additional_duty: ByPolicy,
    /// Detections of the system over those of random selection.
    pub lift: f64,
    /// Detections of the system over those of the table.
    pub ratio_to_table: f64,
    /// Detections of the system over those of the oracle.
    pub share_of_oracle: f64,
    /// Best possible area under the curve of any score in this world.
    pub bayes_auc: f64,
    /// What officers found: controls with a standing finding.
    pub findings: u64,
    /// Additional duty that stands.
    pub additional_duty_found: f64,
    /// Seizures by kind.
    pub seizures: Vec<SeizureLine>,
    /// Estimate and truth.
    pub green_non_compliance: GreenNonCompliance,
    /// Share of all offences that no physical control examined (truth).
    pub undetected_share: f64,
    /// Finding rate by month of selection.
    pub finding_rate_by_month: Vec<Rate>,
    /// Finding rate by trigger.
    pub finding_rate_by_trigger: Vec<Rate>,
    /// Training runs and how many promoted a version.
    pub training_runs: u64,
    /// Versions promoted.
    pub promotions: u64,
    /// Filters that the administration's analysts took out of force for what they brought, in that order.
    pub filters_given_up: Vec<String>,
}
