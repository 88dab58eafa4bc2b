//! Runs a bench of the crate that it measures, compiled for release, and lets its output through.

use std::io::Write as _;

use anyhow::{Context, bail, ensure};

use crate::run::cargo;

/// Benches that `serving` of the tests of the whole system holds.
const SERVING: [&str; 5] = ["path", "receipt", "score-now", "aggregates", "growth"];
/// Every bench: its name, the crate, and what it measures.
const BENCHES: &[(&str, &str, &str)] = &[
    (
        "path",
        "e2e-tests",
        "from lodging until every subscriber is done, on PostgreSQL and Redis, beside a naive receipt",
    ),
    ("receipt", "e2e-tests", "lodging alone, on PostgreSQL and Redis, beside a naive receipt"),
    ("score-now", "e2e-tests", "an advisory score over HTTP, and its latency at 500 a second"),
    ("aggregates", "e2e-tests", "keeping aggregates up to date with declarations, also after a crash"),
    ("growth", "e2e-tests", "the path with ten million declarations stored against a hundred thousand"),
    ("filters", "risk-filters", "matching 1,000 and 10,000 filters against one item, with explanations"),
    ("filter-swap", "risk-filters", "compiling a filter, and replacing 10,000 while scoring goes on"),
    ("score", "risk-model", "scoring one row with 200 trees, beside LightGBM"),
    ("replay", "risk-filters", "replaying filters over stored history, per item"),
    ("selection", "selection", "streaming selection against the day's hindsight"),
    ("learning", "selection", "a year with labels only for the examined, beside greedy weekly refits"),
    ("reading", "declaration-formats", "reading declarations of 4 and of 200 items, beside serde alone"),
    ("streams", "queue", "a message through Redis Streams in batches, beside one command per message"),
    ("features", "online-store", "the features of a declaration from Redis in batches, beside each declaration alone"),
];

pub fn run(name: Option<&str>, json: bool) -> anyhow::Result<()> {
    let Some(name) = name else {
        let mut out = std::io::stdout().lock();
        for (name, package, what) in BENCHES {
            writeln!(out, "{name:12} {what} ({package})")?;
        }
        return Ok(());
    };
    let Some((name, package, _)) = BENCHES.iter().find(|(known, ..)| *known == name) else {
        let known: Vec<_> = BENCHES.iter().map(|(name, ..)| *name).collect();
        bail!("there is no bench `{name}`; there are: {}", known.join(", "));
    };
    let mut cargo = cargo();
    let serving = SERVING.contains(name);
    let target: &str = if serving { "serving" } else { name };
    cargo.args(["bench", "--quiet", "--package", package, "--bench", target, "--"]);
    if serving {
        cargo.arg(name);
    }
    if json {
        cargo.arg("--json");
    }
    let status = cargo.status().context("cannot start cargo")?;
    ensure!(status.success(), "the bench `{name}` failed");
    Ok(())
}
