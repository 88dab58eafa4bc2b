//! From the outbox to the queue: every committed message to every subscriber's stream, in the order of commits.
//!
//! Who commits rows may hand them over, so that they are not read again; whatever was not handed over is read.
//! The relay remembers how far it has published, and writes that down every few hundred messages and when it stops:
//! after a crash the last ones are published again, which the queue or the subscribers' inboxes recognise. The queue
//! says up to where it holds what was published: when it has lost messages, the relay goes back and publishes them again,
//! as far as the outbox still keeps them. It also forgets what has been published long ago.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lifecycle::{ProcessClock, Worker, WorkerError};
use store::outbox::OutboxRow;
use store::{Database, outbox};
use tokio::sync::{Mutex as AsyncMutex, Notify};

use crate::{Held, NewMessage, Place, Queue, Relayed, Stream, Stretch};

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
    /// How often a relay with nothing to publish asks the queue whether it still holds what was published.
    pub check_every: Duration,
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
            check_every: Duration::from_secs(5),
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
    /// Committed rows that need not be read, in their order without a gap.
    handed: Mutex<Handed>,
    /// Held through a step: rows leave in order.
    progress: AsyncMutex<Progress>,
}

/// Rows that were handed over by those who committed them.
#[derive(Default)]
struct Handed {
    rows: VecDeque<OutboxRow>,
    bytes: usize,
    /// There may be rows that only the outbox holds.
    lacks: bool,
}

impl Handed {
    /// Takes rows over. What does not follow what is held, or is too much, is left to be read.
    fn take_over(&mut self, rows: Vec<OutboxRow>) {
        self.lacks |= rows.is_empty();
        let follows = match (self.rows.back(), rows.first()) {
            (Some(last), Some(first)) => last.seq + 1 == first.seq,
            _ => true,
        };
        if !follows || self.bytes > HANDED_BYTES {
            *self = Self { lacks: true, ..Self::default() };
        }
        self.bytes += rows.iter().map(bytes).sum::<usize>();
        self.rows.extend(rows);
    }

    /// The rows behind `published`, at most `limit`; none when the first of them is not held.
    fn after(&mut self, published: i64, limit: usize) -> Vec<OutboxRow> {
        while self.rows.front().is_some_and(|row| row.seq <= published) {
            self.pop();
        }
        let mut rows = Vec::new();
        while rows.len() < limit && self.rows.front().is_some_and(|row| row.seq == published + 1 + rows.len() as i64) {
            rows.extend(self.pop());
        }
        rows
    }

    fn pop(&mut self) -> Option<OutboxRow> {
        let row = self.rows.pop_front()?;
        self.bytes -= bytes(&row);
        Some(row)
    }
}

fn bytes(row: &OutboxRow) -> usize {
    row.envelope.body.get().len()
}

/// How far a relay has come.
struct Progress {
    /// The last row published; unknown until it is asked.
    published: Option<i64>,
    /// Up to where the queue holds what was published, as it said last.
    held: Held,
    /// When the queue was asked last (Unix milliseconds).
    checked_at_ms: i64,
    /// The last row that is written down as published.
    saved: i64,
    /// When old rows were forgotten last (Unix milliseconds).
    purged_at_ms: i64,
    /// The last step published all that there was, and read nothing.
    settled: bool,
}

/// Bytes of bodies that are held for a relay that does not keep up; it reads the rest.
const HANDED_BYTES: usize = 4 * 1024 * 1024;

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
        let now_ms = clock.unix_ms();
        let progress = Progress {
            published: None,
            held: Held::Unknown,
            checked_at_ms: now_ms,
            saved: 0,
            purged_at_ms: now_ms,
            settled: false,
        };
        let (handed, progress) = (Mutex::default(), AsyncMutex::new(progress));
        Self { name, db, queue, clock, settings, wake: Notify::new(), handed, progress }
    }

    /// Publishes soon: call after every commit that wrote to the outbox.
    pub fn wake(&self) {
        self.wake_with(Vec::new());
    }

    /// The same with the rows that the commit added, as they were given back when they were appended: they are not read
    /// again. The relay reads whatever it was not handed, so nothing is lost with them.
    pub fn wake_with(&self, rows: Vec<OutboxRow>) {
        self.handed().take_over(rows);
        self.wake.notify_one();
    }

    fn handed(&self) -> MutexGuard<'_, Handed> {
        self.handed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Publishes a batch of what was handed over or, where `reads`, of what the outbox holds. Returns how many rows it was.
    async fn publish_batch(&self, progress: &mut Progress, reads: bool) -> Result<usize, WorkerError> {
        let mut done = 0;
        loop {
            let published = match progress.published {
                Some(published) => published,
                None => self.recall(progress).await?,
            };
            let mut rows = self.handed().after(published, self.settings.batch);
            if rows.is_empty() && reads {
                rows = outbox::after(self.db.reader(), published, self.settings.batch).await?;
            }
            if rows.is_empty() {
                return Ok(done);
            }
            let mut rows = VecDeque::from(rows);
            while let Some(piece) = next_piece(&mut rows, self.queue.bytes_at_once()) {
                let count = piece.len();
                if self.publish_piece(progress, piece).await? == Relayed::Elsewhere {
                    progress.published = None;
                    self.handed().lacks = true;
                    break;
                }
                done += count;
            }
            if progress.published.is_some() {
                return Ok(done);
            }
        }
    }

    /// Publishes what was handed over, as far as it follows what is published. Returns how many rows it was, and whether
    /// the outbox holds more.
    async fn publish_handed(&self, progress: &mut Progress) -> Result<(usize, bool), WorkerError> {
        let mut done = 0;
        loop {
            match self.publish_batch(progress, false).await {
                Ok(0) => break,
                Ok(published) => done += published,
                Err(error) => {
                    // What was taken over and not published is in the outbox.
                    self.handed().lacks = true;
                    return Err(error);
                }
            }
        }
        let mut handed = self.handed();
        let lacks = std::mem::take(&mut handed.lacks) || !handed.rows.is_empty();
        // Right after all that was handed over is published there is nothing to read.
        let settled = std::mem::replace(&mut progress.settled, done > 0 && !lacks);
        Ok((done, lacks || (done == 0 && !settled)))
    }

    async fn publish_piece(&self, progress: &mut Progress, rows: Vec<OutboxRow>) -> Result<Relayed, WorkerError> {
        let Some(last) = rows.last() else { return Ok(Relayed::Done) };
        let up_to = Place { seq: last.seq, event: last.envelope.id };
        let stretch = Stretch { relay: self.name, after: progress.held, up_to };
        let relayed = self.queue.relay(stretch, &addressed(rows)).await?;
        if relayed == Relayed::Done {
            progress.published = Some(up_to.seq);
            progress.held = Held::UpTo(up_to);
            if up_to.seq - progress.saved >= SAVE_ROWS {
                self.save(progress).await?;
            }
        }
        Ok(relayed)
    }

    /// Finds the row to go on from: where the queue stands, or what is written down when the queue cannot tell.
    async fn recall(&self, progress: &mut Progress) -> Result<i64, WorkerError> {
        progress.saved = outbox::position(self.db.reader(), self.name).await?;
        progress.held = self.queue.held(self.name).await?;
        progress.checked_at_ms = self.clock.unix_ms();
        let from = match progress.held {
            Held::Unknown => progress.saved,
            Held::Nothing => 0,
            Held::UpTo(place) if place.seq <= progress.saved || self.is_ours(place).await? => place.seq,
            Held::UpTo(place) => {
                tracing::warn!(
                    relay = self.name,
                    place.seq,
                    "the database was set back, going on from where it stands"
                );
                progress.saved
            }
        };
        if from < progress.saved {
            tracing::warn!(relay = self.name, from, published = progress.saved, "the queue lacks what was published");
        }
        progress.published = Some(from);
        Ok(from)
    }

    /// Whether the outbox has the message of `place` where the queue says.
    async fn is_ours(&self, place: Place) -> Result<bool, WorkerError> {
        let rows = outbox::after(self.db.reader(), place.seq - 1, 1).await?;
        Ok(rows.first().is_some_and(|row| row.seq == place.seq && row.envelope.id == place.event))
    }

    /// Asks the queue now and then whether it still stands where it stood. Returns false when it does not.
    async fn check(&self, progress: &mut Progress) -> Result<bool, WorkerError> {
        let now_ms = self.clock.unix_ms();
        if now_ms - progress.checked_at_ms < self.settings.check_every.as_millis() as i64 {
            return Ok(true);
        }
        progress.checked_at_ms = now_ms;
        let stands = self.queue.held(self.name).await? == progress.held;
        if !stands {
            progress.published = None;
        }
        Ok(stands)
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
        let (mut done, holds_more) = self.publish_handed(&mut progress).await?;
        if holds_more {
            loop {
                let published = self.publish_batch(&mut progress, true).await?;
                done += published;
                if published < self.settings.batch && self.check(&mut progress).await? {
                    break;
                }
            }
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

/// The first rows whose bodies have at most `most` bytes together, at least one.
fn next_piece(rows: &mut VecDeque<OutboxRow>, most: usize) -> Option<Vec<OutboxRow>> {
    let mut total = 0_usize;
    let fitting = rows.iter().take_while(|row| {
        total = total.saturating_add(bytes(row));
        total <= most
    });
    let count = fitting.count().max(1).min(rows.len());
    (count > 0).then(|| rows.drain(..count).collect())
}

/// A message for each subscriber of each row.
fn addressed(rows: Vec<OutboxRow>) -> Vec<NewMessage> {
    let mut messages = Vec::with_capacity(rows.len() * 2);
    for row in rows {
        if let Some((last, others)) = events::subscribers(&row.envelope.name).split_last() {
            for subscriber in others {
                messages.push(NewMessage { stream: Stream::of(*subscriber), envelope: row.envelope.clone() });
            }
            messages.push(NewMessage { stream: Stream::of(*last), envelope: row.envelope });
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_hold_what_fits_and_one_row_at_least() {
        let row = |number: u64, bytes: usize| {
            let filler = "x".repeat(bytes - 2);
            let mut envelope: events::Envelope = serde_json::from_str(
                r#"{"id":"019c8f6e-0000-7000-8000-000000000000","name":"declaration.moved","version":1,
                    "occurredAt":"2026-03-02T17:00:00Z","recordedAtMs":0,"body":1}"#,
            )
            .unwrap();
            envelope.body = serde_json::value::RawValue::from_string(format!("\"{filler}\"")).unwrap();
            OutboxRow { seq: number as i64, envelope }
        };
        let mut rows: VecDeque<_> = [40, 40, 40, 500, 10].into_iter().zip(1..).map(|(b, n)| row(n, b)).collect();
        let mut pieces = Vec::new();
        while let Some(piece) = next_piece(&mut rows, 100) {
            pieces.push(piece.iter().map(|row| row.seq).collect::<Vec<_>>());
        }
        assert_eq!(pieces, [vec![1, 2], vec![3], vec![4], vec![5]]);
    }
}
