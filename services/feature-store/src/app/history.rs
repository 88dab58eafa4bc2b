//! The past, declaration by declaration, in the order of the log: what was lodged, what it was decided with, and what
//! examinations of it established as known at a time.
//!
//! Nothing is computed anew, so that a filter that is tried over the past sees what it would have seen then.

use customs::{DeclarationId, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::ServiceError;
use crate::domain::blocks::Unpacked;
use crate::domain::label;
use crate::store::read::{self, Decided};

/// Blocks read at a time.
const BLOCKS: usize = 4;

/// Which part of the past.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// Accepted from, microseconds.
    pub from: i64,
    /// Accepted before, microseconds.
    pub until: i64,
    /// Results known at, microseconds.
    pub known_at: i64,
    /// Up to this place in the log.
    pub up_to: u64,
}

/// A lodged declaration version with what became of it.
#[derive(Debug)]
pub struct Entry {
    /// Its place in the log.
    pub sequence: u64,
    /// What was lodged.
    pub lodged: Lodged,
    /// What it was decided with.
    pub decided: Option<Decided>,
    /// What was established; empty when nothing was.
    pub items: Vec<(u32, label::ItemLabel)>,
}

/// The part of an accepted declaration that is told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lodged {
    /// The declaration.
    pub id: DeclarationId,
    /// Its version.
    pub version: u32,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// From the past of another system.
    #[serde(default)]
    pub history: bool,
    /// What was lodged, as it came.
    pub declaration: Box<RawValue>,
    /// What is wrong with it, as it came.
    #[serde(default)]
    pub notes: Option<Box<RawValue>>,
}

/// The next entries of `period` behind `after`, at most `limit`; none at the end.
pub async fn page(
    database: &::store::Database,
    period: &Period,
    mut after: u64,
    limit: usize,
) -> Result<Vec<Entry>, ServiceError> {
    let mut found: Vec<(u64, Lodged)> = Vec::new();
    while found.len() < limit {
        let range = (after, period.up_to);
        let blocks = read::lodged_blocks(database.reader(), range, (period.from, period.until), BLOCKS).await?;
        if blocks.is_empty() {
            break;
        }
        for block in blocks {
            let block = Unpacked::new(&block).ok_or(ServiceError::Stored("block"))?;
            for (sequence, text) in block.entries() {
                if sequence <= after {
                    continue;
                }
                if sequence > period.up_to || found.len() >= limit {
                    break;
                }
                let lodged: Lodged = serde_json::from_str(text)?;
                after = sequence;
                if (period.from..period.until).contains(&lodged.accepted_at.as_microsecond()) {
                    found.push((sequence, lodged));
                }
            }
        }
        if after >= period.up_to {
            break;
        }
    }
    let ids = || found.iter().map(|(_, lodged)| lodged.id.0);
    let mut decided = read::served_of(database.reader(), ids()).await?;
    let labels = read::labels_of(database.reader(), period.known_at, ids()).await?;
    Ok(found
        .into_iter()
        .map(|(sequence, lodged)| {
            let decided = decided.remove(&(lodged.id.0, lodged.version));
            let items = labels.get(&lodged.id.0).map(|labels| established(lodged.id.0, labels)).unwrap_or_default();
            Entry { sequence, lodged, decided, items }
        })
        .collect())
}

/// The last place of the log, and how many entries of `period` there are at most.
pub async fn extent(database: &::store::Database, from: i64, until: i64) -> Result<(u64, u64), ServiceError> {
    let last = read::last_sequence(database.reader()).await?;
    Ok((last, read::lodged_count(database.reader(), last, from, until).await?))
}

/// What the examinations of the goods together say of each item, in the order of items. What only documents or images
/// showed has another chance of being known than the one that is given beside it.
fn established(declaration: Uuid, labels: &[(u32, label::ItemLabel)]) -> Vec<(u32, label::ItemLabel)> {
    let goods = || labels.iter().filter(|(_, label)| label.is_conclusive());
    let mut items: Vec<u32> = goods().map(|(item, _)| *item).collect();
    items.sort_unstable();
    items.dedup();
    items
        .into_iter()
        .filter_map(|item| {
            let own = goods().filter(|(labelled, _)| *labelled == item).map(|(_, label)| *label);
            Some((item, label::together(declaration, own)?))
        })
        .collect()
}
