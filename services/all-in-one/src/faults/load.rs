//! The load: a customs system that lodges and follows its channels, and officers who report. What does not get through is
//! tried again, as such systems do.

use std::cell::RefCell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use anyhow::ensure;
use clients::{Client, ReceiptStatus};
use customs::{Control, DeclarationId};
use lifecycle::Clock;
use serde_json::{Value, json};

use crate::feed::follow;

/// Declarations of one request.
const LINES: u64 = 25;
/// Pause after something did not get through.
const AGAIN: Duration = Duration::from_millis(200);
/// Longest wait of one question for channels.
const WAIT_MS: u64 = 500;
/// Entries of one page.
const PAGE: u32 = 1_000;
/// How often officers look at what was ordered, and the end is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often in a row nothing may be under way before all is done.
const QUIET: usize = 10;
/// Offices that declarations go to.
const OFFICES: [&str; 4] = ["118", "235", "046", "172"];
/// Where goods come from.
const ORIGINS: [&str; 4] = ["CN", "US", "DE", "BR"];
/// Goods items of a declaration.
const ITEMS: u32 = 2;

/// The load, and what it saw.
pub struct Load {
    client: Client,
    rate: f64,
    seen: RefCell<Seen>,
}

/// What was seen from outside.
#[derive(Default)]
struct Seen {
    /// When a receipt came, by declaration.
    accepted: HashMap<DeclarationId, Instant>,
    /// When the first channel was told.
    told: HashMap<DeclarationId, Instant>,
    /// Results that were taken.
    results: u64,
}

impl Load {
    /// Over `client`, `rate` declarations a second.
    pub fn new(client: Client, rate: f64) -> Self {
        Self { client, rate, seen: RefCell::default() }
    }

    /// When each declaration was accepted, and when its first channel was told.
    pub fn times(&self) -> Vec<(DeclarationId, Instant, Option<Instant>)> {
        let seen = self.seen.borrow();
        seen.accepted.iter().map(|(id, at)| (*id, *at, seen.told.get(id).copied())).collect()
    }

    /// Results that were taken.
    pub fn results(&self) -> u64 {
        self.seen.borrow().results
    }

    /// Lodges until `until`, and then on until everything it began with is accepted.
    pub async fn lodge(&self, until: Instant) {
        let every = Duration::from_secs_f64(LINES as f64 / self.rate);
        let mut next = Instant::now();
        for batch in 0_u64.. {
            if Instant::now() >= until {
                return;
            }
            tokio::time::sleep(next.saturating_duration_since(Instant::now())).await;
            next = Instant::now().max(next + every);
            let mut lines: Vec<Vec<u8>> = (0..LINES).map(|line| declaration(batch * LINES + line)).collect();
            while !lines.is_empty() {
                let mut open: Vec<bool> = vec![true; lines.len()];
                let sent = self.client.lodge_bulk(lines.clone(), |receipt| {
                    if let (Some(id), ReceiptStatus::Accepted | ReceiptStatus::Known) = (receipt.id, receipt.status) {
                        self.seen.borrow_mut().accepted.entry(id).or_insert_with(Instant::now);
                        if let Some(open) = open.get_mut((receipt.line - 1) as usize) {
                            *open = false;
                        }
                    }
                });
                let _ = sent.await;
                let mut still = open.into_iter();
                lines.retain(|_| still.next().unwrap_or(true));
                if !lines.is_empty() {
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// Follows the feed of channels for ever.
    pub async fn follow(&self) -> Infallible {
        let mut cursor = 0;
        loop {
            match self.client.channels(cursor, Some(WAIT_MS), Some(PAGE)).await {
                Ok(page) => {
                    cursor = page.next;
                    let mut seen = self.seen.borrow_mut();
                    for entry in page.items {
                        seen.told.entry(entry.declaration).or_insert_with(Instant::now);
                    }
                }
                Err(_) => tokio::time::sleep(AGAIN).await,
            }
        }
    }

    /// Reports on every control of a declaration that is ordered, for ever.
    pub async fn examine(&self) -> Infallible {
        let (mut cursor, mut due) = (None, Vec::<Control>::new());
        loop {
            let ordered = follow(&mut cursor, async |after| self.client.controls(after).await).await;
            due.extend(ordered.unwrap_or_default());
            let mut left = Vec::new();
            for control in due {
                if control.declaration.is_none() {
                    continue;
                }
                match self.client.report_result(control.id, &conform()).await {
                    Ok(_) => self.seen.borrow_mut().results += 1,
                    Err(clients::ClientError::Refused(problem)) if problem.status < 500 => {
                        tracing::warn!(control = %control.id, title = problem.title, "a result was refused");
                    }
                    Err(_) => left.push(control),
                }
            }
            due = left;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until every accepted declaration was told a channel and nothing is under way any more.
    pub async fn settle(&self, patience: Duration) -> anyhow::Result<()> {
        let (started, mut quiet) = (Instant::now(), 0);
        while quiet < QUIET {
            tokio::time::sleep(LOOK_EVERY).await;
            let unfinished = match self.client.queues().await {
                Ok(queues) => queues.iter().map(|queue| queue.unfinished).sum::<u64>(),
                Err(_) => u64::MAX,
            };
            let untold = self.times().iter().filter(|(_, _, told)| told.is_none()).count();
            quiet = if unfinished == 0 && untold == 0 { quiet + 1 } else { 0 };
            // What never comes is for the verdict to count; what never rests is an error.
            if started.elapsed() > patience {
                ensure!(unfinished == 0, "{unfinished} messages are still unfinished after {} s", patience.as_secs());
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The text of declaration `number`.
fn declaration(number: u64) -> Vec<u8> {
    let items: Vec<Value> = (1..=ITEMS)
        .map(|sequence| {
            let code = 8_467_210_000 + (number * 7 + u64::from(sequence)) % 90 * 1_000_000;
            json!({
                "sequence": sequence, "commodityCode": code.to_string(), "description": "Herramientas",
                "originCountry": (ORIGINS[(number % ORIGINS.len() as u64) as usize]), "netMassKg": "12.5",
                "valuation": {"fob": {"amount": format!("{}.40", 900 + number % 500), "currency": "USD"}, "method": 1},
            })
        })
        .collect();
    let declaration = json!({
        "reference": format!("F-{number}"), "declarant": {"id": format!("20{:09}", number % 40), "role": "declarant"},
        "office": OFFICES[(number % OFFICES.len() as u64) as usize], "acceptanceDateTime": Clock::real().now(),
        "direction": "in", "regime": "10", "modality": "deferred", "form": "full",
        "parties": [{"id": format!("20{:09}", 1_000 + number % 300), "role": "importer"}],
        "transportDocuments": [{"id": format!("BL-{number}")}], "items": items,
    });
    declaration.to_string().into_bytes()
}

/// A result that found nothing.
fn conform() -> customs::NewResult {
    let now = Clock::real().now();
    let item =
        |sequence| customs::ItemResult { sequence, outcome: customs::ItemOutcome::Conform, findings: Vec::new() };
    customs::NewResult {
        version: 1,
        stage: customs::ResultStage::Final,
        examined_at: now,
        established_at: now,
        items: (1..=ITEMS).map(item).collect(),
        remarks: None,
        targeting: None,
    }
}
