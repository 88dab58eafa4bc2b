//! `aforo decisions`: take stored decisions again, and tell which do not come to what is recorded.

use std::io::Write as _;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use customs::SelectionId;
use rest::Role;
use serde_json::{Value, json};

use crate::cli::Access;

/// Decisions taken again per call.
const PAGE: u32 = 1_000;

/// Verbs of `decisions`.
#[derive(Debug, Subcommand)]
pub enum Decisions {
    /// Take decisions again from their records: equal, or what differs
    Verify(Verify),
}

/// Options of `decisions verify`. Roles: auditor, for all offices.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    #[command(flatten)]
    pub access: Access,
    /// This decision alone; may be given more than once [default: all of them]
    #[arg(long = "selection", value_name = "ID")]
    pub selections: Vec<SelectionId>,
    /// Print what came of it as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs a verb.
pub async fn run(verb: Decisions) -> anyhow::Result<()> {
    match verb {
        Decisions::Verify(options) => verify(&options).await,
    }
}

async fn verify(options: &Verify) -> anyhow::Result<()> {
    let client = options.access.client("aforo-decisions", &[Role::Auditor])?;
    let (mut verified, mut others) = (0, Vec::new());
    for id in &options.selections {
        verified += 1;
        let told = client.verify_selection(*id).await.with_context(|| format!("selection {id} cannot be verified"))?;
        others.extend(Some(told).filter(|told| told["verdict"] != "equal"));
    }
    let mut after: Option<String> = None;
    while options.selections.is_empty() {
        let page =
            client.verify_selections(after.as_deref(), Some(PAGE)).await.context("decisions cannot be verified")?;
        verified += page["verified"].as_u64().unwrap_or_default();
        others.extend(page["items"].as_array().into_iter().flatten().cloned());
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    let count = |verdict: &str| others.iter().filter(|told| told["verdict"] == verdict).count();
    let (different, erased) = (count("different"), count("erased"));
    let equal = verified - others.len() as u64;
    let mut out = std::io::stdout().lock();
    if options.json {
        let unknown = others.len() - different - erased;
        let told = json!({"verified": verified, "equal": equal, "different": different, "erased": erased,
            "unknown": unknown, "decisions": others});
        writeln!(out, "{told}")?;
    } else {
        others.iter().try_for_each(|told| write!(out, "{}", in_words(told)))?;
        let without = if erased > 0 { format!(", {erased} without the person that was erased") } else { String::new() };
        writeln!(out, "{verified} decisions taken again, {equal} equal, {different} different{without}")?;
    }
    ensure!(different == 0, "{different} decisions do not come to what is recorded");
    Ok(())
}

/// A decision that is not equal, a line for each difference.
fn in_words(told: &Value) -> String {
    let id = told["selection"].as_str().unwrap_or_default();
    if told["verdict"] == "erased" {
        return format!("{id}  erased: a person was taken out of it, and with them what its draws were made from\n");
    }
    if let Some(reason) = told["reason"].as_str() {
        return format!("{id}  cannot be taken again: {reason}\n");
    }
    let differences = told["differences"].as_array().map(Vec::as_slice).unwrap_or_default();
    let lines = differences.iter().map(|difference| {
        let pointer = difference["pointer"].as_str().unwrap_or_default();
        format!("{id}  {pointer}: recorded {}, comes to {}\n", difference["recorded"], difference["again"])
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_one_line_with_both_values() {
        let told = json!({"selection": "0195", "verdict": "different",
            "differences": [{"pointer": "/channel", "recorded": "green", "again": "red"}]});
        assert_eq!(in_words(&told), "0195  /channel: recorded \"green\", comes to \"red\"\n");
    }
}
