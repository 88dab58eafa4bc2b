//! `aforo erase`: takes a person out of everything that a running system keeps, and says how far that has come.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use clients::{Client, Erasure};
use rest::Role;
use serde_json::json;

use crate::cli::Access;

/// How often it is asked how far an erasure has come, and how often in a row at most.
const ASK: (Duration, u32) = (Duration::from_millis(500), 1_200);

/// Options of `erase`. Roles: data-protection, for all offices, and service.
#[derive(Args, Clone, Debug)]
pub struct Erase {
    #[command(flatten)]
    pub access: Access,
    /// The identifier under which the person was lodged as a party
    #[arg(long, value_name = "ID")]
    pub person: String,
    /// Print what came of it as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb.
pub async fn run(options: &Erase) -> anyhow::Result<()> {
    let client = options.access.client("aforo-erase", &[Role::DataProtection, Role::Service])?;
    let asked = client.erase(&options.person).await.context("the person cannot be erased")?;
    let told = looked_through(&client, asked).await?;
    let dead: u64 = client.queues().await.context("no queues")?.iter().map(|queue| queue.dead).sum();
    let mut out = std::io::stdout().lock();
    if options.json {
        writeln!(out, "{}", json!({"erasure": told, "deadLetters": dead}))?;
    } else {
        writeln!(out, "{}", in_words(&told, dead))?;
    }
    Ok(())
}

/// Waits until the declarations were looked through once.
async fn looked_through(client: &Client, mut erasure: Erasure) -> anyhow::Result<Erasure> {
    for _ in 0..ASK.1 {
        if erasure.done_at_ms.is_some() || erasure.under_way > 0 {
            break;
        }
        tokio::time::sleep(ASK.0).await;
        erasure = client.erasure(erasure.id).await.context("how far it has come cannot be told")?;
    }
    Ok(erasure)
}

fn in_words(erasure: &Erasure, dead: u64) -> String {
    let Erasure { id, erased, under_way, done_at_ms } = erasure;
    let mut text = format!("erasure {id}: taken out of {erased} declarations");
    if *under_way > 0 {
        let _ = write!(text, "; {under_way} are under way and are taken up when they have come to rest");
    } else if done_at_ms.is_none() {
        text.push_str("; it goes on by itself");
    }
    if dead > 0 {
        let _ = write!(text, "\n{dead} dead letters may name the person: redrive them, and erase again");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_said() {
        let erasure = |under_way, done_at_ms| Erasure { id: uuid::Uuid::nil(), erased: 2, under_way, done_at_ms };
        let done = in_words(&erasure(0, Some(1)), 0);
        assert!(done.ends_with("taken out of 2 declarations"), "{done}");
        assert!(in_words(&erasure(3, None), 0).contains("3 are under way"));
        assert!(in_words(&erasure(0, Some(1)), 4).contains("4 dead letters"));
    }
}
