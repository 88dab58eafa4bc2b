//! Candidates in the routing, and who may put them there.

use customs::ModelVersionId;
use rollout::{Assignment, Scope, Target};
use sea_orm::{ConnectionTrait, Value};
use store::Sql;
use uuid::Uuid;

use super::{from_text, to_text};
use crate::ManagementError;

/// A candidate with the champion that it gives way to.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The rollout.
    pub rollout: String,
    /// The direction, by its wire name.
    pub direction: String,
    /// The version on trial.
    pub candidate: ModelVersionId,
    /// Digest of its artefact.
    pub candidate_digest: String,
    /// The version that decided when it came.
    pub champion: ModelVersionId,
    /// Digest of its artefact.
    pub champion_digest: String,
    /// What it does.
    pub target: Target,
    /// Which declarations take part.
    pub scope: Scope,
    /// How they are assigned.
    pub assignment: Assignment,
}

/// Every candidate, by rollout.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Kept>, ManagementError> {
    let sql = Sql::both(
        "SELECT t.rollout, t.direction, t.candidate, c.digest, t.champion, b.digest, t.target, t.scope, t.assignment \
         FROM trial t JOIN model_version c ON c.id = t.candidate JOIN model_version b ON b.id = t.champion \
         ORDER BY t.rollout",
    );
    let rows = db.query_all_raw(sql.on(db, [])).await?;
    rows.iter()
        .map(|row| {
            let text = |at: usize| row.try_get_by_index::<String>(at);
            Ok(Kept {
                rollout: text(0)?,
                direction: text(1)?,
                candidate: ModelVersionId(row.try_get_by_index::<Uuid>(2)?),
                candidate_digest: text(3)?,
                champion: ModelVersionId(row.try_get_by_index::<Uuid>(4)?),
                champion_digest: text(5)?,
                target: from_text(&text(6)?)?,
                scope: from_text(&text(7)?)?,
                assignment: from_text(&text(8)?)?,
            })
        })
        .collect()
}

/// Puts a candidate into the routing, or gives it another target.
pub async fn put(tx: &impl ConnectionTrait, trial: &Kept) -> Result<(), ManagementError> {
    let sql = Sql::both(
        "INSERT INTO trial (rollout, direction, candidate, champion, target, scope, assignment) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (rollout) DO UPDATE SET target = excluded.target",
    );
    let values: [Value; 7] = [
        trial.rollout.as_str().into(),
        trial.direction.as_str().into(),
        trial.candidate.0.into(),
        trial.champion.0.into(),
        to_text(&trial.target)?.into(),
        to_text(&trial.scope)?.into(),
        to_text(&trial.assignment)?.into(),
    ];
    tx.execute_raw(sql.on(tx, values)).await?;
    Ok(())
}

/// Takes a candidate out of the routing.
pub async fn remove(tx: &impl ConnectionTrait, rollout: &str) -> Result<(), ManagementError> {
    tx.execute_raw(Sql::both("DELETE FROM trial WHERE rollout = $1").on(tx, [rollout.into()])).await?;
    Ok(())
}

/// Remembers the number of an intent of a rollout; false, and nothing changes, when a higher one was written.
pub async fn take(tx: &impl ConnectionTrait, rollout: &str, number: u64) -> Result<bool, ManagementError> {
    let sql = Sql::both(
        "INSERT INTO rollout_intent (rollout, number) VALUES ($1, $2) ON CONFLICT (rollout) DO UPDATE SET \
         number = excluded.number WHERE excluded.number >= rollout_intent.number",
    );
    raise(tx, sql, rollout, number).await
}

/// The highest number of an intent of a rollout that was written; 0 before the first.
pub async fn taken(db: &impl ConnectionTrait, rollout: &str) -> Result<u64, ManagementError> {
    let sql = Sql::both("SELECT number FROM rollout_intent WHERE rollout = $1");
    let row = db.query_one_raw(sql.on(db, [rollout.into()])).await?;
    Ok(row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.unwrap_or(0) as u64)
}

/// Remembers the fencing token of a driver; false, and nothing changes, when it has shown a higher one.
pub async fn fence(tx: &impl ConnectionTrait, driver: &str, token: u64) -> Result<bool, ManagementError> {
    let sql = Sql::both(
        "INSERT INTO rollout_driver (driver, token) VALUES ($1, $2) ON CONFLICT (driver) DO UPDATE SET \
         token = excluded.token WHERE excluded.token >= rollout_driver.token",
    );
    raise(tx, sql, driver, token).await
}

/// Writes what does not fall; tells whether it did.
async fn raise(tx: &impl ConnectionTrait, sql: Sql, of: &str, number: u64) -> Result<bool, ManagementError> {
    let written = tx.execute_raw(sql.on(tx, [of.into(), (number as i64).into()])).await?;
    Ok(written.rows_affected() > 0)
}
