//! Controls of declarations, as far as a release has to know: which of them have no result.

use std::collections::{BTreeMap, BTreeSet};

use customs::{ControlId, DeclarationId, Method};
use sea_orm::ConnectionTrait;
use store::hot;
use uuid::Uuid;

use super::hex;
use crate::error::IntakeError;

/// Remembers controls with their declarations.
pub(crate) async fn ordered(
    tx: &impl ConnectionTrait,
    controls: &[(ControlId, DeclarationId, Method)],
) -> Result<(), IntakeError> {
    if controls.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> =
        controls.iter().map(|(id, declaration, method)| (hex(id.0), hex(declaration.0), method)).collect();
    tx.execute_raw(hot!(UPSERT_CONTROLS).on(tx, [serde_json::to_string(&rows)?.into()])).await?;
    Ok(())
}

/// Remembers that controls have a result.
pub(crate) async fn resulted(tx: &impl ConnectionTrait, controls: &[ControlId]) -> Result<(), IntakeError> {
    if controls.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = controls.iter().map(|id| hex(id.0)).collect();
    tx.execute_raw(hot!(UPSERT_RESULTED).on(tx, [serde_json::to_string(&ids)?.into()])).await?;
    Ok(())
}

/// By declaration: the methods of its controls that have no result, each once.
pub(crate) async fn open(
    db: &impl ConnectionTrait,
    declarations: &[DeclarationId],
) -> Result<BTreeMap<DeclarationId, BTreeSet<Method>>, IntakeError> {
    let mut open = BTreeMap::<DeclarationId, BTreeSet<Method>>::new();
    if declarations.is_empty() {
        return Ok(open);
    }
    let ids: Vec<String> = declarations.iter().map(|id| hex(id.0)).collect();
    let array = serde_json::to_string(&ids)?;
    for row in db.query_all_raw(hot!(FIND_OPEN).on(db, [array.into()])).await? {
        let declaration = DeclarationId(row.try_get_by_index::<Uuid>(0)?);
        let method: String = row.try_get_by_index(1)?;
        let method = serde_json::from_value(serde_json::Value::String(method))
            .map_err(|error| IntakeError::Unreadable(format!("method: {error}")))?;
        open.entry(declaration).or_default().insert(method);
    }
    Ok(open)
}
