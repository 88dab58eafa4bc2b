//! The risk register, and which filters name a risk.

use jiff::Timestamp;
use risk_filters::FilterState;
use sea_orm::{ConnectionTrait, QueryResult};
use store::Sql;

use super::{from_name, from_text, time, to_text};
use crate::{ManagementError, domain::risk::NewRisk};

/// A version of a risk.
#[derive(Clone, Debug)]
pub struct RiskVersion {
    /// From 1.
    pub version: u32,
    /// Who wrote it.
    pub author: String,
    /// When (domain time).
    pub created_at: Timestamp,
    /// What was written.
    pub content: NewRisk,
    /// When the risk was closed, and by whom.
    pub closed: Option<(Timestamp, String)>,
}

/// The latest versions of risks behind `after`, by code.
const LATEST: Sql = Sql::both(
    "SELECT v.version, v.author, v.created_at, v.content, r.closed_at, r.closed_by FROM risk r \
    JOIN risk_version v ON v.code = r.code AND v.version = (SELECT max(version) FROM risk_version WHERE code = r.code) \
    WHERE r.code > $1 ORDER BY r.code LIMIT $2",
);

/// All versions of a risk, ascending.
const VERSIONS: Sql = Sql::both(
    "SELECT v.version, v.author, v.created_at, v.content, r.closed_at, r.closed_by FROM risk r \
    JOIN risk_version v ON v.code = r.code WHERE r.code = $1 ORDER BY v.version",
);

/// Versions of filters that name a risk: risk, filter, version, state; those of one risk when it is given.
const FILTERS: Sql = Sql {
    sqlite: "SELECT v.content ->> 'risk', f.code, v.version, v.state FROM filter_version v \
        JOIN filter f ON f.id = v.filter_id \
        WHERE v.content ->> 'risk' IS NOT NULL AND ($1 IS NULL OR v.content ->> 'risk' = $1) ORDER BY 1, 2, 3",
    postgres: "SELECT risk COLLATE \"C\", code, version::bigint, state FROM (SELECT v.content::jsonb ->> 'risk' AS risk, \
        f.code, v.version, v.state FROM filter_version v JOIN filter f ON f.id = v.filter_id) AS named \
        WHERE risk IS NOT NULL AND ($1 IS NULL OR risk = $1) ORDER BY 1, 2, 3",
};

fn read(row: &QueryResult) -> Result<RiskVersion, ManagementError> {
    let closed_at: Option<i64> = row.try_get_by_index(4)?;
    let closed_by: Option<String> = row.try_get_by_index(5)?;
    Ok(RiskVersion {
        version: row.try_get_by_index::<i64>(0)? as u32,
        author: row.try_get_by_index(1)?,
        created_at: time(row.try_get_by_index(2)?)?,
        content: from_text(&row.try_get_by_index::<String>(3)?)?,
        closed: closed_at.map(time).transpose()?.zip(closed_by),
    })
}

/// The latest versions of risks with codes behind `after`, at most `limit`.
pub async fn latest(db: &impl ConnectionTrait, after: &str, limit: u64) -> Result<Vec<RiskVersion>, ManagementError> {
    let rows = db.query_all_raw(LATEST.on(db, [after.into(), (limit as i64).into()])).await?;
    rows.iter().map(read).collect()
}

/// All versions of a risk, ascending; none when it does not exist.
pub async fn versions(db: &impl ConnectionTrait, code: &str) -> Result<Vec<RiskVersion>, ManagementError> {
    let rows = db.query_all_raw(VERSIONS.on(db, [code.into()])).await?;
    rows.iter().map(read).collect()
}

/// Adds a risk without versions.
pub async fn insert(tx: &impl ConnectionTrait, code: &str, at: Timestamp) -> Result<(), ManagementError> {
    let sql = Sql::both("INSERT INTO risk (code, created_at) VALUES ($1, $2)");
    tx.execute_raw(sql.on(tx, [code.into(), at.as_microsecond().into()])).await?;
    Ok(())
}

/// Adds a version.
pub async fn insert_version(
    tx: &impl ConnectionTrait,
    version: u32,
    author: &str,
    content: &NewRisk,
    at: Timestamp,
) -> Result<(), ManagementError> {
    let sql =
        Sql::both("INSERT INTO risk_version (code, version, author, created_at, content) VALUES ($1, $2, $3, $4, $5)");
    let code = content.code.as_str().into();
    let values = [code, version.into(), author.into(), at.as_microsecond().into(), to_text(content)?.into()];
    tx.execute_raw(sql.on(tx, values)).await?;
    Ok(())
}

/// Closes a risk.
pub async fn close(tx: &impl ConnectionTrait, code: &str, by: &str, at: Timestamp) -> Result<(), ManagementError> {
    let sql = Sql::both("UPDATE risk SET closed_at = $1, closed_by = $2 WHERE code = $3 AND closed_at IS NULL");
    tx.execute_raw(sql.on(tx, [at.as_microsecond().into(), by.into(), code.into()])).await?;
    Ok(())
}

/// A version of a filter that names a risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamingFilter {
    /// The risk.
    pub risk: String,
    /// The filter's code.
    pub filter: String,
    /// Its version.
    pub version: u32,
    /// Where the version stands.
    pub state: FilterState,
}

/// Versions of filters that name `risk`, or any risk; by risk, filter and version.
pub async fn naming(db: &impl ConnectionTrait, risk: Option<&str>) -> Result<Vec<NamingFilter>, ManagementError> {
    let rows = db.query_all_raw(FILTERS.on(db, [risk.map(str::to_owned).into()])).await?;
    rows.iter()
        .map(|row| {
            let state: String = row.try_get_by_index(3)?;
            Ok(NamingFilter {
                risk: row.try_get_by_index(0)?,
                filter: row.try_get_by_index(1)?,
                version: row.try_get_by_index::<i64>(2)? as u32,
                state: from_name(&state)?,
            })
        })
        .collect()
}
