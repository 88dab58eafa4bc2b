//! `aforo audit`: whether the trail is intact, and taking a person out of it.

use std::io::Write as _;
use std::path::Path;

use ::audit::{Ledger, Verdict};
use anyhow::{Context, ensure};
use lifecycle::ProcessClock;

use crate::cli::{Audit, Erase, Verify};

/// Where the trail of the data folder is.
pub fn store(data: &Path) -> store::Settings {
    store::Settings::file(data.join("audit.db"))
}

/// Runs a verb.
pub async fn run(verb: &Audit) -> anyhow::Result<()> {
    match verb {
        Audit::Verify(options) => verify(options).await,
        Audit::Erase(options) => erase(options).await,
    }
}

async fn verify(options: &Verify) -> anyhow::Result<()> {
    let verdict = open(&options.data).await?.verify(options.head.as_deref()).await?;
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
    let erased = open(&options.data).await?.erase(&options.subject, &options.by).await?;
    writeln!(std::io::stdout(), "erased from {erased} records")?;
    Ok(())
}

async fn open(data: &Path) -> anyhow::Result<Ledger> {
    // A folder without a trail is a mistyped one: nothing is made there.
    ensure!(data.join("audit.db").exists(), "{} holds no audit trail", data.display());
    Ledger::open(&store(data), ProcessClock::default()).await.context("cannot open the audit trail")
}
