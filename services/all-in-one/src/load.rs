//! `aforo load`: declarations lodged one by one into a running system, at a rate, each followed to its channel; and
//! what was refused, lost, told twice or late. All of it over HTTP, as a customs system and officers have it.

mod seen;

use std::convert::Infallible;
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::ensure;
use clients::{Client, ClientError};
use customs::{Control, Declaration, ItemOutcome, ItemResult, NewResult, ResultStage, Timestamp};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use lifecycle::Clock;
use rest::Role;
use serde_json::json;

use crate::cli::Load;
use crate::feed::follow;
use seen::Seen;

/// Pause after something did not get through.
const AGAIN: Duration = Duration::from_millis(200);
/// Longest wait of one question for channels.
const WAIT_MS: u64 = 500;
/// Entries of one page.
const PAGE: u32 = 1_000;
/// How often officers look at what was ordered.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Where goods come from.
const ORIGINS: [&str; 4] = ["CN", "US", "DE", "BR"];
/// The most requests under way.
const AT_ONCE: usize = 256;

/// Lodges, follows, counts, and says what came of it.
pub async fn run(options: Load) -> anyhow::Result<()> {
    ensure!(options.rate > 0.0, "--rate is more than 0");
    let roles = [Role::CustomsSystem, Role::Officer, Role::Auditor, Role::Service];
    let client = options.access.client("load", &roles)?;
    let seen = Seen::default();
    let cursor = end_of_feed(&client).await?;
    let lodging = async {
        lodge(&client, &options, &seen).await;
        let until = Instant::now() + Duration::from_secs(options.patience_seconds.into());
        // Until every channel is told; and a moment longer, for what might be told twice.
        while seen.untold() > 0 && Instant::now() < until {
            tokio::time::sleep(AGAIN).await;
        }
        tokio::time::sleep(Duration::from_millis(2 * WAIT_MS)).await;
    };
    tokio::select! {
        () = lodging => {}
        never = follow_channels(&client, cursor, &seen) => match never {},
        never = examine(&client, options.examine, &seen) => match never {},
    }
    let outcome = seen.outcome();
    let mut out = std::io::stdout().lock();
    if options.json {
        writeln!(out, "{}", serde_json::to_string(&outcome)?)?;
    } else {
        writeln!(out, "{outcome}")?;
    }
    ensure!(outcome.holds(), "something was lost or told twice");
    Ok(())
}

/// Lodges declarations at the rate that is asked, each until it is accepted.
async fn lodge(client: &Client, options: &Load, seen: &Seen) {
    let every = Duration::from_secs_f64(1.0 / options.rate);
    let (mut under_way, mut next) = (FuturesUnordered::new(), Instant::now());
    for number in 0..options.declarations {
        loop {
            tokio::select! {
                biased;
                Some(()) = under_way.next(), if !under_way.is_empty() => {}
                () = tokio::time::sleep(next.saturating_duration_since(Instant::now())), if under_way.len() < AT_ONCE => break,
            }
        }
        next += every;
        under_way.push(lodge_one(client, options, number, seen));
    }
    while under_way.next().await.is_some() {}
}

async fn lodge_one(client: &Client, options: &Load, number: u64, seen: &Seen) {
    let office = &options.office[(number % options.office.len().max(1) as u64) as usize];
    let now = Clock::real().now();
    let Some(declaration) = declaration(&options.name, number, office, now) else {
        return seen.failed("a declaration of the load is none".to_owned());
    };
    loop {
        match client.lodge(&declaration, false).await {
            Ok(receipt) => return seen.accepted(receipt.id, office),
            Err(error) => seen.failed(told(&error)),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// A failure in words under which it is counted.
fn told(error: &ClientError) -> String {
    match (error.status(), error.code()) {
        (Some(status), Some(code)) => format!("{status} {code}"),
        (Some(status), None) => status.to_string(),
        _ => error.to_string(),
    }
}

/// Follows the feed of channels for ever.
async fn follow_channels(client: &Client, mut cursor: u64, seen: &Seen) -> Infallible {
    loop {
        match client.channels(cursor, Some(WAIT_MS), Some(PAGE)).await {
            Ok(page) => {
                cursor = page.next;
                page.items.iter().for_each(|entry| seen.told(entry));
            }
            Err(error) => {
                seen.failed(told(&error));
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

/// Where the feed ends now.
async fn end_of_feed(client: &Client) -> anyhow::Result<u64> {
    let mut cursor = 0;
    loop {
        let page = client.channels(cursor, None, Some(PAGE)).await?;
        if page.items.is_empty() {
            return Ok(cursor);
        }
        cursor = page.next;
    }
}

/// Reports on every control of a declaration, for ever; if nobody asked for it, does nothing.
async fn examine(client: &Client, asked: bool, seen: &Seen) -> Infallible {
    let mut cursor = None;
    loop {
        if !asked {
            std::future::pending::<()>().await;
        }
        let ordered: Vec<Control> =
            follow(&mut cursor, async |after| client.controls(after).await).await.unwrap_or_default();
        for control in ordered.iter().filter(|control| control.declaration.is_some()) {
            match client.report_result(control.id, &conform(Clock::real().now())).await {
                Ok(_) => seen.resulted(),
                Err(error) => seen.failed(told(&error)),
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Declaration `number` of the run called `name`.
fn declaration(name: &str, number: u64, office: &str, now: Timestamp) -> Option<Declaration> {
    let item = |sequence: u64| {
        let code = 8_467_210_000 + (number * 7 + sequence) % 90 * 1_000_000;
        json!({
            "sequence": sequence, "commodityCode": code.to_string(), "description": "Tools",
            "originCountry": (ORIGINS[(number % ORIGINS.len() as u64) as usize]), "netMassKg": "12.5",
            "valuation": {"fob": {"amount": format!("{}.40", 900 + number % 500), "currency": "USD"}, "method": 1},
        })
    };
    let declaration = json!({
        "reference": format!("{name}-{number}"), "declarant": {"id": format!("20{:09}", number % 40), "role": "declarant"},
        "office": office, "acceptanceDateTime": now, "direction": "in", "regime": "10", "modality": "deferred",
        "form": "full", "parties": [{"id": format!("20{:09}", 1_000 + number % 300), "role": "importer"}],
        "transportDocuments": [{"id": format!("{name}-{number}")}], "items": [item(1), item(2)],
    });
    serde_json::from_value(declaration).ok()
}

/// A result that found nothing.
fn conform(now: Timestamp) -> NewResult {
    let item = |sequence| ItemResult { sequence, outcome: ItemOutcome::Conform, findings: Vec::new() };
    NewResult {
        version: 1,
        stage: ResultStage::Final,
        examined_at: now,
        established_at: now,
        items: vec![item(1), item(2)],
        remarks: None,
        targeting: None,
    }
}
