//! The tables that decide, as they were told, and the artefacts they name.

use customs::ModelVersionId;
use sea_orm::ConnectionTrait;
use serde::{Serialize, de::DeserializeOwned};
use store::{Sql, hot};

use crate::error::ServiceError;

/// The routing in force.
pub const ROUTING: &str = "routing";
/// A routing whose artefacts are not here yet.
pub const ROUTING_PENDING: &str = "routing-pending";
/// The filters in force.
pub const FILTERS: &str = "filters";
/// The capacity plans in force.
pub const CAPACITY: &str = "capacity";

/// Stores the table `name`.
pub async fn store(
    tx: &impl ConnectionTrait,
    name: &'static str,
    epoch: u64,
    table: &impl Serialize,
) -> Result<(), ServiceError> {
    let body = serde_json::to_string(table).map_err(|error| ServiceError::Json("a table", error))?;
    let sql = Sql::both(
        "INSERT INTO decision_table (name, epoch, body) VALUES ($1, $2, $3) \
               ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, body = excluded.body",
    );
    tx.execute_raw(sql.on(tx, [name.into(), (epoch as i64).into(), body.into()])).await?;
    Ok(())
}

/// Forgets the table `name`.
pub async fn forget(tx: &impl ConnectionTrait, name: &'static str) -> Result<(), ServiceError> {
    tx.execute_raw(Sql::both("DELETE FROM decision_table WHERE name = $1").on(tx, [name.into()])).await?;
    Ok(())
}

/// The table `name`, if it was ever told.
pub async fn load<T: DeserializeOwned>(
    db: &impl ConnectionTrait,
    name: &'static str,
) -> Result<Option<T>, ServiceError> {
    let sql = Sql::both("SELECT body FROM decision_table WHERE name = $1");
    let Some(row) = db.query_one_raw(sql.on(db, [name.into()])).await? else { return Ok(None) };
    let body: String = row.try_get_by_index(0)?;
    serde_json::from_str(&body).map(Some).map_err(|error| ServiceError::Json("a stored table", error))
}

/// Keeps an artefact.
pub async fn store_artefact(tx: &impl ConnectionTrait, digest: &str, bytes: &[u8]) -> Result<(), ServiceError> {
    let sql = Sql::both("INSERT INTO artefact (digest, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    tx.execute_raw(sql.on(tx, [digest.into(), bytes.to_vec().into()])).await?;
    Ok(())
}

/// The bytes of an artefact that is kept.
pub async fn load_artefact(db: &impl ConnectionTrait, digest: &str) -> Result<Option<Vec<u8>>, ServiceError> {
    let sql = Sql::both("SELECT bytes FROM artefact WHERE digest = $1");
    let Some(row) = db.query_one_raw(sql.on(db, [digest.into()])).await? else { return Ok(None) };
    Ok(Some(row.try_get_by_index(0)?))
}

/// Remembers which artefact a model version is.
pub async fn remember_model(
    tx: &impl ConnectionTrait,
    model: ModelVersionId,
    digest: &str,
) -> Result<(), ServiceError> {
    let sql = Sql::both("INSERT INTO model_artefact (model, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    tx.execute_raw(sql.on(tx, [model.0.into(), digest.into()])).await?;
    Ok(())
}

/// The digest of a model version's artefact, if it ever decided here.
pub async fn digest_of(db: &impl ConnectionTrait, model: ModelVersionId) -> Result<Option<String>, ServiceError> {
    let sql = Sql::both("SELECT digest FROM model_artefact WHERE model = $1");
    let Some(row) = db.query_one_raw(sql.on(db, [model.0.into()])).await? else { return Ok(None) };
    Ok(Some(row.try_get_by_index(0)?))
}

/// Forgets the artefacts that `kept` (a JSON array of digests) does not name.
pub async fn forget_artefacts_but(tx: &impl ConnectionTrait, kept: &[&str]) -> Result<(), ServiceError> {
    let kept = serde_json::to_string(kept).map_err(|error| ServiceError::Json("a batch", error))?;
    tx.execute_raw(hot!(FORGET_ARTEFACTS).on(tx, [kept.into()])).await?;
    Ok(())
}
