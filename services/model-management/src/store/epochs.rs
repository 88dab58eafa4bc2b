//! How often the filters, plans and routes in force have changed.

use sea_orm::ConnectionTrait;
use store::Sql;

use crate::ManagementError;

/// What has an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The filters in force.
    Filters,
    /// The capacity plans.
    Capacity,
    /// The routes.
    Routing,
}

impl Subject {
    fn as_str(self) -> &'static str {
        match self {
            Self::Filters => "filters",
            Self::Capacity => "capacity",
            Self::Routing => "routing",
        }
    }
}

/// Raises the epoch and returns it, within the transaction of the change.
pub async fn raise(tx: &impl ConnectionTrait, subject: Subject) -> Result<u64, ManagementError> {
    let sql = Sql::both(
        "INSERT INTO epoch (subject, value) VALUES ($1, 1) \
               ON CONFLICT (subject) DO UPDATE SET value = epoch.value + 1 RETURNING value",
    );
    let row = tx.query_one_raw(sql.on(tx, [subject.as_str().into()])).await?;
    let value: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    Ok(value as u64)
}

/// The epoch; 0 before the first change.
pub async fn current(db: &impl ConnectionTrait, subject: Subject) -> Result<u64, ManagementError> {
    let row = db
        .query_one_raw(Sql::both("SELECT value FROM epoch WHERE subject = $1").on(db, [subject.as_str().into()]))
        .await?;
    let value: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    Ok(value as u64)
}
