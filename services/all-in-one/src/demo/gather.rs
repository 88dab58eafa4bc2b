//! Gathers the report: what performance-monitoring measured, beside what the world knows.

use std::collections::BTreeMap;

use clients::reports::Report;
use jiff::SignedDuration;
use serde_json::Value;
use trade_simulator::{PerPolicy, WorldSpec};

use super::api::Api;
use super::driver::Lived;
use super::report::{
    ByPolicy, Channels, DemoReport, GreenNonCompliance, OfficeLine, Rate, ReleaseLine, SeizureLine, TimeToChannel,
};

/// Asks every report and puts the truth beside it.
pub async fn report(spec: &WorldSpec, lived: &Lived, api: &Api) -> anyhow::Result<DemoReport> {
    // Months beyond the last lodgement plan capacity that nothing could use.
    let end = spec.start + SignedDuration::from_hours(24 * i64::from(spec.days));
    let (from, to) = (Some(spec.start), Some(end));
    let summary = api.report(Report::Summary, from, to).await?;
    let channels = api.report(Report::Channels, from, to).await?;
    let green = api.report(Report::GreenNonCompliance, from, to).await?;
    let release = api.report(Report::ReleaseTimes, from, to).await?;
    let (training_runs, promotions) = api.training().await?;
    let judged = &lived.comparison;
    Ok(DemoReport {
        seed: spec.seed,
        null_world: spec.null_world,
        days: spec.days,
        declarations: lived.declarations,
        offence_rate: lived.offences as f64 / (lived.declarations.max(1)) as f64,
        channels: counted(&summary["channels"]),
        offices: offices(&channels),
        capacity_error_max: number(&channels["capacityErrorMax"]),
        capacity_office_months: count(&channels["capacityOfficeMonths"]),
        overruns: count(&channels["overruns"]),
        mandatory_over_plan: count(&channels["mandatoryOverPlan"]),
        time_to_channel_ms: TimeToChannel {
            median: number(&summary["timeToChannelMs"]["median"]),
            p99: number(&summary["timeToChannelMs"]["p99"]),
        },
        pre_arrival_share: number(&summary["preArrival"]["share"]),
        opening_carry: selection::CapacityPlan::RECOMMENDED_CARRY,
        release: list(&release["byChannelAndRegime"]).map(release_line).collect(),
        detections: by_policy(&judged.detections),
        additional_duty: by_policy(&judged.additional_duty),
        lift: judged.lift,
        ratio_to_table: judged.ratio_to_table,
        share_of_oracle: judged.share_of_oracle,
        bayes_auc: judged.bayes_auc,
        findings: count(&summary["findings"]),
        additional_duty_found: list(&summary["additionalDuty"]).map(|money| decimal(&money["amount"])).sum(),
        seizures: list(&summary["seizures"]).map(seizure_line).collect(),
        green_non_compliance: GreenNonCompliance {
            estimate: green["pooled"]["estimate"].as_f64(),
            lower: green["pooled"]["interval"]["low"].as_f64(),
            upper: green["pooled"]["interval"]["high"].as_f64(),
            truth: judged.green_non_compliance,
            n: count(&green["pooled"]["n"]),
        },
        undetected_share: judged.undetected_share,
        finding_rate_by_month: list(&summary["findingRateByMonth"]).map(rate).collect(),
        finding_rate_by_trigger: list(&summary["findingRateByTrigger"]).map(rate).collect(),
        training_runs,
        promotions,
        filters_given_up: lived.filters_given_up.clone(),
        ..DemoReport::default()
    })
}

fn by_policy(by: &PerPolicy) -> ByPolicy {
    ByPolicy { system: by.system, random: by.random, filters: by.filters, table: by.table, oracle: by.oracle }
}

fn counted(channels: &Value) -> Channels {
    Channels { green: count(&channels["green"]), orange: count(&channels["orange"]), red: count(&channels["red"]) }
}

fn offices(report: &Value) -> Vec<OfficeLine> {
    let mut offices: Vec<_> = list(&report["offices"])
        .map(|office| OfficeLine {
            office: text(&office["office"]),
            channels: counted(&office["channels"]),
            planned: count(&office["physical"]["planned"]),
            used: count(&office["physical"]["ordered"]),
            over_plan: count(&office["physical"]["overPlan"]),
        })
        .collect();
    let size = |line: &OfficeLine| line.channels.green + line.channels.orange + line.channels.red;
    offices.sort_by(|one, other| size(other).cmp(&size(one)).then_with(|| one.office.cmp(&other.office)));
    offices
}

fn release_line(line: &Value) -> ReleaseLine {
    ReleaseLine {
        channel: text(&line["channel"]),
        regime: text(&line["regime"]),
        n: count(&line["n"]),
        median_hours: number(&line["medianHours"]),
        p90_hours: number(&line["p90Hours"]),
    }
}

fn seizure_line(line: &Value) -> SeizureLine {
    let quantities = line["quantities"].as_object().into_iter().flatten();
    SeizureLine {
        kind: text(&line["kind"]),
        count: count(&line["count"]),
        quantities: quantities.map(|(unit, sum)| (unit.clone(), decimal(sum))).collect::<BTreeMap<_, _>>(),
    }
}

fn rate(line: &Value) -> Rate {
    Rate {
        key: text(&line["key"]),
        examined: count(&line["n"]),
        findings: count(&line["findings"]),
        rate: number(&line["rate"]),
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(0.0)
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A decimal that travels as text.
fn decimal(value: &Value) -> f64 {
    value.as_str().and_then(|text| text.parse().ok()).or_else(|| value.as_f64()).unwrap_or(0.0)
}
