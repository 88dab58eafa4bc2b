//! Storing declarations and their versions, and finding those that were stored before.

use std::collections::HashMap;

use customs::{DeclarationId, Note, Timestamp};
use events::Envelope;
use sea_orm::ConnectionTrait;
use store::outbox::{Appending, OutboxRow};
use store::{Sql, hot};
use uuid::Uuid;

use super::hex;
use crate::domain::lodgement::Lodgement;
use crate::error::IntakeError;

/// A version to store.
pub(crate) struct NewVersion<'a> {
    pub(crate) id: DeclarationId,
    pub(crate) lodgement: &'a Lodgement,
    pub(crate) known_at: Timestamp,
    pub(crate) received_at_ms: i64,
    pub(crate) arrived_at: Option<Timestamp>,
}

/// A declaration that was lodged before.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) id: DeclarationId,
    pub(crate) digest: String,
    /// The notes it got then; none where they are those of the same batch.
    pub(crate) notes: Option<Vec<Note>>,
}

/// By place in `identities` (declarant and reference): the declarations that were lodged before.
pub(crate) async fn find_keys(
    tx: &impl ConnectionTrait,
    identities: &[(&str, &str)],
) -> Result<HashMap<usize, Recorded>, IntakeError> {
    let array = serde_json::to_string(identities)?;
    let rows = tx.query_all_raw(hot!(FIND_KEYS).on(tx, [array.into()])).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        let place: i64 = row.try_get_by_index(0)?;
        let id = DeclarationId(row.try_get_by_index::<Uuid>(1)?);
        found.insert(place as usize, Recorded { id, digest: row.try_get_by_index(2)?, notes: None });
    }
    if !found.is_empty() {
        let ids: Vec<String> = found.values().map(|recorded| hex(recorded.id.0)).collect();
        let array = serde_json::to_string(&ids)?;
        let mut notes: HashMap<Uuid, Vec<Note>> = HashMap::with_capacity(found.len());
        for row in tx.query_all_raw(hot!(FIND_FIRST_NOTES).on(tx, [array.into()])).await? {
            notes.insert(row.try_get_by_index(0)?, read_notes(row.try_get_by_index(1)?)?);
        }
        for recorded in found.values_mut() {
            recorded.notes = Some(notes.get(&recorded.id.0).cloned().unwrap_or_default());
        }
    }
    Ok(found)
}

/// The notes that a version of a declaration got when it was lodged.
pub(crate) async fn notes(
    tx: &impl ConnectionTrait,
    id: DeclarationId,
    version: u32,
) -> Result<Vec<Note>, IntakeError> {
    let row = tx.query_one_raw(hot!(FIND_NOTES).on(tx, [id.0.into(), version.into()])).await?;
    read_notes(row.map(|row| row.try_get_by_index(0)).transpose()?.flatten())
}

fn read_notes(text: Option<String>) -> Result<Vec<Note>, IntakeError> {
    let Some(text) = text else { return Ok(Vec::new()) };
    serde_json::from_str(&text).map_err(|error| IntakeError::Unreadable(format!("notes: {error}")))
}

/// Stores first versions: one statement, whatever their number.
pub(crate) async fn insert(tx: &impl ConnectionTrait, versions: &[NewVersion<'_>]) -> Result<(), IntakeError> {
    let (rows, bodies) = pack(versions)?;
    tx.execute_raw(hot!(INSERT_LODGED).on(tx, [rows.into(), bodies.into(), 1_u32.into()])).await?;
    Ok(())
}

/// Stores first versions with what announces them, as a transaction of one statement: where it says nothing of what came
/// before, that may not be asked for between. `PostgreSQL` alone. Gives the announcements back as they are now.
pub(crate) async fn lodge(
    db: &impl ConnectionTrait,
    versions: &[NewVersion<'_>],
    announced: Vec<Envelope>,
) -> Result<Vec<OutboxRow>, IntakeError> {
    let (rows, bodies) = pack(versions)?;
    let (announced, [texts, places, recorded_at]) = Appending::new(announced)?;
    let values = [rows.into(), bodies.into(), 1_u32.into(), texts, places, recorded_at];
    let told = db.query_one_raw(Sql::both(super::hot_postgres::LODGE).on(db, values)).await?;
    Ok(announced.handed(told.as_ref())?)
}

/// Stores one version of a declaration that is stored.
pub(crate) async fn insert_version(
    tx: &impl ConnectionTrait,
    new: NewVersion<'_>,
    version: u32,
) -> Result<(), IntakeError> {
    let (rows, bodies) = pack(&[new])?;
    tx.execute_raw(hot!(INSERT_VERSION).on(tx, [rows.into(), bodies.into(), version.into()])).await?;
    Ok(())
}

fn pack(versions: &[NewVersion<'_>]) -> Result<(String, Vec<u8>), IntakeError> {
    let mut bodies = Vec::with_capacity(versions.iter().map(|new| new.lodgement.received.len()).sum());
    let mut rows = Vec::with_capacity(versions.len());
    for new in versions {
        let lodgement = new.lodgement;
        let declaration = &lodgement.declaration;
        let (means, voyage) = lodgement.means().unzip();
        let notes = if lodgement.notes.is_empty() { None } else { Some(serde_json::to_string(&lodgement.notes)?) };
        let start = bodies.len() + 1;
        bodies.extend_from_slice(lodgement.received.as_bytes());
        rows.push((
            hex(new.id.0),
            &declaration.declarant.id,
            &declaration.reference,
            &declaration.office,
            declaration.consignment_key(),
            u8::from(lodgement.is_history()),
            declaration.acceptance_date_time.as_microsecond(),
            new.received_at_ms,
            means,
            voyage,
            new.arrived_at.map(Timestamp::as_microsecond),
            &lodgement.digest,
            notes,
            start,
            lodgement.received.len(),
            new.known_at.as_microsecond(),
        ));
    }
    Ok((serde_json::to_string(&rows)?, bodies))
}
