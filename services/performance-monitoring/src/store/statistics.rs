//! Asking for the statistics of filters.

use sea_orm::{ConnectionTrait, QueryResult, Value};
use store::Sql;
use uuid::Uuid;

use super::{statistics_postgres, statistics_sqlite};
use crate::ServiceError;

/// The question of this name for the database at hand.
macro_rules! question {
    ($name:ident) => {
        Sql { sqlite: statistics_sqlite::$name, postgres: statistics_postgres::$name }
    };
}

/// Months from the first to the last, both included (`2026-03`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Months {
    pub from: String,
    pub to: String,
}

impl Default for Months {
    fn default() -> Self {
        Self { from: String::new(), to: "~".to_owned() }
    }
}

/// Sums of a filter.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    pub code: String,
    pub id: Option<Uuid>,
    pub version: Option<u32>,
    pub state: Option<String>,
    pub area: Option<String>,
    pub risk: Option<String>,
    pub since: Option<i64>,
    pub matches: u64,
    pub acted: u64,
    pub alone: u64,
    pub selected: u64,
    pub examined: u64,
    pub findings: u64,
    pub justified: u64,
    pub unclear: u64,
    pub unjustified: u64,
    pub first_match: Option<i64>,
    pub last_match: Option<i64>,
    pub last_finding: Option<i64>,
}

/// Sums of a version in a month.
pub struct MonthTotals {
    pub version: u32,
    pub month: String,
    pub matches: u64,
    pub acted: u64,
    pub selected: u64,
    pub examined: u64,
    pub findings: u64,
}

/// A declaration that a filter matched.
pub struct Unit {
    pub declaration: Uuid,
    pub version: u32,
    pub decided_at: i64,
    pub acted: bool,
    pub selected: bool,
    pub examined: bool,
    pub found: bool,
    pub verdict: Option<String>,
    pub listed: bool,
}

async fn ask(
    db: &impl ConnectionTrait,
    sql: Sql,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, ServiceError> {
    Ok(db.query_all_raw(sql.on(db, values)).await?)
}

fn count(row: &QueryResult, at: usize) -> Result<u64, ServiceError> {
    Ok(row.try_get_by_index::<i64>(at)?.max(0) as u64)
}

/// Sums by filter, of codes behind `after`, at most `limit`; of one filter alone when `only` names it.
pub async fn totals(
    db: &impl ConnectionTrait,
    months: &Months,
    after: &str,
    only: Option<&str>,
    limit: u64,
) -> Result<Vec<Totals>, ServiceError> {
    let only = only.map(|code| serde_json::to_string(&[code])).transpose()?;
    sums(db, months, after, only, limit).await
}

/// Sums over all time of some filters.
pub async fn totals_of(db: &impl ConnectionTrait, codes: &[&str]) -> Result<Vec<Totals>, ServiceError> {
    sums(db, &Months::default(), "", Some(serde_json::to_string(codes)?), codes.len() as u64).await
}

async fn sums(
    db: &impl ConnectionTrait,
    months: &Months,
    after: &str,
    only: Option<String>,
    limit: u64,
) -> Result<Vec<Totals>, ServiceError> {
    let values: [Value; 5] =
        [after.into(), months.from.as_str().into(), months.to.as_str().into(), (limit as i64).into(), only.into()];
    ask(db, question!(TOTALS), values).await?.iter().map(read_totals).collect()
}

fn read_totals(row: &QueryResult) -> Result<Totals, ServiceError> {
    Ok(Totals {
        code: row.try_get_by_index(0)?,
        id: row.try_get_by_index(1)?,
        version: row.try_get_by_index::<Option<i64>>(2)?.map(|version| version as u32),
        state: row.try_get_by_index(3)?,
        area: row.try_get_by_index(4)?,
        risk: row.try_get_by_index(5)?,
        since: row.try_get_by_index(6)?,
        matches: count(row, 7)?,
        acted: count(row, 8)?,
        alone: count(row, 9)?,
        selected: count(row, 10)?,
        examined: count(row, 11)?,
        findings: count(row, 12)?,
        justified: count(row, 13)?,
        unclear: count(row, 14)?,
        unjustified: count(row, 15)?,
        first_match: row.try_get_by_index(16)?,
        last_match: row.try_get_by_index(17)?,
        last_finding: row.try_get_by_index(18)?,
    })
}

/// Declarations matched together: filter, other filter, how many; the most first within a filter.
pub async fn pairs(db: &impl ConnectionTrait, codes: &[&str]) -> Result<Vec<(String, String, u64)>, ServiceError> {
    let rows = ask(db, question!(PAIRS), [serde_json::to_string(codes)?.into()]).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, count(row, 2)?))).collect()
}

/// Physical examinations that a trigger ordered, and those with a finding.
pub async fn of_trigger(db: &impl ConnectionTrait, trigger: &str) -> Result<(u64, u64), ServiceError> {
    match ask(db, question!(OF_TRIGGER), [trigger.into()]).await?.first() {
        Some(row) => Ok((count(row, 0)?, count(row, 1)?)),
        None => Ok((0, 0)),
    }
}

/// Sums of a filter by version and month.
pub async fn by_month(
    db: &impl ConnectionTrait,
    code: &str,
    months: &Months,
) -> Result<Vec<MonthTotals>, ServiceError> {
    let values = [code.into(), months.from.as_str().into(), months.to.as_str().into()];
    let rows = ask(db, question!(BY_MONTH), values).await?;
    rows.iter()
        .map(|row| {
            Ok(MonthTotals {
                version: row.try_get_by_index::<i64>(0)? as u32,
                month: row.try_get_by_index(1)?,
                matches: count(row, 2)?,
                acted: count(row, 3)?,
                selected: count(row, 4)?,
                examined: count(row, 5)?,
                findings: count(row, 6)?,
            })
        })
        .collect()
}

/// The last matches of a filter.
pub async fn last(db: &impl ConnectionTrait, code: &str, limit: u64) -> Result<Vec<Unit>, ServiceError> {
    let rows = ask(db, question!(LAST), [code.into(), (limit as i64).into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(Unit {
                declaration: row.try_get_by_index(0)?,
                version: row.try_get_by_index::<i64>(1)? as u32,
                decided_at: row.try_get_by_index(2)?,
                acted: row.try_get_by_index(3)?,
                selected: row.try_get_by_index(4)?,
                examined: row.try_get_by_index(5)?,
                found: row.try_get_by_index(6)?,
                verdict: row.try_get_by_index(7)?,
                listed: row.try_get_by_index(8)?,
            })
        })
        .collect()
}
