//! A file lodged as if it happened now: the system decides, and learns only from what it ordered to examine.

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use clients::ReceiptStatus;
use customs::{Control, ControlId, DeclarationId, OfficeCode, Selection};
use declaration_formats::kcs::KcsRow;
use jiff::SignedDuration;
use risk_model::metrics::{auc, precision_at};
use selection::CapacityPlan;
use serde::Serialize;

use super::answers::Answers;
use super::target::{Target, bar, recorded_result};
use crate::cli::Import;
use crate::feed::follow;

/// Longest wait for a day's channels.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the system reached.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    /// Rows lodged.
    rows: usize,
    /// Rows that the system ordered to be examined physically.
    examined: usize,
    /// Of these, with a finding.
    findings: usize,
    /// Share of findings among the 5 % of rows with the highest scores.
    precision_at5: Option<f64>,
    /// Share of findings among the 10 % of rows with the highest scores.
    precision_at10: Option<f64>,
    /// Area under the curve of the scores.
    auc: Option<f64>,
    /// Controls of the rows that nobody answered: other than examinations of the goods, of which the file knows no result.
    unanswered: Vec<ControlId>,
}

/// Lodges the rows day by day.
pub async fn lodge(options: &Import, rows: Vec<KcsRow>, target: &Target) -> anyhow::Result<()> {
    ensure!(
        target.is_driven().await?,
        "the system's clock runs by itself; start it with `aforo up --clock driven --start {}`",
        rows[0].declaration.acceptance_date_time
    );
    install_plans(options, &rows, target).await?;
    let progress = bar(rows.len(), options.quiet);
    let mut channels = target.channels_end().await?;
    // From the beginning: a file that was lodged in part has controls from then.
    let mut controls = None;
    let mut answers = Answers::default();
    for day in rows.chunk_by(|one, next| one.date == next.date) {
        progress.set_prefix(day[0].date.to_string());
        let end = day.iter().map(|row| row.declaration.acceptance_date_time).max().context("a day has rows")?;
        target.advance(end).await?;
        report(target, answers.ready(end)).await?;
        let lodged = lodge_day(target, day).await?;
        answers.lodged(lodged.ids.iter().copied().zip(day));
        wait_for_channels(target, &mut channels, lodged.new).await?;
        answers.ordered(target.controls(&mut controls).await?);
        progress.inc(day.len() as u64);
        progress.set_message(format!("{} findings in {} examinations", answers.findings, answers.examined));
    }
    // Controls are ordered beside the channels and may come long after them.
    loop {
        target.wait_until_settled().await?;
        answers.ordered(target.controls(&mut controls).await?);
        let Some(last) = answers.last() else { break };
        target.advance(last + SignedDuration::from_secs(1)).await?;
        report(target, answers.ready(last)).await?;
    }
    progress.finish_and_clear();

    let labels = &answers.rows;
    let scored = scores(target, labels).await?;
    ensure!(scored.len() == labels.len(), "{} rows were lodged and {} have a score", labels.len(), scored.len());
    let unanswered = answers.unanswered();
    let (scores, truths): (Vec<f64>, Vec<bool>) = scored.into_iter().unzip();
    let outcome = Outcome {
        rows: labels.len(),
        examined: answers.examined,
        findings: answers.findings,
        precision_at5: precision_at(&scores, &truths, 0.05, None),
        precision_at10: precision_at(&scores, &truths, 0.10, None),
        auc: auc(&scores, &truths, None),
        unanswered: unanswered.iter().map(|control| control.id).collect(),
    };
    let mut out = std::io::stdout().lock();
    if options.json {
        serde_json::to_writer_pretty(&mut out, &outcome)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{} rows lodged, {} examined, {} findings", outcome.rows, outcome.examined, outcome.findings)?;
        let told =
            |figure: Option<f64>| figure.map_or_else(|| "not to be had".to_owned(), |figure| format!("{figure:.3}"));
        let [at5, at10, auc] = [outcome.precision_at5, outcome.precision_at10, outcome.auc].map(told);
        writeln!(out, "over all rows: precision at 5 % {at5}, at 10 % {at10}, AUC {auc}")?;
        if let Some(first) = unanswered.first() {
            let (count, method, id) = (unanswered.len(), first.order.method, first.id);
            writeln!(
                out,
                "{count} controls without an answer, of which the file knows no result: {method:?} control {id} …"
            )?;
        }
    }
    Ok(())
}

/// Offices of the file without a capacity plan get one for the asked share of their declarations.
async fn install_plans(options: &Import, rows: &[KcsRow], target: &Target) -> anyhow::Result<()> {
    let mut by_office = BTreeMap::<&OfficeCode, usize>::new();
    for row in rows {
        *by_office.entry(&row.declaration.office).or_default() += 1;
    }
    let days = rows.chunk_by(|one, next| one.date == next.date).count().max(1) as f64;
    for (office, count) in by_office {
        if target.client.capacity_plan(office).await.is_ok() {
            continue;
        }
        let per_day = count as f64 / days;
        let plan = CapacityPlan {
            physical_per_day: options.capacity * per_day,
            declarations_per_day: per_day,
            ..CapacityPlan::of(office.clone(), "Asia/Seoul")
        };
        target
            .client
            .put_capacity_plan(office, &plan)
            .await
            .with_context(|| format!("setting the plan of office {office} failed"))?;
    }
    target.wait_until_settled().await
}

/// A lodged day.
#[derive(Default)]
struct Lodged {
    /// Its declarations, in the order of the rows.
    ids: Vec<DeclarationId>,
    /// How many of them the system had not had before.
    new: usize,
}

async fn lodge_day(target: &Target, day: &[KcsRow]) -> anyhow::Result<Lodged> {
    let lines = day.iter().map(|row| serde_json::to_vec(&row.declaration)).collect::<Result<Vec<_>, _>>()?;
    let (mut lodged, mut refused) = (Lodged::default(), None);
    let sending = target.client.lodge_bulk(lines, |receipt| match (receipt.id, receipt.status) {
        (Some(id), ReceiptStatus::Accepted | ReceiptStatus::Known) => {
            lodged.ids.push(id);
            lodged.new += usize::from(receipt.status == ReceiptStatus::Accepted);
        }
        _ => refused = Some(receipt),
    });
    sending.await.context("lodging failed")?;
    match refused {
        Some(receipt) => bail!("line {} of the day was refused: {:?}", receipt.line, receipt.problem),
        None => Ok(lodged),
    }
}

/// Waits until `count` more channels are told.
async fn wait_for_channels(target: &Target, cursor: &mut u64, count: usize) -> anyhow::Result<()> {
    let (mut told, started) = (0, Instant::now());
    while told < count {
        ensure!(
            started.elapsed() < PATIENCE,
            "only {told} of {count} declarations have a channel after {} s",
            PATIENCE.as_secs()
        );
        let page =
            target.client.channels(*cursor, Some(1_000), Some(1_000)).await.context("the feed of channels fails")?;
        *cursor = page.next;
        told += page.items.iter().filter(|entry| !entry.fail_safe).count();
    }
    Ok(())
}

/// Reports what was established of controls.
async fn report(target: &Target, ready: Vec<(Control, &KcsRow)>) -> anyhow::Result<()> {
    for (control, row) in ready {
        target
            .client
            .report_result(control.id, &recorded_result(row))
            .await
            .with_context(|| format!("reporting on control {} failed", control.id))?;
    }
    Ok(())
}

/// Score and truth of every lodged row.
async fn scores(target: &Target, labels: &HashMap<DeclarationId, &KcsRow>) -> anyhow::Result<Vec<(f64, bool)>> {
    let selections: Vec<Selection> =
        follow(&mut None, async |after| target.client.selections(after, Some(1_000)).await).await?;
    let scored = selections.iter().filter_map(|selection| {
        let row = labels.get(&selection.declaration)?;
        Some((selection.probability_of_finding.unwrap_or(0.0), row.fraud))
    });
    Ok(scored.collect())
}
