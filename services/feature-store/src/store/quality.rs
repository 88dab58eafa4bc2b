//! The tables of data quality: parts of days and periods, and what periods were held against.

use features::quality::{Reference, Tally};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Serialize, de::DeserializeOwned};
use store::Sql;

use crate::ServiceError;

/// Parts of a day or period that are let stand before they become one.
const MOST_PARTS: usize = 32;

const PARTS: Sql = Sql::both("SELECT body FROM quality_part WHERE kind = $1 AND at >= $2 AND at < $3 ORDER BY part");
const COUNT: Sql = Sql::both("SELECT count(*) FROM quality_part WHERE kind = $1 AND at = $2");
const ADD: Sql = Sql::both("INSERT INTO quality_part (kind, at, body) VALUES ($1, $2, $3)");
const CLEAR: Sql = Sql::both("DELETE FROM quality_part WHERE kind = $1 AND at = $2");
const EACH: Sql =
    Sql::both("SELECT body, part FROM quality_part WHERE kind = $1 AND part > $2 ORDER BY part LIMIT 200");
const REPLACE: Sql = Sql::both("UPDATE quality_part SET body = $1 WHERE part = $2");
const USUAL: Sql = Sql::both("SELECT body FROM quality_usual WHERE period = $1");
const FREEZE: Sql = Sql::both("INSERT INTO quality_usual (period, body) VALUES ($1, $2)");

/// What is kept in parts.
pub trait Part: Serialize + DeserializeOwned + Default {
    /// What it is called in the table.
    const KIND: &'static str;

    /// Adds another part.
    fn add(&mut self, other: &Self);
}

impl Part for Tally {
    const KIND: &'static str = "tally";

    fn add(&mut self, other: &Self) {
        self.merge(other);
    }
}

impl Part for Reference {
    const KIND: &'static str = "learned";

    fn add(&mut self, other: &Self) {
        self.merge(other);
    }
}

/// All parts at `from` to before `until`, as one.
pub async fn parts<P: Part>(db: &impl ConnectionTrait, from: i64, until: i64) -> Result<P, ServiceError> {
    let mut whole = P::default();
    for row in db.query_all_raw(PARTS.on(db, [P::KIND.into(), from.into(), until.into()])).await? {
        whole.add(&unpack(&row)?);
    }
    Ok(whole)
}

/// Adds a part at `at`; where there are many, they become one.
pub async fn add<P: Part>(tx: &impl ConnectionTrait, at: i64, part: &P) -> Result<(), ServiceError> {
    let count = tx.query_one_raw(COUNT.on(tx, [P::KIND.into(), at.into()])).await?;
    let count: i64 = count.ok_or(ServiceError::Stored("count"))?.try_get_by_index(0)?;
    let body = if count as usize + 1 < MOST_PARTS {
        pack(part)?
    } else {
        let mut whole: P = parts(tx, at, at + 1).await?;
        whole.add(part);
        tx.execute_raw(CLEAR.on(tx, [P::KIND.into(), at.into()])).await?;
        pack(&whole)?
    };
    tx.execute_raw(ADD.on(tx, [P::KIND.into(), at.into(), body.into()])).await?;
    Ok(())
}

/// Changes every part that `change` says it has changed.
pub async fn rewrite<P: Part>(
    tx: &impl ConnectionTrait,
    mut change: impl FnMut(&mut P) -> bool,
) -> Result<(), ServiceError> {
    let mut after = i64::MIN;
    loop {
        let rows = tx.query_all_raw(EACH.on(tx, [P::KIND.into(), after.into()])).await?;
        for row in &rows {
            after = row.try_get_by_index(1)?;
            let mut part: P = unpack(row)?;
            if change(&mut part) {
                tx.execute_raw(REPLACE.on(tx, [pack(&part)?.into(), after.into()])).await?;
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
    }
}

/// What `period` is held against; none before its first declaration.
pub async fn usual(db: &impl ConnectionTrait, period: i64) -> Result<Option<Reference>, ServiceError> {
    db.query_one_raw(USUAL.on(db, [period.into()])).await?.as_ref().map(unpack).transpose()
}

/// Keeps what `period` is held against.
pub async fn freeze(tx: &impl ConnectionTrait, period: i64, usual: &Reference) -> Result<(), ServiceError> {
    tx.execute_raw(FREEZE.on(tx, [period.into(), pack(usual)?.into()])).await?;
    Ok(())
}

fn pack(value: &impl Serialize) -> Result<Vec<u8>, ServiceError> {
    Ok(lz4_flex::block::compress_prepend_size(&serde_json::to_vec(value)?))
}

fn unpack<T: DeserializeOwned>(row: &QueryResult) -> Result<T, ServiceError> {
    let body: Vec<u8> = row.try_get_by_index(0)?;
    let text = lz4_flex::block::decompress_size_prepended(&body).map_err(|_| ServiceError::Stored("count of flaws"))?;
    Ok(serde_json::from_slice(&text)?)
}
