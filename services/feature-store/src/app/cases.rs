//! Past cases like an item, and what all of them say about goods like it.

use customs::DeclarationId;
use explanation::{ItemCases, Known, PastCase, nearest};

use crate::ServiceError;
use crate::store::cases;

/// The latest cases that are looked at.
const LOOKED_AT: usize = 20_000;
/// Items that are answered when none is named.
const ITEMS: usize = 20;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The declaration.
    pub declaration: DeclarationId,
    /// Its version; the highest when none is named.
    pub version: Option<u32>,
    /// Items, by sequence; the first 20 when none is named.
    pub items: Vec<u32>,
    /// Known before this moment, microseconds.
    pub before: i64,
    /// Similar cases per item.
    pub most: usize,
}

/// Answers for the declaration's version, item by item. A declaration is never its own past.
pub async fn similar(database: &::store::Database, question: &Question) -> Result<(u32, Vec<ItemCases>), ServiceError> {
    let Question { declaration, version, items, before, most } = question;
    let lodged = cases::outline_of(database.reader(), *declaration, *version).await?;
    let (version, outline) = lodged.ok_or(ServiceError::NotLodged(*declaration))?;
    let mut past = cases::known(database.reader(), *before, outline.direction, LOOKED_AT).await?;
    past.retain(|case| case.declaration != *declaration);
    let every: Vec<u32> = outline.items.iter().map(|item| item.sequence).take(ITEMS).collect();
    let asked = if items.is_empty() { &every } else { items };
    let answers = asked.iter().filter(|item| outline.items.iter().any(|own| own.sequence == **item)).map(|item| {
        let profile = cases::profile(&outline, *item);
        let similar = nearest(&profile, &past, *most).into_iter().map(PastCase::from);
        ItemCases { item: *item, known: Known::gather(&profile, &past), similar: similar.collect() }
    });
    Ok((version, answers.collect()))
}
