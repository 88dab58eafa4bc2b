//! Delivering: one lane per webhook, so that a receiver that is slow or away holds up nobody else.
//!
//! A lane tells the entries of the feed in order, at least once: its place moves on when the receiver has answered, and
//! is written down before the next delivery. A receiver that does not answer is tried again for ever, with growing
//! pauses. An entry that it refuses is found by delivering one at a time, and put aside after some refusals. Several
//! processes may run lanes for the same webhook: one of them holds it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lifecycle::{Shutdown, Tasks, Worker, WorkerError};
use rest::Offices;
use uuid::Uuid;

use super::Intake;
use crate::api::views::{ChannelEntryView, ChannelPageView};
use crate::domain::webhook::{Next, Outcome, next, signature, size};
use crate::error::IntakeError;
use crate::store::feed;
use crate::store::webhooks::{self as stored, Standing, Webhook, dead_letter};

/// How long nothing new is believed without asking: other processes make webhooks and entries, too.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// The pause after a failure of the database.
const PAUSE: Duration = Duration::from_secs(1);
/// Milliseconds that a webhook is held beyond the longest delivery.
const SPARE_MS: i64 = 2_000;

/// Keeps a lane for every webhook.
pub(crate) struct Deliverer {
    intake: Arc<Intake>,
    lanes: Arc<Mutex<HashSet<Uuid>>>,
    tasks: Tasks,
}

impl Deliverer {
    pub(crate) fn new(intake: Arc<Intake>) -> Self {
        Self { intake, lanes: Arc::default(), tasks: Tasks::new(Shutdown::default()) }
    }
}

#[async_trait::async_trait]
impl Worker for Deliverer {
    fn name(&self) -> &'static str {
        "intake-webhooks"
    }

    /// Begins the lanes that are missing. They work beside the steps: no step waits for a receiver.
    async fn step(&self) -> Result<usize, WorkerError> {
        if self.intake.settings.webhooks.origins.is_empty() {
            return Ok(0);
        }
        for webhook in stored::list(self.intake.db.reader(), None).await? {
            if !self.lanes.lock().unwrap_or_else(PoisonError::into_inner).insert(webhook.id) {
                continue;
            }
            let (intake, lanes, id) = (Arc::clone(&self.intake), Arc::clone(&self.lanes), webhook.id);
            self.tasks.spawn("intake-webhook", async move {
                lane(&intake, id).await;
                lanes.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                Ok::<(), WorkerError>(())
            });
        }
        Ok(0)
    }

    async fn idle(&self) {
        let mut changed = self.intake.webhooks.changed.subscribe();
        let _ = tokio::time::timeout(ASK_EVERY, changed.changed()).await;
    }
}

/// What a lane does next.
enum Turn {
    /// The webhook is no more.
    Gone,
    /// Something was told, or put aside.
    On,
    /// There is nothing to tell.
    Nothing,
    /// Not before this pause.
    Wait(Duration),
}

async fn lane(intake: &Intake, id: Uuid) {
    let (mut grown, mut changed) = (intake.feed.subscribe(), intake.webhooks.changed.subscribe());
    loop {
        grown.borrow_and_update();
        changed.borrow_and_update();
        let pause = match intake.deliver(id).await {
            Ok(Turn::Gone) => return,
            Ok(Turn::On) => continue,
            Ok(Turn::Nothing) => {
                tokio::select! {
                    _ = grown.changed() => continue,
                    _ = changed.changed() => continue,
                    () = tokio::time::sleep(ASK_EVERY) => continue,
                }
            }
            Ok(Turn::Wait(pause)) => pause,
            Err(error) => {
                tracing::error!(webhook = %id, %error, "a webhook cannot be delivered");
                PAUSE
            }
        };
        // Also when its place was set anew, or its secret.
        let _ = tokio::time::timeout(pause, changed.changed()).await;
    }
}

impl Intake {
    async fn deliver(&self, id: Uuid) -> Result<Turn, IntakeError> {
        let settings = &self.settings.webhooks;
        let Some(webhook) = stored::find(self.db.reader(), id).await? else { return Ok(Turn::Gone) };
        let now = self.process_clock.unix_ms();
        if webhook.next_at_ms > now {
            return Ok(Turn::Wait(until(webhook.next_at_ms - now)));
        }
        let limit = size(settings, webhook.refusals);
        let entries = feed::after(self.db.reader(), webhook.cursor, &offices(&webhook)?, limit).await?;
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(Turn::Nothing) };
        let (first, last, count) = (first.cursor, last.cursor, entries.len());
        let holder = &self.webhooks.holder;
        let held_until = now.saturating_add(i64::try_from(settings.timeout_ms).unwrap_or(i64::MAX) + SPARE_MS);
        if !stored::hold(self.db.writer(), id, holder, now, held_until).await? {
            return Ok(Turn::Wait(until((webhook.held_until_ms - now).clamp(100, SPARE_MS))));
        }
        let Some(secret) = stored::secret(self.db.reader(), id).await? else { return Ok(Turn::Gone) };
        let items = entries.into_iter().map(ChannelEntryView::try_from).collect::<Result<Vec<_>, _>>()?;
        let body = serde_json::to_vec(&ChannelPageView { items, next: last })?;
        let outcome = self.send(&webhook, &secret, (first, last), body).await;
        self.settle(&webhook, outcome, last, count).await
    }

    async fn send(
        &self,
        webhook: &Webhook,
        secret: &lifecycle::Secret,
        (first, last): (i64, i64),
        body: Vec<u8>,
    ) -> Outcome {
        let timestamp = self.process_clock.unix_ms() / 1_000;
        let request = self
            .webhooks
            .http
            .post(&webhook.url)
            .timeout(Duration::from_millis(self.settings.webhooks.timeout_ms))
            .header("content-type", "application/json")
            .header("aforo-webhook", webhook.id.to_string())
            .header("aforo-delivery", format!("{first}-{last}"))
            .header("aforo-timestamp", timestamp)
            .header("aforo-signature", signature(secret.expose(), timestamp, &body))
            .body(body);
        match request.send().await {
            Ok(answer) => Outcome::of(answer.status().as_u16()),
            // Without the address: it may hold what is secret to its owner.
            Err(error) => Outcome::Failed(reason(&error.without_url())),
        }
    }

    /// Writes down what came of a delivery of `count` entries up to `last`.
    async fn settle(&self, before: &Webhook, outcome: Outcome, last: i64, count: usize) -> Result<Turn, IntakeError> {
        let settings = &self.settings.webhooks;
        let now = self.process_clock.unix_ms();
        let mut standing = Standing { cursor: last, failures: 0, refusals: 0, last_error: None, next_at_ms: 0 };
        let (mut turn, mut letter) = (Turn::On, None);
        match outcome {
            Outcome::Delivered => {
                self.metrics.webhook_entries.inc_by(count as u64);
            }
            Outcome::Refused(ref error) | Outcome::Failed(ref error) => {
                self.metrics.webhook_failures.inc();
                let refused = matches!(outcome, Outcome::Refused(_));
                standing.failures = before.failures + i64::from(!refused);
                standing.refusals = before.refusals + i64::from(refused);
                match next(settings, standing.failures, standing.refusals, count) {
                    Next::Again(pause) => {
                        tracing::warn!(webhook = %before.id, error, ?pause, "a webhook was not taken");
                        standing.cursor = before.cursor;
                        standing.next_at_ms = now.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
                        turn = Turn::Wait(pause);
                    }
                    Next::PutAside => {
                        tracing::error!(webhook = %before.id, cursor = last, error, "an entry was put aside");
                        self.metrics.webhook_dead_letters.inc();
                        (standing.failures, standing.refusals) = (0, 0);
                        letter = Some(dead_letter::Model {
                            webhook: before.id,
                            cursor: last,
                            error: error.clone(),
                            died_at_ms: now,
                        });
                    }
                }
                standing.last_error = Some(error.clone());
            }
        }
        let tx = self.db.begin().await?;
        if stored::settle(&tx, before, &self.webhooks.holder, &standing).await?
            && let Some(letter) = letter
        {
            stored::put_aside(&tx, letter).await?;
        }
        tx.commit().await?;
        Ok(turn)
    }
}

fn offices(webhook: &Webhook) -> Result<Offices, IntakeError> {
    let Some(text) = &webhook.offices else { return Ok(Offices::All) };
    serde_json::from_str(text)
        .map(Offices::Only)
        .map_err(|error| IntakeError::Unreadable(format!("offices of a webhook: {error}")))
}

fn until(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or_default())
}

/// Why nobody answered, in words.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the receiver did not answer in time".to_owned();
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = error.to_string();
        cause = error.source();
    }
    format!("the receiver cannot be reached: {text}")
}
