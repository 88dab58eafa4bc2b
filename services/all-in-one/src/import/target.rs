//! The running system that a file goes to.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clients::Client;
use customs::{Control, Finding, FindingKind, ItemOutcome, ItemResult, Nature, NewResult, ResultStage};
use declaration_formats::kcs::KcsRow;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};
use rest::Role;

use crate::cli::Import;
use crate::feed::follow;

/// Longest wait for the services to come to rest.
const PATIENCE: Duration = Duration::from_mins(10);

/// What it needs.
const ROLES: [Role; 6] =
    [Role::CustomsSystem, Role::Officer, Role::Supervisor, Role::Auditor, Role::ModelManager, Role::Service];

/// The system, by one privileged client.
pub struct Target {
    /// The client.
    pub client: Client,
}

impl Target {
    /// The system that the options name, with the token they give or one from the key set.
    pub fn new(options: &Import) -> anyhow::Result<Self> {
        Ok(Self { client: options.access.client("import", &ROLES)? })
    }

    /// Waits until every service has done what it was given.
    pub async fn wait_until_settled(&self) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut quiet = 0;
        // A message may be on its way from one outbox to the next queue: twice quiet is quiet.
        while quiet < 2 {
            let unfinished: u64 = self
                .client
                .queues()
                .await
                .context("the system does not tell its queues")?
                .iter()
                .map(|depth| depth.unfinished)
                .sum();
            quiet = if unfinished == 0 { quiet + 1 } else { 0 };
            ensure!(
                started.elapsed() < PATIENCE,
                "{unfinished} messages are still unfinished after {} s",
                PATIENCE.as_secs()
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }

    /// The end of the feed of channels.
    pub async fn channels_end(&self) -> anyhow::Result<u64> {
        let mut cursor = 0;
        loop {
            let page = self.client.channels(cursor, None, Some(1_000)).await.context("the feed of channels fails")?;
            cursor = page.next;
            if page.items.is_empty() {
                return Ok(cursor);
            }
        }
    }

    /// The controls after `cursor`, which moves on.
    pub async fn controls(&self, cursor: &mut Option<String>) -> anyhow::Result<Vec<Control>> {
        follow(cursor, async |after| self.client.controls(after).await).await
    }

    /// Whether clients may move the domain clock. Asking moves nothing.
    pub async fn is_driven(&self) -> anyhow::Result<bool> {
        let now = self.client.clock().await.context("the system does not tell its domain clock")?;
        match self.client.advance_clock(now).await {
            Ok(()) => Ok(true),
            Err(refusal) if refusal.code() == Some("clock-not-driven") => Ok(false),
            Err(error) => Err(error).context("the domain clock cannot be asked"),
        }
    }

    /// Moves the domain clock to `at`, unless it is already there or runs by itself.
    pub async fn advance(&self, at: Timestamp) -> anyhow::Result<bool> {
        if self.client.clock().await.context("the system does not tell its domain clock")? >= at {
            return Ok(true);
        }
        match self.client.advance_clock(at).await {
            Ok(()) => Ok(true),
            Err(refusal) if refusal.code() == Some("clock-not-driven") => Ok(false),
            Err(error) => Err(error).context("the domain clock cannot be advanced"),
        }
    }
}

/// What an examination of the row established, one day after it was accepted: the set has no time of its own for it.
pub fn recorded_result(row: &KcsRow) -> NewResult {
    let examined_at = row.declaration.acceptance_date_time + SignedDuration::from_hours(24);
    let finding = Finding {
        // The set says that there was fraud and how grave, not of which kind.
        kind: FindingKind::Other,
        national_code: Some(format!("KCS-CRITICAL-{}", row.critical)),
        field: None,
        declared: None,
        found: None,
        nature: Nature::SuspectedFraud,
        in_traders_favour: false,
        measures: Vec::new(),
    };
    let outcome = if row.fraud { ItemOutcome::Finding } else { ItemOutcome::Conform };
    let items = row.declaration.items.iter().map(|item| ItemResult {
        sequence: item.sequence,
        outcome,
        findings: if row.fraud { vec![finding.clone()] } else { Vec::new() },
    });
    NewResult {
        version: 1,
        stage: ResultStage::Final,
        examined_at,
        established_at: examined_at,
        items: items.collect(),
        remarks: None,
        targeting: None,
    }
}

/// A bar over `rows`.
pub fn bar(rows: usize, quiet: bool) -> ProgressBar {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(rows as u64) };
    if let Ok(style) = ProgressStyle::with_template("{prefix} [{wide_bar}] {pos}/{len} {per_sec} {msg}") {
        bar.set_style(style.progress_chars("█▌ "));
    }
    bar
}
