//! Following a feed of the services to its present end.

use anyhow::Context;
use clients::ClientError;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// A page of a feed.
#[derive(Deserialize)]
pub struct FeedPage<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Ask after this next time.
    pub next: Option<String>,
}

/// The page in an answer.
pub fn page<T: DeserializeOwned>(answer: Result<Value, ClientError>) -> anyhow::Result<FeedPage<T>> {
    serde_json::from_value(answer?).context("a page has another shape")
}

/// Everything after `cursor`, which moves on. `ask` gives the page after a cursor.
pub async fn follow<T: DeserializeOwned>(
    cursor: &mut Option<String>,
    ask: impl AsyncFn(Option<&str>) -> Result<Value, ClientError>,
) -> anyhow::Result<Vec<T>> {
    let mut all = Vec::new();
    loop {
        let page: FeedPage<T> = page(ask(cursor.as_deref()).await)?;
        if page.items.is_empty() {
            return Ok(all);
        }
        *cursor = page.next.or_else(|| cursor.take());
        all.extend(page.items);
    }
}
