//! The fail-safe: no declaration waits for ever.
//!
//! What is undecided after the deadline gets the fail-safe channel of its office's plan, or of the settings where the
//! office has none. The deadline is process time. With a driven
//! clock it is domain time, so that how fast the machine is decides nothing.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use lifecycle::{Worker, WorkerError};

use super::Intake;
use crate::domain::telling::{Reason, compose, fail_safe_orders};
use crate::error::IntakeError;
use crate::store::standings::{self, Told};

/// Looks for the undecided. Also finds those that a stopped process left behind.
pub(crate) struct Sweeper(pub(crate) Arc<Intake>);

#[async_trait::async_trait]
impl Worker for Sweeper {
    fn name(&self) -> &'static str {
        "intake-sweeper"
    }

    async fn step(&self) -> Result<usize, WorkerError> {
        let mut done = 0;
        loop {
            let swept = self.0.sweep().await?;
            done += swept;
            if swept < self.0.settings.batch_size() {
                return Ok(done);
            }
        }
    }

    async fn idle(&self) {
        let deadline = Duration::from_millis(self.0.settings.decision_deadline_ms);
        tokio::time::sleep((deadline / 8).clamp(Duration::from_millis(5), Duration::from_millis(250))).await;
    }
}

impl Intake {
    async fn sweep(&self) -> Result<usize, IntakeError> {
        let now = self.clock.now();
        let deadline_ms = i64::try_from(self.settings.decision_deadline_ms).unwrap_or(i64::MAX);
        let (received_at_ms, known_at) = if self.clock.is_driven() {
            let before = now.checked_sub(SignedDuration::from_millis(deadline_ms)).unwrap_or(customs::Timestamp::MIN);
            (i64::MAX, before)
        } else {
            (self.process_clock.unix_ms().saturating_sub(deadline_ms), customs::Timestamp::MAX)
        };
        let most = self.settings.batch_size();
        // Most of the time there is nothing, and looking must not hold up those who write.
        if standings::find_overdue(self.db.reader(), received_at_ms, known_at, 1).await?.is_empty() {
            return Ok(0);
        }
        let tx = self.db.begin().await?;
        let subjects = standings::find_overdue(&tx, received_at_ms, known_at, most).await?;
        let plans = self.plans();
        let told: Vec<Told<'_>> = subjects
            .iter()
            .map(|subject| {
                let fail_safe = plans.fail_safe(&subject.office).unwrap_or(self.settings.fail_safe);
                let channel = subject.standing.told.map_or(fail_safe, |(told, _)| told.max(fail_safe));
                let (channel, orders) = compose(channel, fail_safe_orders(channel), &subject.added);
                Told {
                    subject,
                    version: subject.standing.version,
                    channel,
                    orders,
                    decided_at: now,
                    reason: Reason::FailSafe,
                    awaiting: false,
                }
            })
            .collect();
        standings::tell(&tx, &told).await?;
        tx.commit().await?;
        let count = subjects.len();
        if count > 0 {
            tracing::warn!(declarations = count, "no decision in time; the fail-safe channel was told");
            self.metrics.fail_safe.inc_by(count as u64);
            self.ring(&subjects.iter().map(|subject| subject.id).collect::<Vec<_>>());
        }
        Ok(count)
    }
}
