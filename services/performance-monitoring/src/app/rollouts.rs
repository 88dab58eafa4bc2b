//! What a rollout has come to: counts that gates are computed from, and what a bad candidate let through.

use jiff::{SignedDuration, Timestamp};
use rollout::{LetThrough, Report};

use super::Reports;
use crate::{ServiceError, store::trials};

/// The most declarations in a list of what was let through.
const LISTED: i64 = 1_000;

impl Reports {
    /// The rollout since `from`. Results count when their selection is `maturity_seconds` old; a decision that took more
    /// than `slow_ms` is slow.
    pub async fn rollout(
        &self,
        rollout: &str,
        from: Timestamp,
        maturity_seconds: u32,
        slow_ms: u32,
    ) -> Result<Report, ServiceError> {
        let (db, now) = (self.database.reader(), self.now());
        let from = from.as_microsecond();
        let matured = now.saturating_sub(SignedDuration::from_secs(i64::from(maturity_seconds)));
        let matured = matured.unwrap_or(Timestamp::MIN).as_microsecond();
        let arms = trials::arms(db, rollout, from, matured, i64::from(slow_ms)).await?;
        Ok(Report {
            rollout: rollout.to_owned(),
            as_of: now,
            candidate: arms.candidate,
            champion: arms.champion,
            examinations: arms.examinations,
            matured_labels: arms.matured,
            findings: arms.findings,
            scores: trials::cells(db, rollout, from).await?,
        })
    }

    /// What the candidate let through since `from`, most suspect first.
    pub async fn let_through(&self, rollout: &str, from: Timestamp) -> Result<Vec<LetThrough>, ServiceError> {
        trials::let_through(self.database.reader(), rollout, from.as_microsecond(), LISTED).await
    }
}
