//! The table of cases: examined items with findings.

use std::collections::HashMap;

use customs::{ControlId, DeclarationId, Timestamp};
use explanation::{Case, Profile};
use features::{Fact, Outline, contract};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::de::DeserializeOwned;
use serde_json::json;
use store::hot;
use uuid::Uuid;

use crate::ServiceError;
use crate::domain::found::{Found, WHOLE};
use crate::store::{hex_array, read};

/// Keeps what results `found`. `facts` are those of the batch, the results among them.
pub async fn keep(tx: &impl ConnectionTrait, found: &[&Found], facts: &[(u64, Fact)]) -> Result<(), ServiceError> {
    if found.is_empty() {
        return Ok(());
    }
    let declarations = || found.iter().map(|found| found.declaration);
    let lodged = lodged(tx, declarations()).await?;
    let values = values(tx, declarations()).await?;
    let mut rows = Vec::new();
    for found in found {
        let sequence = facts.iter().find_map(|(sequence, fact)| match fact {
            Fact::Resulted(result) if (result.control, result.version) == (found.control, found.version) => {
                Some(*sequence)
            }
            _ => None,
        });
        let before = sequence.unwrap_or(u64::MAX);
        let outline = outline(&lodged, found.declaration, |at, _| at < before);
        for (item, findings) in &found.items {
            let profile = outline.map(|outline| profile(outline, *item));
            rows.push(json!([
                hex(found.control.0),
                found.version,
                item,
                hex(found.declaration.0),
                found.known_at,
                found.stage,
                found.method,
                profile.map(|profile| profile.way),
                profile.map(|profile| serde_json::to_string(&profile)).transpose()?,
                values.get(&(found.declaration.0, *item)),
                serde_json::to_string(findings)?,
            ]));
        }
        if found.version > 1 {
            let (control, declaration) = (hex(found.control.0), hex(found.declaration.0));
            let (version, known_at) = (found.version, found.known_at);
            let (stage, method) = (found.stage, found.method);
            rows.push(json!([control, version, WHOLE, declaration, known_at, stage, method, null, null, null, "[]"]));
        }
    }
    tx.execute_raw(hot!(KEEP_CASES).on(tx, [serde_json::to_string(&rows)?.into()])).await?;
    Ok(())
}

/// The latest `most` cases of direction `way` known before `before`, as the results that held then say.
pub async fn known(db: &impl ConnectionTrait, before: i64, way: u8, most: usize) -> Result<Vec<Case>, ServiceError> {
    let values = [before.into(), i64::from(way).into(), (most as i64).into()];
    let rows = db.query_all_raw(hot!(KNOWN_CASES).on(db, values)).await?;
    let mut cases: Vec<(Case, bool)> = rows.iter().map(case).collect::<Result<_, _>>()?;
    let early: Vec<DeclarationId> = cases.iter().filter(|(_, told)| !told).map(|(case, _)| case.declaration).collect();
    if !early.is_empty() {
        // Their results came before them.
        let lodged = lodged(db, early).await?;
        for (case, told) in &mut cases {
            if let (false, Some(outline)) = (*told, outline(&lodged, case.declaration, |_, at| at < before)) {
                case.profile = profile(outline, case.item);
                *told = true;
            }
        }
    }
    Ok(cases.into_iter().filter(|(case, told)| *told && case.profile.way == way).map(|(case, _)| case).collect())
}

/// What was lodged of a declaration: its version `version`, the highest when none is named.
pub async fn outline_of(
    db: &impl ConnectionTrait,
    declaration: DeclarationId,
    version: Option<u32>,
) -> Result<Option<(u32, Outline)>, ServiceError> {
    let mut lodged = lodged(db, [declaration]).await?.remove(&declaration).unwrap_or_default();
    lodged.retain(|lodged| version.is_none_or(|version| lodged.version == version));
    Ok(lodged.into_iter().max_by_key(|lodged| lodged.version).map(|lodged| (lodged.version, lodged.outline)))
}

/// The item's profile in `outline`; that of undeclared goods when it has no such item.
pub fn profile(outline: &Outline, item: u32) -> Profile {
    let own = outline.items.iter().find(|own| own.sequence == item);
    own.map_or_else(|| Profile::undeclared(outline), |own| Profile::of(outline, own))
}

struct Lodged {
    sequence: u64,
    version: u32,
    accepted_at: i64,
    outline: Outline,
}

async fn lodged(
    db: &impl ConnectionTrait,
    declarations: impl IntoIterator<Item = DeclarationId>,
) -> Result<HashMap<DeclarationId, Vec<Lodged>>, ServiceError> {
    let mut lodged: HashMap<DeclarationId, Vec<Lodged>> = HashMap::new();
    for (sequence, fact) in read::facts_of(db, declarations).await? {
        if let Fact::Lodged(fact) = fact {
            let (version, accepted_at) = (fact.version, fact.accepted_at.as_microsecond());
            let entry = Lodged { sequence, version, accepted_at, outline: fact.outline };
            lodged.entry(fact.declaration).or_default().push(entry);
        }
    }
    Ok(lodged)
}

/// The highest version of those that `counts` (place in the log, time of acceptance) lets through.
fn outline(
    lodged: &HashMap<DeclarationId, Vec<Lodged>>,
    declaration: DeclarationId,
    counts: impl Fn(u64, i64) -> bool,
) -> Option<&Outline> {
    let versions = lodged.get(&declaration)?.iter().filter(|lodged| counts(lodged.sequence, lodged.accepted_at));
    versions.max_by_key(|lodged| lodged.version).map(|lodged| &lodged.outline)
}

/// Declared values by declaration and item, as the vectors say that were served.
async fn values(
    tx: &impl ConnectionTrait,
    declarations: impl IntoIterator<Item = DeclarationId>,
) -> Result<HashMap<(Uuid, u32), f64>, ServiceError> {
    let (contract, mut values) = (contract(), HashMap::new());
    let (Some(position), width) = (contract.position("logValue"), contract.names.len() * 4) else { return Ok(values) };
    let ids = hex_array(declarations.into_iter().map(|id| id.0));
    for row in tx.query_all_raw(hot!(CASE_VALUES).on(tx, [ids.into(), contract.hash.clone().into()])).await? {
        let declaration: Uuid = row.try_get_by_index(0)?;
        let items: Vec<u32> = serde_json::from_str(&row.try_get_by_index::<String>(1)?)?;
        let vectors: Vec<u8> = row.try_get_by_index(2)?;
        for (item, vector) in items.into_iter().zip(vectors.chunks_exact(width)) {
            let bytes = vector.get(position * 4..).and_then(|rest| rest.first_chunk::<4>());
            let value = bytes.map(|bytes| f64::from(f32::from_le_bytes(*bytes)).exp());
            if let Some(value) = value.filter(|value| value.is_finite()) {
                values.insert((declaration, item), value);
            }
        }
    }
    Ok(values)
}

/// A row, and whether its profile was known.
fn case(row: &QueryResult) -> Result<(Case, bool), ServiceError> {
    let profile: Option<String> = row.try_get_by_index(6)?;
    let known_at = Timestamp::from_microsecond(row.try_get_by_index(3)?).map_err(|_| ServiceError::Stored("time"))?;
    let case = Case {
        control: ControlId(row.try_get_by_index(0)?),
        item: row.try_get_by_index::<i64>(1)? as u32,
        declaration: DeclarationId(row.try_get_by_index(2)?),
        known_at,
        stage: name(row.try_get_by_index(4)?)?,
        method: name(row.try_get_by_index(5)?)?,
        profile: profile.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default(),
        declared_value: row.try_get_by_index(7)?,
        findings: serde_json::from_str(&row.try_get_by_index::<String>(8)?)?,
    };
    Ok((case, profile.is_some()))
}

fn name<T: DeserializeOwned>(text: String) -> Result<T, ServiceError> {
    Ok(serde_json::from_value(serde_json::Value::String(text))?)
}

fn hex(id: Uuid) -> String {
    id.simple().to_string()
}
