//! The processes that decide, as they report themselves.

use rollout::Scorer;
use sea_orm::ConnectionTrait;
use store::Sql;

use crate::error::ServiceError;

/// Reports that `name` decides by `epoch`, and forgets those that were not seen since `gone_ms`.
pub async fn report(
    tx: &impl ConnectionTrait,
    name: &str,
    epoch: u64,
    now_ms: i64,
    gone_ms: i64,
) -> Result<(), ServiceError> {
    let sql = Sql::both(
        "INSERT INTO scorer (name, epoch, seen_ms) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, seen_ms = excluded.seen_ms",
    );
    tx.execute_raw(sql.on(tx, [name.into(), (epoch as i64).into(), now_ms.into()])).await?;
    let sql = Sql::both("DELETE FROM scorer WHERE seen_ms < $1");
    tx.execute_raw(sql.on(tx, [gone_ms.into()])).await?;
    Ok(())
}

/// Forgets a process that stops.
pub async fn forget(tx: &impl ConnectionTrait, name: &str) -> Result<(), ServiceError> {
    tx.execute_raw(Sql::both("DELETE FROM scorer WHERE name = $1").on(tx, [name.into()])).await?;
    Ok(())
}

/// Those that were seen since `since_ms`, by name.
pub async fn seen(db: &impl ConnectionTrait, since_ms: i64) -> Result<Vec<Scorer>, ServiceError> {
    let sql = Sql::both("SELECT name, epoch FROM scorer WHERE seen_ms >= $1 ORDER BY name");
    let rows = db.query_all_raw(sql.on(db, [since_ms.into()])).await?;
    rows.iter()
        .map(|row| {
            let epoch: i64 = row.try_get_by_index(1)?;
            Ok(Scorer { name: row.try_get_by_index(0)?, epoch: epoch as u64 })
        })
        .collect()
}
