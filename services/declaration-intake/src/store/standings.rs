//! What is known of declarations when decisions about them come, and recording what was told.

use std::collections::HashMap;

use customs::{Channel, DeclarationId, SelectionId, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::hot;
use uuid::Uuid;

use super::{channel, hex};
use crate::domain::telling::{Added, Order, Reason, Standing, Superseded};
use crate::error::IntakeError;

/// A declaration that is decided about.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) id: DeclarationId,
    pub(crate) declarant: String,
    pub(crate) reference: String,
    pub(crate) office: String,
    pub(crate) standing: Standing,
    pub(crate) awaiting: bool,
    /// The orders that were told.
    pub(crate) orders: Vec<Order>,
    /// What stands beside the selection's.
    pub(crate) added: Vec<Added>,
}

/// Something to tell about a subject.
pub(crate) struct Told<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) version: u32,
    pub(crate) channel: Channel,
    pub(crate) orders: Vec<Order>,
    pub(crate) decided_at: Timestamp,
    pub(crate) reason: Reason,
    /// Whether a later version still has no decision.
    pub(crate) awaiting: bool,
}

/// A decision that is not told.
pub(crate) struct Untold {
    pub(crate) selection: SelectionId,
    pub(crate) declaration: DeclarationId,
    pub(crate) version: u32,
    pub(crate) channel: Channel,
    pub(crate) told: Option<Channel>,
    pub(crate) decided_at: Timestamp,
    pub(crate) reason: Superseded,
}

/// The subjects with these ids.
pub(crate) async fn find(
    tx: &impl ConnectionTrait,
    ids: &[DeclarationId],
) -> Result<HashMap<DeclarationId, Subject>, IntakeError> {
    let ids: Vec<String> = ids.iter().map(|id| hex(id.0)).collect();
    let array = serde_json::to_string(&ids)?;
    let rows = tx.query_all_raw(hot!(FIND_STANDINGS).on(tx, [array.into()])).await?;
    rows.iter().map(|row| read(row).map(|subject| (subject.id, subject))).collect()
}

/// The undecided that were received no later than `received_at_ms` and stored no later than `known_at`.
pub(crate) async fn find_overdue(
    tx: &impl ConnectionTrait,
    received_at_ms: i64,
    known_at: Timestamp,
    limit: usize,
) -> Result<Vec<Subject>, IntakeError> {
    let values = [received_at_ms.into(), known_at.as_microsecond().into(), (limit as i64).into()];
    let rows = tx.query_all_raw(hot!(FIND_OVERDUE).on(tx, values)).await?;
    rows.iter().map(read).collect()
}

fn read(row: &QueryResult) -> Result<Subject, IntakeError> {
    let told: Option<String> = row.try_get_by_index(6)?;
    let told_version: Option<u32> = row.try_get_by_index(7)?;
    let told = match (told, told_version) {
        (Some(told), Some(version)) => Some((channel(&told)?, version)),
        _ => None,
    };
    Ok(Subject {
        id: DeclarationId(row.try_get_by_index::<Uuid>(0)?),
        declarant: row.try_get_by_index(1)?,
        reference: row.try_get_by_index(2)?,
        office: row.try_get_by_index(4)?,
        standing: Standing {
            version: row.try_get_by_index(3)?,
            cancelled: row.try_get_by_index::<String>(5)? == "cancelled",
            told,
        },
        awaiting: row.try_get_by_index(8)?,
        orders: list(row.try_get_by_index(9)?)?,
        added: list(row.try_get_by_index(10)?)?,
    })
}

fn list<T: serde::de::DeserializeOwned>(text: Option<String>) -> Result<Vec<T>, IntakeError> {
    let Some(text) = text else { return Ok(Vec::new()) };
    serde_json::from_str(&text).map_err(|error| IntakeError::Unreadable(format!("orders: {error}")))
}

/// Records what stands beside the selections of these declarations.
pub(crate) async fn add(tx: &impl ConnectionTrait, added: &[(DeclarationId, &[Added])]) -> Result<(), IntakeError> {
    if added.is_empty() {
        return Ok(());
    }
    let rows = added.iter().map(|(id, added)| Ok((hex(id.0), serde_json::to_string(added)?)));
    let rows = rows.collect::<Result<Vec<_>, IntakeError>>()?;
    tx.execute_raw(hot!(UPDATE_ADDED).on(tx, [serde_json::to_string(&rows)?.into()])).await?;
    Ok(())
}

/// Records what is told, and appends it to the feed. The last of several about one declaration holds.
pub(crate) async fn tell(tx: &impl ConnectionTrait, told: &[Told<'_>]) -> Result<(), IntakeError> {
    if told.is_empty() {
        return Ok(());
    }
    let mut feed = Vec::with_capacity(told.len());
    let mut latest = Vec::with_capacity(told.len());
    let mut places: HashMap<DeclarationId, usize> = HashMap::with_capacity(told.len());
    for entry in told {
        let Told { subject, version, channel, decided_at, reason, awaiting, .. } = entry;
        let (id, decided_at) = (hex(subject.id.0), decided_at.as_microsecond());
        let orders = serde_json::to_string(&entry.orders)?;
        let (fail_safe, reason) = (u8::from(*reason == Reason::FailSafe), reason.as_str());
        feed.push((
            id.clone(),
            &subject.declarant,
            &subject.reference,
            version,
            &subject.office,
            channel,
            orders.clone(),
            decided_at,
            fail_safe,
            reason,
        ));
        let row = (id, version, channel, orders, decided_at, fail_safe, u8::from(*awaiting), reason);
        if let Some(place) = places.get(&subject.id) {
            latest[*place] = row;
        } else {
            places.insert(subject.id, latest.len());
            latest.push(row);
        }
    }
    let (latest, feed) = (serde_json::to_string(&latest)?, serde_json::to_string(&feed)?);
    tx.execute_raw(hot!(UPDATE_TOLD).on(tx, [latest.into()])).await?;
    tx.execute_raw(hot!(INSERT_FEED).on(tx, [feed.into()])).await?;
    Ok(())
}

/// Records decisions that are not told; those about the version in force end its waiting.
pub(crate) async fn supersede(tx: &impl ConnectionTrait, untold: &[Untold]) -> Result<(), IntakeError> {
    if untold.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = untold
        .iter()
        .map(|entry| {
            (
                hex(entry.selection.0),
                hex(entry.declaration.0),
                entry.version,
                entry.channel,
                entry.told,
                entry.decided_at.as_microsecond(),
                entry.reason.as_str(),
            )
        })
        .collect();
    let decided: Vec<_> = untold.iter().map(|entry| (hex(entry.declaration.0), entry.version)).collect();
    let (rows, decided) = (serde_json::to_string(&rows)?, serde_json::to_string(&decided)?);
    tx.execute_raw(hot!(INSERT_SUPERSEDED).on(tx, [rows.into()])).await?;
    tx.execute_raw(hot!(UPDATE_DECIDED).on(tx, [decided.into()])).await?;
    Ok(())
}
