//! Reading the log, the labels and the served vectors.

use std::collections::HashMap;

use customs::{DeclarationId, Direction};
use features::Fact;
use sea_orm::{ConnectionTrait, QueryResult};
use store::hot;
use uuid::Uuid;

use crate::ServiceError;
use crate::domain::label::ItemLabel;
use crate::store::wire_name;

/// The last sequence of the log.
pub async fn last_sequence(db: &impl ConnectionTrait) -> Result<u64, ServiceError> {
    let row = db.query_one_raw(hot!(LAST_SEQUENCE).on(db, [])).await?;
    let sequence: i64 = row.ok_or(ServiceError::Stored("sequence"))?.try_get_by_index(0)?;
    Ok(sequence as u64)
}

/// At most `limit` facts after `sequence`.
pub async fn facts_after(
    db: &impl ConnectionTrait,
    sequence: u64,
    limit: usize,
) -> Result<Vec<(u64, Fact)>, ServiceError> {
    let values = [(sequence as i64).into(), (limit as i64).into()];
    db.query_all_raw(hot!(FACTS_AFTER).on(db, values)).await?.iter().map(fact).collect()
}

/// The facts of some declarations.
pub async fn facts_of(
    db: &impl ConnectionTrait,
    declarations: impl IntoIterator<Item = DeclarationId>,
) -> Result<Vec<(u64, Fact)>, ServiceError> {
    let ids = super::hex_array(declarations.into_iter().map(|id| id.0));
    db.query_all_raw(hot!(FACTS_OF).on(db, [ids.into()])).await?.iter().map(fact).collect()
}

fn fact(row: &QueryResult) -> Result<(u64, Fact), ServiceError> {
    let sequence = row.try_get_by_index::<i64>(0)? as u64;
    let body: Vec<u8> = row.try_get_by_index(1)?;
    let fact = Fact::from_bytes(&body).map_err(|source| ServiceError::Fact { sequence, source })?;
    Ok((sequence, fact))
}

/// Which declarations, and what was known of them.
#[derive(Clone, Debug)]
pub struct Window {
    pub direction: Direction,
    /// Decided from, microseconds.
    pub from: i64,
    /// Decided before, microseconds.
    pub until: i64,
    /// Known at, microseconds.
    pub known_at: i64,
}

/// What controls say of the items of declarations, several times where several controls do.
pub type Labels = HashMap<Uuid, Vec<(u32, ItemLabel)>>;

/// What controls say of each item of some declarations, as known at a time.
pub async fn labels_of(
    db: &impl ConnectionTrait,
    known_at: i64,
    declarations: impl IntoIterator<Item = Uuid>,
) -> Result<Labels, ServiceError> {
    let ids = super::hex_array(declarations);
    read_labels(&db.query_all_raw(hot!(LABELS_OF).on(db, [known_at.into(), ids.into()])).await?)
}

fn read_labels(rows: &[QueryResult]) -> Result<Labels, ServiceError> {
    let mut labels = Labels::new();
    let mut control: Vec<(u32, ItemLabel)> = Vec::new();
    let mut current: Option<(Uuid, Uuid, i64)> = None;
    let mut end = |declaration: Uuid, control: &mut Vec<(u32, ItemLabel)>| {
        labels.entry(declaration).or_default().append(control);
    };
    for row in rows {
        let of = (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        match current {
            // A higher version replaces what the control said before.
            Some((id, _, version)) if id == of.0 && version != of.2 => control.clear(),
            Some((id, declaration, _)) if id != of.0 => end(declaration, &mut control),
            _ => {}
        }
        current = Some(of);
        let label = ItemLabel {
            found: row.try_get_by_index(4)?,
            power: row.try_get_by_index(5)?,
            random: row.try_get_by_index(6)?,
            known_at: row.try_get_by_index(7)?,
        };
        control.push((row.try_get_by_index::<i64>(3)? as u32, label));
    }
    if let Some((_, declaration, _)) = current {
        end(declaration, &mut control);
    }
    Ok(labels)
}

/// Vectors of one declaration.
#[derive(Debug)]
pub struct Vectors {
    pub declaration: Uuid,
    pub decided_at: i64,
    pub probability: Option<f64>,
    pub items: Vec<u32>,
    pub bytes: Vec<u8>,
}

/// The vectors of at most `most` labelled declarations of `window` that come before `end`, the latest first.
pub async fn labelled_vectors(
    db: &impl ConnectionTrait,
    window: &Window,
    contract: &str,
    end: (i64, Uuid),
    most: usize,
) -> Result<Vec<Vectors>, ServiceError> {
    let values = [
        wire_name(&window.direction)?.into(),
        window.from.into(),
        end.0.into(),
        end.1.into(),
        window.known_at.into(),
        contract.into(),
        (most as i64).into(),
    ];
    let rows = db.query_all_raw(hot!(LABELLED_VECTORS).on(db, values)).await?;
    rows.iter()
        .map(|row| {
            Ok(Vectors {
                declaration: row.try_get_by_index(0)?,
                decided_at: row.try_get_by_index(1)?,
                probability: row.try_get_by_index(2)?,
                items: serde_json::from_str(&row.try_get_by_index::<String>(3)?)?,
                bytes: row.try_get_by_index(4)?,
            })
        })
        .collect()
}

/// What was served for a declaration.
#[derive(Debug)]
pub struct Served {
    pub version: u32,
    pub decided_at: i64,
    pub contract: String,
    pub sequence: u64,
    pub history: bool,
    pub items: Vec<u32>,
    pub bytes: Vec<u8>,
}

/// What was served for the highest version of a declaration.
pub async fn served(db: &impl ConnectionTrait, declaration: DeclarationId) -> Result<Option<Served>, ServiceError> {
    let Some(row) = db.query_one_raw(hot!(SERVED).on(db, [declaration.0.into()])).await? else {
        return Ok(None);
    };
    Ok(Some(Served {
        version: row.try_get_by_index::<i64>(0)? as u32,
        decided_at: row.try_get_by_index(1)?,
        contract: row.try_get_by_index(2)?,
        sequence: row.try_get_by_index::<i64>(3)? as u64,
        history: row.try_get_by_index(4)?,
        items: serde_json::from_str(&row.try_get_by_index::<String>(5)?)?,
        bytes: row.try_get_by_index(6)?,
    }))
}

/// What was lodged: packed blocks behind `after` and up to `up_to` that reach into the period.
pub async fn lodged_blocks(
    db: &impl ConnectionTrait,
    (after, up_to): (u64, u64),
    (from, until): (i64, i64),
    limit: usize,
) -> Result<Vec<Vec<u8>>, ServiceError> {
    let up_to = i64::try_from(up_to).unwrap_or(i64::MAX);
    let values = [(after as i64).into(), up_to.into(), from.into(), until.into(), (limit as i64).into()];
    let rows = db.query_all_raw(hot!(LODGED).on(db, values)).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// How much was lodged up to a place of the log in blocks that reach into the period.
pub async fn lodged_count(db: &impl ConnectionTrait, up_to: u64, from: i64, until: i64) -> Result<u64, ServiceError> {
    let up_to = i64::try_from(up_to).unwrap_or(i64::MAX);
    let row = db.query_one_raw(hot!(LODGED_COUNT).on(db, [up_to.into(), from.into(), until.into()])).await?;
    Ok(row.ok_or(ServiceError::Stored("count"))?.try_get_by_index::<i64>(0)? as u64)
}

/// What a declaration version was decided with.
#[derive(Debug)]
pub struct Decided {
    pub probability: Option<f64>,
    pub contract: String,
    pub items: Vec<u32>,
    pub bytes: Vec<u8>,
}

/// What was served for some declarations, by declaration and version.
pub async fn served_of(
    db: &impl ConnectionTrait,
    declarations: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<(Uuid, u32), Decided>, ServiceError> {
    let ids = super::hex_array(declarations);
    let rows = db.query_all_raw(hot!(SERVED_OF).on(db, [ids.into()])).await?;
    rows.iter()
        .map(|row| {
            let key = (row.try_get_by_index(0)?, row.try_get_by_index::<i64>(1)? as u32);
            let decided = Decided {
                probability: row.try_get_by_index(2)?,
                contract: row.try_get_by_index(3)?,
                items: serde_json::from_str(&row.try_get_by_index::<String>(4)?)?,
                bytes: row.try_get_by_index(5)?,
            };
            Ok((key, decided))
        })
        .collect()
}

/// When the latest declaration of `direction` was decided under `contract`, and its vectors.
pub async fn latest(
    db: &impl ConnectionTrait,
    direction: Direction,
    contract: &str,
) -> Result<Option<(i64, Vec<u8>)>, ServiceError> {
    let values = [wire_name(&direction)?.into(), contract.into()];
    let row = db.query_one_raw(hot!(LATEST).on(db, values)).await?;
    row.map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).transpose()
}
