//! Rollouts that this service drives: what was asked for, where they stand, what was decided and said.

use jiff::Timestamp;
use rollout::{Approval, Dated, GateStatus, Phase, Spec, Status};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use store::Sql;

use super::{from_text, time, to_text};
use crate::ManagementError;

/// A question for rollouts.
macro_rules! rollouts {
    ($rest:literal) => {
        Sql::both(concat!(
            "SELECT name, spec, status, version, gates, waiting, message, superseded_by, created_at FROM rollout ",
            $rest
        ))
    };
}

/// A rollout as it is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// What was asked for.
    pub spec: Spec,
    /// Where it stands.
    pub status: Status,
    /// Rises with every write.
    pub version: i64,
    /// Where its gates stand.
    pub gates: Vec<GateStatus>,
    /// What it waits for, one stable word; empty when it does not wait.
    pub waiting: String,
    /// The same in words.
    pub message: String,
    /// The rollout that takes its place.
    pub superseded_by: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

fn kept(row: &QueryResult) -> Result<Kept, ManagementError> {
    let text = |at: usize| row.try_get_by_index::<String>(at);
    Ok(Kept {
        name: text(0)?,
        spec: from_text(&text(1)?)?,
        status: from_text(&text(2)?)?,
        version: row.try_get_by_index(3)?,
        gates: from_text(&text(4)?)?,
        waiting: text(5)?,
        message: text(6)?,
        superseded_by: row.try_get_by_index(7)?,
        created_at: time(row.try_get_by_index(8)?)?,
    })
}

/// Adds a rollout.
pub async fn insert(tx: &impl ConnectionTrait, name: &str, spec: &Spec, at: Timestamp) -> Result<(), ManagementError> {
    let sql = Sql::both(
        "INSERT INTO rollout (name, spec, status, phase, version, gates, waiting, message, created_at) \
         VALUES ($1, $2, $3, $4, 0, '[]', '', '', $5)",
    );
    let values: [Value; 5] = [
        name.into(),
        to_text(spec)?.into(),
        to_text(&Status::default())?.into(),
        Phase::Pending.as_str().into(),
        at.as_microsecond().into(),
    ];
    tx.execute_raw(sql.on(tx, values)).await?;
    Ok(())
}

/// The rollout of this name.
pub async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<Kept>, ManagementError> {
    db.query_one_raw(rollouts!("WHERE name = $1").on(db, [name.into()])).await?.as_ref().map(kept).transpose()
}

/// Every rollout, latest first.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Kept>, ManagementError> {
    db.query_all_raw(rollouts!("ORDER BY created_at DESC, name").on(db, [])).await?.iter().map(kept).collect()
}

/// Writes what was decided of `before`, unless somebody else has written since; tells whether it did.
pub async fn advance(
    tx: &impl ConnectionTrait,
    before: &Kept,
    status: &Status,
    changes: &[Dated],
    shown: (&[GateStatus], &str, &str),
) -> Result<bool, ManagementError> {
    let sql = Sql::both(
        "UPDATE rollout SET status = $3, phase = $4, version = version + 1, gates = $5, waiting = $6, message = $7 \
         WHERE name = $1 AND version = $2",
    );
    let (gates, waiting, message) = shown;
    let values: [Value; 7] = [
        before.name.as_str().into(),
        before.version.into(),
        to_text(status)?.into(),
        status.phase.as_str().into(),
        to_text(&gates)?.into(),
        waiting.into(),
        message.into(),
    ];
    if tx.execute_raw(sql.on(tx, values)).await?.rows_affected() == 0 {
        return Ok(false);
    }
    for change in changes {
        let sql = Sql::both("INSERT INTO rollout_change (rollout, change) VALUES ($1, $2)");
        tx.execute_raw(sql.on(tx, [before.name.as_str().into(), to_text(change)?.into()])).await?;
    }
    Ok(true)
}

/// Writes what is asked for anew.
pub async fn respecify(tx: &impl ConnectionTrait, name: &str, spec: &Spec) -> Result<(), ManagementError> {
    let sql = Sql::both("UPDATE rollout SET spec = $2, version = version + 1 WHERE name = $1");
    tx.execute_raw(sql.on(tx, [name.into(), to_text(spec)?.into()])).await?;
    Ok(())
}

/// Marks a rollout as one that `by` takes the place of.
pub async fn supersede(tx: &impl ConnectionTrait, name: &str, by: &str) -> Result<(), ManagementError> {
    let sql = Sql::both("UPDATE rollout SET superseded_by = $2 WHERE name = $1 AND superseded_by IS NULL");
    tx.execute_raw(sql.on(tx, [name.into(), by.into()])).await?;
    Ok(())
}

/// What was decided, oldest first.
pub async fn changes(db: &impl ConnectionTrait, name: &str) -> Result<Vec<Dated>, ManagementError> {
    texts(db, "SELECT change FROM rollout_change WHERE rollout = $1 ORDER BY seq", name).await
}

/// Keeps what a person said.
pub async fn approve(tx: &impl ConnectionTrait, name: &str, approval: &Approval) -> Result<(), ManagementError> {
    let sql = Sql::both("INSERT INTO rollout_approval (rollout, approval) VALUES ($1, $2)");
    tx.execute_raw(sql.on(tx, [name.into(), to_text(approval)?.into()])).await?;
    Ok(())
}

/// What people said, oldest first.
pub async fn approvals(db: &impl ConnectionTrait, name: &str) -> Result<Vec<Approval>, ManagementError> {
    texts(db, "SELECT approval FROM rollout_approval WHERE rollout = $1 ORDER BY seq", name).await
}

async fn texts<T: serde::de::DeserializeOwned>(
    db: &impl ConnectionTrait,
    sql: &'static str,
    name: &str,
) -> Result<Vec<T>, ManagementError> {
    let rows = db.query_all_raw(Sql::both(sql).on(db, [name.into()])).await?;
    rows.iter().map(|row| from_text(&row.try_get_by_index::<String>(0)?)).collect()
}
