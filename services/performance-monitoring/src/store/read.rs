//! Asking for a report's numbers.

use sea_orm::{ConnectionTrait, QueryResult, TryGetable, Value};
use store::Sql;

use super::{report_postgres, report_sqlite, rows::PlanRow};
use crate::ServiceError;

/// The question of this name for the database at hand.
macro_rules! question {
    ($name:ident) => {
        Sql { sqlite: report_sqlite::$name, postgres: report_postgres::$name }
    };
}

/// Which declarations and controls a report is about: microseconds, the end excluded; one office or all.
#[derive(Clone, Debug)]
pub struct Window {
    pub from: i64,
    pub to: i64,
    pub office: Option<String>,
}

/// Declarations of one kind.
pub struct DeclarationCount {
    pub direction: String,
    pub regime: String,
    pub form: String,
    pub channel: String,
    pub n: u64,
    pub cancelled: u64,
    pub degraded: u64,
    pub advance: u64,
    pub decided_before_arrival: u64,
}

/// Final examinations of one kind.
pub struct ExaminedCount {
    pub month: String,
    pub trigger: String,
    pub method: String,
    pub examined: u64,
    pub findings: u64,
}

/// A seizure.
pub struct Seizure {
    pub kind: String,
    pub quantity: String,
    pub unit: String,
    pub amount: Option<String>,
    pub currency: Option<String>,
}

/// A physical examination of the stratum, or of the rest.
pub struct Examination {
    pub random: bool,
    pub probability: f64,
    pub found: bool,
}

/// A declaration of the green sample.
pub struct GreenUnit {
    pub office: String,
    pub month: String,
    pub probability: f64,
    pub found: Option<bool>,
}

/// A declaration whose goods a selection had examined in full.
pub struct NoveltyUnit {
    /// Why it was flagged as novel, with spaces between; none where it was not.
    pub reasons: Option<String>,
    pub probability: f64,
    pub found: Option<bool>,
}

/// Releases after the same number of minutes.
pub struct ReleaseCount {
    pub channel: String,
    pub regime: String,
    pub minutes: i64,
    pub n: u64,
    pub total_us: i64,
}

/// Declarations of an office-month by channel.
pub struct ChannelCount {
    pub office: String,
    pub month: String,
    pub channel: String,
    pub n: u64,
}

/// Controls of an office-day.
pub struct OrderedCount {
    pub office: String,
    pub day: i32,
    pub method: String,
    pub trigger: String,
    pub over_plan: bool,
    pub n: u64,
}

/// A filter with its matches.
pub struct FilterCount {
    pub code: String,
    pub state: Option<String>,
    pub area: Option<String>,
    pub matched: u64,
    pub acted: u64,
    pub examined: u64,
    pub findings: u64,
}

/// Reads one row by position.
struct Row<'a>(&'a QueryResult);

impl Row<'_> {
    fn get<T: TryGetable>(&self, at: usize) -> Result<T, ServiceError> {
        self.0.try_get_by_index(at).map_err(ServiceError::from)
    }

    fn count(&self, at: usize) -> Result<u64, ServiceError> {
        Ok(self.get::<Option<i64>>(at)?.unwrap_or(0).max(0) as u64)
    }

    fn flag(&self, at: usize) -> Result<bool, ServiceError> {
        self.get(at)
    }
}

async fn ask<T>(
    db: &impl ConnectionTrait,
    sql: Sql,
    values: impl IntoIterator<Item = Value>,
    read: impl Fn(Row<'_>) -> Result<T, ServiceError>,
) -> Result<Vec<T>, ServiceError> {
    let rows = db.query_all_raw(sql.on(db, values)).await?;
    rows.iter().map(|row| read(Row(row))).collect()
}

impl Window {
    fn values(&self) -> [Value; 3] {
        [self.from.into(), self.to.into(), self.office.clone().into()]
    }

    /// Declarations by what they are and became.
    pub async fn declarations(&self, db: &impl ConnectionTrait) -> Result<Vec<DeclarationCount>, ServiceError> {
        ask(db, question!(DECLARATIONS), self.values(), |row| {
            Ok(DeclarationCount {
                direction: row.get(0)?,
                regime: row.get(1)?,
                form: row.get(2)?,
                channel: row.get(3)?,
                n: row.count(4)?,
                cancelled: row.count(5)?,
                degraded: row.count(6)?,
                advance: row.count(7)?,
                decided_before_arrival: row.count(8)?,
            })
        })
        .await
    }

    /// Milliseconds to the channel, with how often each came.
    pub async fn latencies(&self, db: &impl ConnectionTrait) -> Result<Vec<(i64, u64)>, ServiceError> {
        ask(db, question!(LATENCIES), self.values(), |row| Ok((row.get(0)?, row.count(1)?))).await
    }

    /// Final examinations.
    pub async fn examined(&self, db: &impl ConnectionTrait) -> Result<Vec<ExaminedCount>, ServiceError> {
        ask(db, question!(EXAMINED), self.values(), |row| {
            Ok(ExaminedCount {
                month: row.get(0)?,
                trigger: row.get(1)?,
                method: row.get(2)?,
                examined: row.count(3)?,
                findings: row.count(4)?,
            })
        })
        .await
    }

    /// Standing findings by kind.
    pub async fn kinds(&self, db: &impl ConnectionTrait) -> Result<Vec<(String, u64)>, ServiceError> {
        ask(db, question!(KINDS), self.values(), |row| Ok((row.get(0)?, row.count(1)?))).await
    }

    /// Standing additional duties: amount and currency.
    pub async fn duties(&self, db: &impl ConnectionTrait) -> Result<Vec<(String, String)>, ServiceError> {
        ask(db, question!(DUTIES), self.values(), |row| Ok((row.get(0)?, row.get(1)?))).await
    }

    /// Standing seizures.
    pub async fn seizures(&self, db: &impl ConnectionTrait) -> Result<Vec<Seizure>, ServiceError> {
        ask(db, question!(SEIZURES), self.values(), |row| {
            Ok(Seizure {
                kind: row.get(0)?,
                quantity: row.get(1)?,
                unit: row.get(2)?,
                amount: row.get(3)?,
                currency: row.get(4)?,
            })
        })
        .await
    }

    /// Physical examinations of the stratum and of the rest.
    pub async fn examinations(&self, db: &impl ConnectionTrait) -> Result<Vec<Examination>, ServiceError> {
        ask(db, question!(STRATUM_AND_REST), self.values(), |row| {
            Ok(Examination { random: row.flag(0)?, probability: row.get(1)?, found: row.flag(2)? })
        })
        .await
    }

    /// The green sample with its results as known at `as_of`.
    pub async fn green(&self, db: &impl ConnectionTrait, as_of: i64) -> Result<Vec<GreenUnit>, ServiceError> {
        let values = self.values().into_iter().chain([as_of.into()]);
        ask(db, question!(GREEN), values, |row| {
            Ok(GreenUnit { office: row.get(0)?, month: row.get(1)?, probability: row.get(2)?, found: row.get(3)? })
        })
        .await
    }

    /// Judged declarations by why they were flagged as novel; none is what was not flagged.
    pub async fn novelty(&self, db: &impl ConnectionTrait) -> Result<Vec<(Option<String>, u64)>, ServiceError> {
        ask(db, question!(NOVELTY), self.values(), |row| Ok((row.get(0)?, row.count(1)?))).await
    }

    /// Of these, those whose goods a selection had examined, with their results as known at `as_of`.
    pub async fn novelty_examined(
        &self,
        db: &impl ConnectionTrait,
        as_of: i64,
    ) -> Result<Vec<NoveltyUnit>, ServiceError> {
        let values = self.values().into_iter().chain([as_of.into()]);
        ask(db, question!(NOVELTY_EXAMINED), values, |row| {
            Ok(NoveltyUnit { reasons: row.get(0)?, probability: row.get(1)?, found: row.get(2)? })
        })
        .await
    }

    /// Releases.
    pub async fn releases(&self, db: &impl ConnectionTrait) -> Result<Vec<ReleaseCount>, ServiceError> {
        ask(db, question!(RELEASES), self.values(), |row| {
            Ok(ReleaseCount {
                channel: row.get(0)?,
                regime: row.get(1)?,
                minutes: row.get(2)?,
                n: row.count(3)?,
                total_us: row.get(4)?,
            })
        })
        .await
    }

    /// Declarations by office, month and channel.
    pub async fn channels(&self, db: &impl ConnectionTrait) -> Result<Vec<ChannelCount>, ServiceError> {
        ask(db, question!(CHANNELS), self.values(), |row| {
            Ok(ChannelCount { office: row.get(0)?, month: row.get(1)?, channel: row.get(2)?, n: row.count(3)? })
        })
        .await
    }

    /// Declarations whose goods another control asked for, by office and month.
    pub async fn escalated(&self, db: &impl ConnectionTrait) -> Result<Vec<(String, String, u64)>, ServiceError> {
        ask(db, question!(ESCALATED), self.values(), |row| Ok((row.get(0)?, row.get(1)?, row.count(2)?))).await
    }

    /// Controls ordered by office and day, from the beginning until the window's end.
    pub async fn ordered(&self, db: &impl ConnectionTrait) -> Result<Vec<OrderedCount>, ServiceError> {
        ask(db, question!(ORDERED), self.values(), |row| {
            Ok(OrderedCount {
                office: row.get(0)?,
                day: row.get(1)?,
                method: row.get(2)?,
                trigger: row.get(3)?,
                over_plan: row.flag(4)?,
                n: row.count(5)?,
            })
        })
        .await
    }

    /// Filters with their matches.
    pub async fn filters(&self, db: &impl ConnectionTrait) -> Result<Vec<FilterCount>, ServiceError> {
        ask(db, question!(FILTERS), self.values(), |row| {
            Ok(FilterCount {
                code: row.get(0)?,
                state: row.get(1)?,
                area: row.get(2)?,
                matched: row.count(3)?,
                acted: row.count(4)?,
                examined: row.count(5)?,
                findings: row.count(6)?,
            })
        })
        .await
    }
}

/// The last local day on which anything was decided.
pub async fn last_day(db: &impl ConnectionTrait) -> Result<Option<i32>, ServiceError> {
    Ok(ask(db, question!(LAST_DAY), [], |row| row.get::<Option<i32>>(0)).await?.into_iter().next().flatten())
}

/// Every plan by office and in order of time.
pub async fn plans(db: &impl ConnectionTrait) -> Result<Vec<PlanRow>, ServiceError> {
    ask(db, question!(PLANS), [], |row| {
        Ok(PlanRow {
            office: row.get(0)?,
            since: row.get(1)?,
            time_zone: row.get(2)?,
            physical: row.get(3)?,
            documentary: row.get(4)?,
            carry: row.get(5)?,
        })
    })
    .await
}
