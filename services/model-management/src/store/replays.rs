//! Work over the past: filters that are tried over it, and searches of it for filters.

use clients::HistoryExtent;
use customs::FilterId;
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde::{Deserialize, Serialize};
use store::Sql;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{from_name, time};
use crate::{ManagementError, domain::wire_name};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A filter is tried.
    Replay,
    /// Filters are searched for.
    Search,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum WorkState {
    /// Waiting for what was asked before.
    Queued,
    /// Under way.
    Running,
    /// Finished, with a result.
    Done,
    /// It cannot be done; `error` says why.
    Failed,
    /// Broken off by somebody.
    Cancelled,
}

impl WorkState {
    /// Whether nothing more happens to it by itself.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// A piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Identifier.
    pub id: Uuid,
    /// What is done.
    pub kind: Kind,
    /// The filter that is tried, with its version.
    pub filter: Option<(FilterId, u32)>,
    /// BLAKE3, hexadecimal, of everything that the result depends on but the past itself.
    pub digest: String,
    /// What was asked, JSON.
    pub request: String,
    /// Who asked.
    pub requested_by: String,
    /// When (domain time).
    pub requested_at: Timestamp,
    /// Results as known at this moment.
    pub as_of: Timestamp,
    /// The end of the past, as a place in the feature log.
    pub up_to: u64,
    /// Declarations of the period, at most.
    pub expected: u64,
    /// Where it stands.
    pub state: WorkState,
    /// How far it has come, as a place in the feature log.
    pub position: u64,
    /// Declarations done.
    pub done: u64,
    /// What was seen so far, JSON.
    pub tally: Option<String>,
    /// What it came to, JSON.
    pub result: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was over (domain time).
    pub finished_at: Option<Timestamp>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// A replay or a search.
    pub kind: Kind,
    /// The filter version that is replayed.
    pub filter: Option<(FilterId, u32)>,
    /// Hash of the question.
    pub digest: String,
    /// The task, JSON.
    pub request: String,
}

impl Work {
    /// Work over the past to `extent`, which `by` asks for at `now` and nobody has begun. The same question about the
    /// same past is the same work.
    pub fn queued(asked: Asked, by: &str, now: Timestamp, extent: &HistoryExtent) -> Self {
        let Asked { kind, filter, digest, request } = asked;
        let end = extent.last_sequence.to_le_bytes();
        let of = filter.as_ref().map(|(filter, _)| filter.0.as_bytes().as_slice());
        let key: Vec<&[u8]> = of.into_iter().chain([digest.as_bytes(), &end]).collect();
        Self {
            id: customs::ids::derive_v7(now, &wire_name(&kind), &key),
            kind,
            filter,
            digest,
            request,
            requested_by: by.to_owned(),
            requested_at: now,
            as_of: now,
            up_to: extent.last_sequence,
            expected: extent.declarations,
            state: WorkState::Queued,
            position: 0,
            done: 0,
            tally: None,
            result: None,
            error: None,
            finished_at: None,
        }
    }
}

const BY_ID: Sql = Sql::both(
    "SELECT id, kind, filter_id, version, digest, request, requested_by, requested_at, as_of, up_to, \
    expected, state, position, done, tally, result, error, finished_at FROM replay WHERE id = $1",
);

/// The work to go on with: what was asked for first.
const NEXT: Sql = Sql::both(
    "SELECT id, kind, filter_id, version, digest, request, requested_by, requested_at, as_of, up_to, \
    expected, state, position, done, tally, result, error, finished_at FROM replay \
    WHERE state IN ('queued', 'running') ORDER BY requested_at, id LIMIT 1",
);

const OPEN_LIKE: Sql = Sql::both(
    "SELECT id, kind, filter_id, version, digest, request, requested_by, requested_at, as_of, up_to, \
    expected, state, position, done, tally, result, error, finished_at FROM replay \
    WHERE digest = $1 AND state IN ('queued', 'running') ORDER BY requested_at, id LIMIT 1",
);

const OF_FILTER: Sql = Sql::both(
    "SELECT id, kind, filter_id, version, digest, request, requested_by, requested_at, as_of, up_to, \
    expected, state, position, done, NULL, NULL, error, finished_at FROM replay \
    WHERE filter_id = $1 ORDER BY requested_at DESC, id DESC LIMIT $2",
);

fn read(row: &QueryResult) -> Result<Work, ManagementError> {
    let filter: Option<Uuid> = row.try_get_by_index(2)?;
    let version: Option<i64> = row.try_get_by_index(3)?;
    Ok(Work {
        id: row.try_get_by_index(0)?,
        kind: from_name(&row.try_get_by_index::<String>(1)?)?,
        filter: filter.map(FilterId).zip(version.map(|version| version as u32)),
        digest: row.try_get_by_index(4)?,
        request: row.try_get_by_index(5)?,
        requested_by: row.try_get_by_index(6)?,
        requested_at: time(row.try_get_by_index(7)?)?,
        as_of: time(row.try_get_by_index(8)?)?,
        up_to: row.try_get_by_index::<i64>(9)? as u64,
        expected: row.try_get_by_index::<i64>(10)? as u64,
        state: from_name(&row.try_get_by_index::<String>(11)?)?,
        position: row.try_get_by_index::<i64>(12)? as u64,
        done: row.try_get_by_index::<i64>(13)? as u64,
        tally: row.try_get_by_index(14)?,
        result: row.try_get_by_index(15)?,
        error: row.try_get_by_index(16)?,
        finished_at: row.try_get_by_index::<Option<i64>>(17)?.map(time).transpose()?,
    })
}

async fn one(
    db: &impl ConnectionTrait,
    sql: Sql,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<Work>, ManagementError> {
    db.query_one_raw(sql.on(db, values)).await?.as_ref().map(read).transpose()
}

/// The work with this id.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Work>, ManagementError> {
    one(db, BY_ID, [id.into()]).await
}

/// The work to go on with.
pub async fn next(db: &impl ConnectionTrait) -> Result<Option<Work>, ManagementError> {
    one(db, NEXT, []).await
}

/// Work under way for the same question.
pub async fn open_like(db: &impl ConnectionTrait, digest: &str) -> Result<Option<Work>, ManagementError> {
    one(db, OPEN_LIKE, [digest.into()]).await
}

/// The last replays of a filter, without what they came to.
pub async fn of_filter(db: &impl ConnectionTrait, id: FilterId, limit: u64) -> Result<Vec<Work>, ManagementError> {
    let rows = db.query_all_raw(OF_FILTER.on(db, [id.0.into(), (limit as i64).into()])).await?;
    rows.iter().map(read).collect()
}

/// The last finished replay of a version of a filter.
pub async fn last_done(db: &impl ConnectionTrait, id: FilterId, version: u32) -> Result<Option<Uuid>, ManagementError> {
    let sql = Sql::both(
        "SELECT id FROM replay WHERE filter_id = $1 AND version = $2 AND state = 'done' \
        ORDER BY finished_at DESC, id DESC LIMIT 1",
    );
    let row = db.query_one_raw(sql.on(db, [id.0.into(), version.into()])).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// Adds work that waits.
pub async fn insert(tx: &impl ConnectionTrait, work: &Work) -> Result<(), ManagementError> {
    let sql = Sql::both(
        "INSERT INTO replay (id, kind, filter_id, version, digest, request, requested_by, requested_at, as_of, \
        up_to, expected, state, position, done) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    );
    let values = [
        work.id.into(),
        wire_name(&work.kind).into(),
        work.filter.map(|(filter, _)| filter.0).into(),
        work.filter.map(|(_, version)| version).into(),
        work.digest.as_str().into(),
        work.request.as_str().into(),
        work.requested_by.as_str().into(),
        work.requested_at.as_microsecond().into(),
        work.as_of.as_microsecond().into(),
        (work.up_to as i64).into(),
        (work.expected as i64).into(),
        wire_name(&work.state).into(),
        (work.position as i64).into(),
        (work.done as i64).into(),
    ];
    tx.execute_raw(sql.on(tx, values)).await?;
    Ok(())
}

/// Writes down how far work has come, unless somebody has broken it off meanwhile; whether it was written.
pub async fn advance(tx: &impl ConnectionTrait, work: &Work) -> Result<bool, ManagementError> {
    let sql = Sql::both(
        "UPDATE replay SET state = $1, position = $2, done = $3, tally = $4, result = $5, error = $6, finished_at = $7 \
        WHERE id = $8 AND state IN ('queued', 'running')",
    );
    let values = [
        wire_name(&work.state).into(),
        (work.position as i64).into(),
        (work.done as i64).into(),
        work.tally.clone().into(),
        work.result.clone().into(),
        work.error.clone().into(),
        work.finished_at.map(Timestamp::as_microsecond).into(),
        work.id.into(),
    ];
    Ok(tx.execute_raw(sql.on(tx, values)).await?.rows_affected() > 0)
}

/// Breaks work off that is not over.
pub async fn cancel(tx: &impl ConnectionTrait, id: Uuid, at: Timestamp) -> Result<(), ManagementError> {
    let sql = Sql::both(
        "UPDATE replay SET state = 'cancelled', finished_at = $1 WHERE id = $2 AND state IN ('queued', 'running')",
    );
    tx.execute_raw(sql.on(tx, [at.as_microsecond().into(), id.into()])).await?;
    Ok(())
}

/// Lets work that was broken off, or failed, go on where it stopped.
pub async fn resume(tx: &impl ConnectionTrait, id: Uuid) -> Result<(), ManagementError> {
    let sql = Sql::both(
        "UPDATE replay SET state = 'queued', finished_at = NULL, error = NULL \
        WHERE id = $1 AND state IN ('cancelled', 'failed')",
    );
    tx.execute_raw(sql.on(tx, [id.into()])).await?;
    Ok(())
}
