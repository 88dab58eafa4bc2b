//! `aforo audit`: whether the trail is intact, and taking a person out of it.

use std::io::Write as _;
use std::path::Path;

use ::audit::{Ledger, Verdict};
use anyhow::{Context, ensure};
use lifecycle::ProcessClock;

use crate::cli::{Audit, Erase, Place, Verify};
use crate::settings::Settings;

/// The trail within a data folder.
const FILE: &str = "audit.db";

/// Where the trail is: beside the tables of the services.
pub fn store(settings: &Settings, data: &Path) -> store::Settings {
    if settings.database.url.is_empty() {
        return store::Settings::file(data.join(FILE));
    }
    let schema = Some("audit".to_owned());
    let crate::settings::DatabaseSettings { url, password_file, ca_file } = settings.database.clone();
    // One task writes, and auditors are few.
    store::Settings { schema, writers: 1, readers: 1, password_file, ca_file, ..store::Settings::new(url) }
}

/// Opens the trail, and makes its tables where they are not there.
pub async fn ledger(settings: &Settings, data: &Path) -> anyhow::Result<Ledger> {
    let store = store(settings, data);
    Ledger::open(&store, ProcessClock::default()).await.context("cannot open the audit trail")
}

/// Runs a verb.
pub async fn run(verb: &Audit) -> anyhow::Result<()> {
    match verb {
        Audit::Verify(options) => verify(options).await,
        Audit::Erase(options) => erase(options).await,
    }
}

async fn verify(options: &Verify) -> anyhow::Result<()> {
    let verdict = open(&options.place).await?.verify(options.head.as_deref()).await?;
    let mut out = std::io::stdout().lock();
    if options.json {
        writeln!(out, "{}", serde_json::to_string(&verdict)?)?;
    } else {
        writeln!(out, "{}", told(&verdict))?;
    }
    ensure!(verdict.is_intact(), "the audit trail is not what was written");
    Ok(())
}

/// The verdict in words.
fn told(verdict: &Verdict) -> String {
    let Verdict { records, batches, erased, open, head, noted_head_met, fault } = verdict;
    let mut text = match fault {
        None => format!("intact: {records} records in {batches} batches, {erased} erased, {open} without an end"),
        Some(fault) => {
            let record = fault.record.map(|record| format!(", record {record}")).unwrap_or_default();
            format!(
                "BROKEN in batch {}{record}: {}\nbefore it {records} records are intact",
                fault.batch, fault.message
            )
        }
    };
    if *noted_head_met == Some(false) {
        text.push_str("\nBROKEN: the noted head is not in the chain; records were taken away or written anew");
    }
    text.push_str("\nhead ");
    text.push_str(head);
    text
}

async fn erase(options: &Erase) -> anyhow::Result<()> {
    let erased = open(&options.place).await?.erase(&options.subject, &options.by).await?;
    writeln!(std::io::stdout(), "erased from {erased} records")?;
    Ok(())
}

async fn open(Place { data, settings }: &Place) -> anyhow::Result<Ledger> {
    let settings = Settings::load(settings.as_deref())?;
    let file = data.join(FILE);
    // A folder without a trail is a mistyped one: nothing is made there.
    ensure!(!settings.database.url.is_empty() || file.exists(), "{} holds no audit trail", data.display());
    ledger(&settings, data).await
}
