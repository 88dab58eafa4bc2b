//! The tables that decide, as they were told, and the artefacts they name.

use customs::ModelVersionId;
use events::CapacityChanged;
use sea_orm::ConnectionTrait;
use selection::CapacityPlan;
use serde::{Serialize, de::DeserializeOwned};
use store::{Sql, hot};

use crate::domain::record::Epochs;
use crate::error::ServiceError;

/// The routing in force.
pub const ROUTING: &str = "routing";
/// A routing whose artefacts are not here yet.
pub const ROUTING_PENDING: &str = "routing-pending";
/// The filters in force.
pub const FILTERS: &str = "filters";
/// The capacity plans in force.
pub const CAPACITY: &str = "capacity";
/// How many batches were decided on this database, by whomever.
const TURN: &str = "turn";

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

/// Keeps the plans of an epoch, for decisions that are taken again.
pub async fn keep_plans(tx: &impl ConnectionTrait, changed: &CapacityChanged) -> Result<(), ServiceError> {
    let body = serde_json::to_string(changed).map_err(|error| ServiceError::Json("a table", error))?;
    let sql = Sql::both("INSERT INTO past_plans (epoch, body) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    tx.execute_raw(sql.on(tx, [(changed.epoch as i64).into(), body.into()])).await?;
    Ok(())
}

/// The plans of an epoch; none where they are not kept. Before the first there were none.
pub async fn plans_of(db: &impl ConnectionTrait, epoch: u64) -> Result<Option<Vec<CapacityPlan>>, ServiceError> {
    let sql = Sql::both("SELECT body FROM past_plans WHERE epoch = $1");
    let Some(row) = db.query_one_raw(sql.on(db, [(epoch as i64).into()])).await? else { return Ok(None) };
    let body: String = row.try_get_by_index(0)?;
    let changed: CapacityChanged =
        serde_json::from_str(&body).map_err(|error| ServiceError::Json("a stored table", error))?;
    Ok(Some(changed.plans))
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

/// The number of the last batch that was decided, and the epochs in force.
pub async fn turn(db: &impl ConnectionTrait) -> Result<(u64, Epochs), ServiceError> {
    let (mut turn, mut epochs) = (0, Epochs::default());
    for row in db.query_all_raw(Sql::both("SELECT name, epoch FROM decision_table").on(db, [])).await? {
        let (name, epoch): (String, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        match name.as_str() {
            TURN => turn = epoch as u64,
            ROUTING => epochs.routing = epoch as u64,
            FILTERS => epochs.filters = epoch as u64,
            CAPACITY => epochs.capacity = epoch as u64,
            _ => {}
        }
    }
    Ok((turn, epochs))
}

/// Counts a batch.
pub async fn store_turn(tx: &impl ConnectionTrait, turn: u64) -> Result<(), ServiceError> {
    store(tx, TURN, turn, &()).await
}
