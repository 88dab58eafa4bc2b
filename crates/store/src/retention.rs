//! Forgetting what is older than it has to be kept.
//!
//! A service names the tables that may forget and by which time; an operator says how many months each is kept. What nobody
//! says is kept for ever. On `PostgreSQL` a big table is cut into months, which are dropped whole; elsewhere the oldest rows
//! are deleted, a few at a time, so that the database is free for others in between.

use std::time::Duration;

use async_trait::async_trait;
use jiff::{Span, Timestamp, tz::TimeZone};
use lifecycle::{Clock, ProcessClock, Worker, WorkerError};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::sync::Mutex;

use crate::{Database, Settings, StoreError, inbox};

/// How often old rows are looked for, milliseconds of process time.
const EVERY_MS: i64 = 3_600_000;
/// Rows deleted by one statement.
const ROWS: u64 = 1_000;
/// Months that exist before they begin.
const MONTHS_AHEAD: i64 = 2;

/// Whose time a column tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// The domain clock's, in microseconds since 1970.
    Domain,
    /// The process's, in milliseconds since 1970.
    Process,
}

impl Time {
    fn per_second(self) -> i64 {
        match self {
            Self::Domain => 1_000_000,
            Self::Process => 1_000,
        }
    }
}

/// A table that may forget. Names are the program's own.
#[derive(Clone, Copy, Debug)]
pub struct Forgets {
    /// Its name.
    pub table: &'static str,
    /// The column that tells how old a row is.
    pub at: &'static str,
    /// Whose time that is.
    pub time: Time,
    /// A key that rises with it; rows are deleted from its lower end.
    pub key: &'static str,
    /// Whether it is cut into months on `PostgreSQL`, by [`at`](Self::at).
    pub monthly: bool,
}

/// The worker that forgets.
pub struct Retention {
    db: Database,
    tables: Vec<(Forgets, Option<u32>)>,
    inbox: Option<Duration>,
    clock: Clock,
    process_clock: ProcessClock,
    /// When it last looked (Unix milliseconds); none before the first time.
    looked_at_ms: Mutex<Option<i64>>,
}

impl Retention {
    /// Forgets in the tables that `forgets` names as long ago as `settings` say. A name in `settings` that is not among them
    /// is refused.
    pub fn new(
        db: Database,
        forgets: &[Forgets],
        settings: &Settings,
        clock: Clock,
        process_clock: ProcessClock,
    ) -> Result<Self, StoreError> {
        let known = || forgets.iter().map(|forgets| forgets.table).collect::<Vec<_>>().join(", ");
        for (table, months) in &settings.keep_months {
            if forgets.iter().all(|forgets| forgets.table != table) || *months == 0 {
                return Err(StoreError::Retention { table: table.clone(), known: known() });
            }
        }
        let kept = |forgets: &Forgets| settings.keep_months.get(forgets.table).copied();
        let tables = forgets.iter().map(|forgets| (*forgets, kept(forgets))).collect();
        Ok(Self { db, tables, inbox: None, clock, process_clock, looked_at_ms: Mutex::new(None) })
    }

    /// Forgets also which messages had their effect longer than `keep` ago. For services without a relay, which does so.
    pub fn with_inbox(self, keep: Duration) -> Self {
        Self { inbox: Some(keep), ..self }
    }

    /// Makes the months to come of the tables that are cut into months. Before the first row, or it goes to the rest.
    pub async fn prepare(&self) -> Result<(), StoreError> {
        for (forgets, _) in self.tables.iter().filter(|(forgets, _)| self.is_monthly(forgets)) {
            let now = self.now(forgets.time);
            self.months("make", forgets, now, month(now, MONTHS_AHEAD)).await?;
        }
        Ok(())
    }

    /// Makes the months to come and forgets what is old enough. Returns how many rows or months went.
    pub async fn forget(&self) -> Result<u64, StoreError> {
        self.prepare().await?;
        let mut gone = 0;
        for (forgets, keep) in &self.tables {
            let Some(keep) = keep else { continue };
            let before = month(self.now(forgets.time), -i64::from(*keep));
            gone += if self.is_monthly(forgets) {
                self.months("drop", forgets, Timestamp::UNIX_EPOCH, before).await?
            } else {
                self.delete(forgets, before).await?
            };
        }
        if let Some(keep) = self.inbox {
            let before_ms = self.process_clock.unix_ms() - keep.as_millis() as i64;
            loop {
                let rows = inbox::purge(self.db.writer(), before_ms, ROWS as usize).await?;
                gone += rows;
                if rows < ROWS {
                    break;
                }
            }
        }
        Ok(gone)
    }

    fn is_monthly(&self, forgets: &Forgets) -> bool {
        forgets.monthly && self.db.writer().get_database_backend() == DbBackend::Postgres
    }

    fn now(&self, time: Time) -> Timestamp {
        match time {
            Time::Domain => self.clock.now(),
            Time::Process => Timestamp::from_millisecond(self.process_clock.unix_ms()).unwrap_or_default(),
        }
    }

    /// Calls `make_months` or `drop_months` of the schema.
    async fn months(&self, what: &str, forgets: &Forgets, from: Timestamp, to: Timestamp) -> Result<u64, StoreError> {
        let sql = format!("SELECT {what}_months($1, $2, $3, $4)");
        let unit = forgets.time.per_second();
        let values = [forgets.table.into(), from.as_second().into(), to.as_second().into(), unit.into()];
        let tx = self.db.begin().await?;
        let row = tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
        tx.commit().await?;
        let months: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        Ok(months as u64)
    }

    async fn delete(&self, forgets: &Forgets, before: Timestamp) -> Result<u64, StoreError> {
        let Forgets { table, at, key, .. } = forgets;
        let before = before.as_second() * forgets.time.per_second();
        let sql = format!(
            "DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM \
             (SELECT {key}, {at} FROM {table} ORDER BY {key} LIMIT {ROWS}) AS oldest WHERE {at} < $1)"
        );
        let mut gone = 0;
        loop {
            let backend = self.db.writer().get_database_backend();
            let statement = Statement::from_sql_and_values(backend, sql.as_str(), [before.into()]);
            let rows = self.db.writer().execute_raw(statement).await?.rows_affected();
            gone += rows;
            if rows < ROWS {
                return Ok(gone);
            }
        }
    }
}

#[async_trait]
impl Worker for Retention {
    fn name(&self) -> &'static str {
        "retention"
    }

    async fn step(&self) -> Result<usize, WorkerError> {
        let mut looked_at_ms = self.looked_at_ms.lock().await;
        let now = self.process_clock.unix_ms();
        if looked_at_ms.is_some_and(|last| now - last < EVERY_MS) {
            return Ok(0);
        }
        // What goes is nobody's work to wait for: a step that forgot is no reason for another one.
        self.forget().await?;
        *looked_at_ms = Some(now);
        Ok(0)
    }

    async fn idle(&self) {
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
}

/// The beginning of the month that is `months` after that of `at`, in UTC.
fn month(at: Timestamp, months: i64) -> Timestamp {
    let first = at.to_zoned(TimeZone::UTC).first_of_month().and_then(|day| day.start_of_day());
    let moved = first.and_then(|first| first.checked_add(Span::new().try_months(months)?));
    moved.map_or(Timestamp::UNIX_EPOCH, |month| month.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_at_their_first_midnight() {
        let at: Timestamp = "2026-03-31T23:59:59Z".parse().unwrap();
        assert_eq!(month(at, 0).to_string(), "2026-03-01T00:00:00Z");
        assert_eq!(month(at, -4).to_string(), "2025-11-01T00:00:00Z");
        assert_eq!(month(at, 2).to_string(), "2026-05-01T00:00:00Z");
        assert_eq!(month(at, -1_000_000), Timestamp::UNIX_EPOCH);
    }
}
