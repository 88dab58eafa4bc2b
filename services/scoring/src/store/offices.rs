//! What offices and the nation remember, as text.

use std::collections::BTreeMap;
use std::sync::Arc;

use customs::OfficeCode;
use sea_orm::ConnectionTrait;
use selection::{NationalState, OfficeState};
use store::{Sql, hot};

use crate::error::ServiceError;

/// The row of the nation.
const NATION: &str = "";

/// Stores the nation's state and those of `offices`. One statement.
pub async fn store<'a>(
    tx: &impl ConnectionTrait,
    nation: &NationalState,
    offices: impl Iterator<Item = (&'a OfficeCode, &'a OfficeState)>,
) -> Result<(), ServiceError> {
    let json = |error| ServiceError::Json("an office's state", error);
    let mut texts = Vec::new();
    let mut rows: Vec<(String, usize, usize)> = Vec::new();
    serde_json::to_writer(&mut texts, nation).map_err(json)?;
    rows.push((NATION.to_owned(), 1, texts.len()));
    for (office, state) in offices {
        let start = texts.len() + 1;
        serde_json::to_writer(&mut texts, state).map_err(json)?;
        rows.push((key(office), start, texts.len() + 1 - start));
    }
    let rows = serde_json::to_string(&rows).map_err(json)?;
    tx.execute_raw(hot!(STORE_OFFICES).on(tx, [rows.into(), texts.into()])).await?;
    Ok(())
}

/// Everything remembered.
pub async fn load(
    db: &impl ConnectionTrait,
) -> Result<(NationalState, BTreeMap<OfficeCode, Arc<OfficeState>>), ServiceError> {
    let rows = db.query_all_raw(Sql::both("SELECT office, state FROM office_state").on(db, [])).await?;
    let (mut nation, mut offices) = (NationalState::default(), BTreeMap::new());
    for row in rows {
        let (name, state): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let json = |error| ServiceError::Json("a stored office's state", error);
        if let Some(office) = name.strip_prefix('=') {
            offices.insert(OfficeCode::from(office), Arc::new(serde_json::from_str(&state).map_err(json)?));
        } else {
            nation = serde_json::from_str(&state).map_err(json)?;
        }
    }
    Ok((nation, offices))
}

/// Lodged codes may hold anything, nothing included: the prefix keeps them apart from the nation.
fn key(office: &OfficeCode) -> String {
    format!("={office}")
}
