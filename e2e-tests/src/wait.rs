//! Waiting for a fact. Level-triggered: the fact is asked for again and again, and a deadline ends the waiting.

use std::time::{Duration, Instant};

use anyhow::bail;

/// Pause between two questions.
pub const INTERVAL: Duration = Duration::from_millis(50);

/// Asks until there is an answer, at most for `patience`. `fact` is what the error says when it never holds.
pub async fn until<T>(
    fact: &str,
    patience: Duration,
    mut ask: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if started.elapsed() > patience {
            bail!("after {} s it still does not hold that {fact}", patience.as_secs());
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
