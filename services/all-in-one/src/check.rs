//! `aforo check`: whether a running system does its work, from the declaration to the result, as its users meet it.
//!
//! What it lodges says what it is, is withdrawn at the end, and its control is one that a person orders: nothing of it
//! becomes a label for a model.

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context, ensure};
use customs::{ControlId, Declaration, ItemOutcome, ItemResult, NewResult, ResultStage, Timestamp};
use rest::Role;
use serde_json::{Value, json};

use crate::cli::Check;

/// Longest wait of one question.
const ONE_WAIT: Duration = Duration::from_secs(2);
/// Who lodges it.
const DECLARANT: &str = "AFORO-CHECK";

/// Lodges, waits, orders, reports, and withdraws; says each on a line.
pub async fn run(options: Check) -> anyhow::Result<()> {
    let access = &options.access;
    let roles = [Role::CustomsSystem, Role::Officer, Role::Supervisor, Role::Service];
    let client = access.client("check", &roles)?;
    let mut out = std::io::stdout().lock();
    let now = client.clock().await.with_context(|| format!("no system answers at {}", access.to))?;

    let declaration = declaration(&options.office, now)?;
    let receipt = client.lodge(&declaration, false).await.context("the declaration is not accepted")?;
    writeln!(out, "lodged {} as {}", declaration.reference, receipt.id)?;

    let tries = (options.patience_seconds.max(1)).div_ceil(ONE_WAIT.as_secs() as u32);
    let mut told = None;
    for _ in 0..tries {
        let status = client.declaration(receipt.id, Some(ONE_WAIT.as_millis() as u64)).await;
        let status = status.context("the declaration cannot be asked for")?;
        if let Some(channel) = status.channel {
            told = Some((channel, status.fail_safe));
            // The fail-safe says that nobody decided in time; a decision may still come.
            if !status.fail_safe {
                break;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (channel, fail_safe) =
        told.with_context(|| format!("no channel was told within {} s", options.patience_seconds))?;
    ensure!(!fail_safe, "nobody decided within {} s; the fail-safe was told: {channel}", options.patience_seconds);
    writeln!(out, "channel {channel}")?;

    let order = json!({
        "reference": declaration.reference, "office": options.office, "method": "documentary",
        "subject": {"type": "vehicle", "id": DECLARANT}, "reason": "whether the system works", "openedAt": now,
    });
    let control = client.order_control(&order).await.context("a control cannot be ordered")?;
    let control: ControlId = serde_json::from_value(control["id"].clone()).context("a control without an id")?;
    client.report_result(control, &conform(now)).await.context("the result is not accepted")?;
    writeln!(out, "result of control {control} accepted")?;
    client.cancel(receipt.id, "whether the system works").await.context("the declaration cannot be withdrawn")?;
    writeln!(out, "the system works")?;
    Ok(())
}

/// One consignment of tools.
fn declaration(office: &str, now: Timestamp) -> anyhow::Result<Declaration> {
    let reference = format!("CHECK-{}", now.as_millisecond());
    let item = json!({
        "sequence": 1, "commodityCode": "8467210000", "description": "Tools", "originCountry": "CL", "netMassKg": "12.5",
        "valuation": {"fob": {"amount": "900.40", "currency": "USD"}, "method": 1},
    });
    let declaration: Value = json!({
        "reference": reference, "declarant": {"id": DECLARANT, "role": "declarant"}, "office": office,
        "acceptanceDateTime": now, "direction": "in", "regime": "10", "modality": "deferred", "form": "full",
        "parties": [{"id": DECLARANT, "role": "importer"}], "transportDocuments": [{"id": reference}], "items": [item],
    });
    serde_json::from_value(declaration).context("the declaration of the check is none")
}

/// A result that found nothing.
fn conform(now: Timestamp) -> NewResult {
    NewResult {
        version: 1,
        stage: ResultStage::Final,
        examined_at: now,
        established_at: now,
        items: vec![ItemResult { sequence: 0, outcome: ItemOutcome::Conform, findings: Vec::new() }],
        remarks: None,
        targeting: None,
    }
}
