//! Reading feeds to their end.

use std::collections::BTreeMap;

use clients::{ChannelEntry, Client};
use customs::{DeclarationId, Selection};

/// Every channel that was told.
pub async fn channels(client: &Client) -> anyhow::Result<Vec<ChannelEntry>> {
    let (mut all, mut cursor) = (Vec::new(), 0);
    loop {
        let page = client.channels(cursor, None, Some(1_000)).await?;
        if page.items.is_empty() {
            return Ok(all);
        }
        cursor = page.next;
        all.extend(page.items);
    }
}

/// Every decision record.
pub async fn selections(client: &Client) -> anyhow::Result<Vec<Selection>> {
    let (mut all, mut cursor) = (Vec::<Selection>::new(), None::<String>);
    loop {
        let mut page = client.selections(cursor.as_deref(), Some(1_000)).await?;
        let items: Vec<Selection> = serde_json::from_value(page["items"].take())?;
        if items.is_empty() {
            return Ok(all);
        }
        cursor = page["next"].as_str().map(ToOwned::to_owned).or(cursor);
        all.extend(items);
    }
}

/// How often each declaration occurs.
pub fn counted(ids: impl Iterator<Item = DeclarationId>) -> BTreeMap<DeclarationId, usize> {
    let mut counts = BTreeMap::new();
    for id in ids {
        *counts.entry(id).or_default() += 1;
    }
    counts
}
