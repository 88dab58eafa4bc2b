//! A file as the past: own dates, own results, unknown selection probability.

use std::io::Write as _;

use anyhow::{Context, bail};
use clients::{PastControl, PastDeclaration};
use customs::Method;
use declaration_formats::kcs::KcsRow;
use jiff::SignedDuration;
use serde::Serialize;

use super::target::{Target, bar, recorded_result};
use crate::cli::Import;

/// Lines that travel in one request.
const CHUNK: usize = 2_000;

/// What was recorded.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    rows: usize,
    findings: usize,
    notes: usize,
    trained: Option<serde_json::Value>,
}

/// Records every row, then trains on them.
pub async fn record(options: &Import, rows: &[KcsRow], target: &Target) -> anyhow::Result<()> {
    let progress = bar(rows.len(), options.quiet);
    progress.set_prefix("recording");
    let (mut notes, mut refused) = (0, None);
    for chunk in rows.chunks(CHUNK) {
        let lines = chunk.iter().map(past).map(|past| serde_json::to_vec(&past)).collect::<Result<Vec<_>, _>>()?;
        let sending = target.client.record_history(lines, |receipt| {
            progress.inc(1);
            notes += receipt.notes.len();
            if receipt.problem.is_some() {
                refused.get_or_insert(receipt);
            }
        });
        sending.await.context("recording the past failed")?;
        if let Some(receipt) = refused {
            bail!("line {} was refused: {:?}", receipt.line, receipt.problem);
        }
    }
    progress.finish_and_clear();
    let last = rows.iter().map(|row| row.declaration.acceptance_date_time).max().context("there are rows")?;
    // A driven clock goes on behind the past; its results are known two days after the last row.
    target.advance(last + SignedDuration::from_hours(48)).await?;
    let trained = if options.no_train {
        None
    } else {
        target.wait_until_settled().await?;
        let run = target
            .client
            .start_training(&serde_json::json!({"direction": "in", "maturityDays": 0, "maxRows": 100_000}))
            .await;
        Some(run.context("training on the past failed")?)
    };
    let recorded = Recorded { rows: rows.len(), findings: rows.iter().filter(|row| row.fraud).count(), notes, trained };
    let mut out = std::io::stdout().lock();
    if options.json {
        serde_json::to_writer_pretty(&mut out, &recorded)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{} declarations recorded, {} of them with a finding", recorded.rows, recorded.findings)?;
        if let Some(run) = &recorded.trained {
            let reasons: Vec<_> = run["record"]["reasons"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|reason| reason.as_str())
                .collect();
            writeln!(out, "trained: {}; {}", run["record"]["outcome"].as_str().unwrap_or("?"), reasons.join("; "))?;
        }
    }
    Ok(())
}

fn past(row: &KcsRow) -> PastDeclaration {
    let result = recorded_result(row);
    let control = PastControl { method: Method::Physical, examined_at: result.examined_at, result };
    PastDeclaration { declaration: row.declaration.clone(), control: Some(control) }
}
