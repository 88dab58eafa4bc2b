//! Telling where a declaration stands, and what the feed says; both may be waited for.

use std::time::Duration;

use customs::DeclarationId;
use rest::{Offices, Problem};

use super::Intake;
use crate::error::IntakeError;
use crate::store::entity::{channel_feed, declaration};
use crate::store::feed;

/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

impl Intake {
    /// Where the declaration stands; waits up to `wait` until its version in force is decided.
    pub(crate) async fn status(
        &self,
        offices: &Offices,
        id: DeclarationId,
        wait: Duration,
    ) -> Result<declaration::Model, Problem> {
        if wait.is_zero() {
            return self.load(self.db.reader(), offices, id).await;
        }
        let deadline = tokio::time::Instant::now() + wait.min(LONGEST_WAIT);
        let bell = self.waiting.bell(id);
        loop {
            let rung = bell.notify.notified();
            tokio::pin!(rung);
            // Listening starts before reading, so that nothing is missed in between.
            rung.as_mut().enable();
            let model = self.load(self.db.reader(), offices, id).await?;
            if !model.awaiting || tokio::time::timeout_at(deadline, rung).await.is_err() {
                return Ok(model);
            }
        }
    }

    /// The feed after `after`; waits up to `wait` for its first entry.
    pub(crate) async fn feed(
        &self,
        offices: &Offices,
        after: i64,
        limit: u64,
        wait: Duration,
    ) -> Result<Vec<channel_feed::Model>, IntakeError> {
        let deadline = tokio::time::Instant::now() + wait.min(LONGEST_WAIT);
        let mut grown = self.feed.subscribe();
        loop {
            grown.borrow_and_update();
            let entries = feed::after(self.db.reader(), after, offices, limit).await?;
            if !entries.is_empty() || wait.is_zero() {
                return Ok(entries);
            }
            if !matches!(tokio::time::timeout_at(deadline, grown.changed()).await, Ok(Ok(()))) {
                return Ok(entries);
            }
        }
    }
}
