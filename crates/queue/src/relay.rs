//! From the outbox to the queue: every committed message to every subscriber's stream, in the order of commits.
//!
//! The relay remembers how far it has published, and writes that down every few hundred messages and when it stops:
//! after a crash the last ones are published again, which the queue or the subscribers' inboxes recognise. It also forgets
//! what has been published long ago.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lifecycle::{ProcessClock, Worker, WorkerError};
use store::{Database, outbox};
use tokio::sync::{Mutex, Notify};

use crate::{NewMessage, Queue, Stream};

/// How a relay publishes and forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelaySettings {
    /// The most outbox rows in one publish.
    pub batch: usize,
    /// How long the worker waits when nobody wakes it.
    pub wait: Duration,
    /// How long published rows are kept, so that a lost queue can be filled again.
    pub keep_outbox: Duration,
    /// How long the inbox of the same database remembers. Longer than any outbox that it listens to is kept.
    pub keep_inbox: Duration,
    /// How often old rows are forgotten.
    pub purge_every: Duration,
}

impl Default for RelaySettings {
    fn default() -> Self {
        let day = Duration::from_hours(24);
        Self {
            batch: 256,
            wait: Duration::from_secs(1),
            keep_outbox: 3 * day,
            keep_inbox: 14 * day,
            purge_every: Duration::from_mins(1),
        }
    }
}

/// The worker that empties the outbox of one database.
pub struct Relay {
    name: &'static str,
    db: Database,
    queue: Arc<dyn Queue>,
    clock: ProcessClock,
    settings: RelaySettings,
    wake: Notify,
    /// Held through a step: rows leave in order.
    progress: Mutex<Progress>,
}

/// How far a relay has come.
struct Progress {
    /// The last row published; unknown until it is read.
    published: Option<i64>,
    /// The last row that is written down as published.
    saved: i64,
    /// When old rows were forgotten last (Unix milliseconds).
    purged_at_ms: i64,
}

/// Rows by which a relay may be further than is written down.
const SAVE_ROWS: i64 = 512;

/// Rows forgotten by one statement; the database is free for others in between.
const PURGE_ROWS: usize = 1_000;

impl Relay {
    /// Publishes the outbox of `db`. The `name` keeps its place: give it another one, and everything is published again.
    pub fn new(name: &'static str, db: Database, queue: Arc<dyn Queue>, clock: ProcessClock) -> Self {
        Self::with_settings(name, db, queue, clock, RelaySettings::default())
    }

    /// The same with other settings.
    pub fn with_settings(
        name: &'static str,
        db: Database,
        queue: Arc<dyn Queue>,
        clock: ProcessClock,
        settings: RelaySettings,
    ) -> Self {
        let progress = Mutex::new(Progress { published: None, saved: 0, purged_at_ms: clock.unix_ms() });
        Self { name, db, queue, clock, settings, wake: Notify::new(), progress }
    }

    /// Publishes soon: call after every commit that wrote to the outbox.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    async fn publish_batch(&self, progress: &mut Progress) -> Result<usize, WorkerError> {
        let published = match progress.published {
            Some(published) => published,
            None => self.recall(progress).await?,
        };
        let rows = outbox::after(self.db.reader(), published, self.settings.batch).await?;
        let Some(last) = rows.last() else { return Ok(0) };
        let (last, count) = (last.seq, rows.len());
        let mut messages = Vec::with_capacity(count * 2);
        for row in rows {
            if let Some((last, others)) = events::subscribers(&row.envelope.name).split_last() {
                for subscriber in others {
                    messages.push(NewMessage { stream: Stream::of(*subscriber), envelope: row.envelope.clone() });
                }
                messages.push(NewMessage { stream: Stream::of(*last), envelope: row.envelope });
            }
        }
        self.queue.publish(&messages).await?;
        progress.published = Some(last);
        if last - progress.saved >= SAVE_ROWS {
            self.save(progress).await?;
        }
        Ok(count)
    }

    async fn recall(&self, progress: &mut Progress) -> Result<i64, WorkerError> {
        progress.saved = outbox::position(self.db.reader(), self.name).await?;
        progress.published = Some(progress.saved);
        Ok(progress.saved)
    }

    async fn save(&self, progress: &mut Progress) -> Result<(), WorkerError> {
        if let Some(published) = progress.published.filter(|published| *published > progress.saved) {
            outbox::published(self.db.writer(), self.name, published).await?;
            progress.saved = published;
        }
        Ok(())
    }

    /// Forgets old rows, at most once per [`RelaySettings::purge_every`].
    async fn purge(&self, progress: &mut Progress) -> Result<(), WorkerError> {
        let now = self.clock.unix_ms();
        if now - progress.purged_at_ms < self.settings.purge_every.as_millis() as i64 {
            return Ok(());
        }
        progress.purged_at_ms = now;
        self.save(progress).await?;
        let before = |keep: Duration| now - keep.as_millis() as i64;
        while outbox::purge(self.db.writer(), before(self.settings.keep_outbox), PURGE_ROWS).await? > 0 {}
        while store::inbox::purge(self.db.writer(), before(self.settings.keep_inbox), PURGE_ROWS).await? > 0 {}
        Ok(())
    }
}

#[async_trait]
impl Worker for Relay {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn step(&self) -> Result<usize, WorkerError> {
        let mut progress = self.progress.lock().await;
        let mut done = 0;
        loop {
            let published = self.publish_batch(&mut progress).await?;
            if published == 0 {
                break;
            }
            done += published;
        }
        self.purge(&mut progress).await?;
        Ok(done)
    }

    async fn idle(&self) {
        let _ = tokio::time::timeout(self.settings.wait, self.wake.notified()).await;
    }

    async fn end(&self) -> Result<(), WorkerError> {
        self.save(&mut *self.progress.lock().await).await
    }
}
