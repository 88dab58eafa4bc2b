//! The reading side of one stream: new messages, returned ones, and what nobody works on any more.
//!
//! One call at a time reads, over a connection of its own on which it may block. A call that goes away while Redis still
//! answers may have been given messages: the next one asks on the same connection, thus after it, what is leased to this
//! process, and gives back what nobody here knows of.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::{ErrorKind, RedisError, ServerErrorKind, Value};
use redis_link::Link;
use tokio::sync::Mutex as AsyncMutex;

use super::entries::{self, Entry};
use super::keys::{GROUP, StreamKeys, id_text, read_id};
use super::leases::{Finished, Lease, Leases, Whose};
use super::scripts;
use super::shared::Shared;
use crate::{Delivery, DeliveryId, QueueError, Stream};

/// The longest that one read blocks; also how long a message that another call released may wait for its next reader.
pub const LONGEST_BLOCK: Duration = Duration::from_millis(500);
/// How often a reader looks for what others left.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// How often it looks for what it was given without knowing.
const STRAYS_EVERY: Duration = Duration::from_secs(5);
/// Leases looked through at once.
const PAGE: usize = 1_000;
/// How long a call that does not want to wait waits for the reader before it.
const BRIEFLY: Duration = Duration::from_millis(50);

/// A stream and what this process knows of it.
pub struct Lane {
    stream: Stream,
    /// Its keys.
    pub keys: StreamKeys,
    /// Its messages come by turns of their offices.
    shared_by_offices: bool,
    link: Link,
    leases: Mutex<Leases>,
    /// When the next message that this process returned is due (Unix milliseconds).
    due_at_ms: AtomicI64,
    /// The reader blocks: there is nothing to read.
    blocked: AtomicBool,
    reader: AsyncMutex<Reader>,
}

/// Where the reader is.
struct Reader {
    /// The group is known to exist.
    has_group: bool,
    /// A request is under way; when a call finds it so, the one before it went away.
    under_way: bool,
    cursor: String,
    swept_at: Option<Instant>,
    strays_at: Option<Instant>,
}

impl Lane {
    /// The reading side of `stream`, over `link`, which serves nothing else.
    pub fn new(stream: Stream, keys: StreamKeys, shared_by_offices: bool, link: Link) -> Self {
        let reader =
            Reader { has_group: false, under_way: false, cursor: "0-0".to_owned(), swept_at: None, strays_at: None };
        Self {
            stream,
            keys,
            shared_by_offices,
            link,
            leases: Mutex::default(),
            due_at_ms: AtomicI64::new(i64::MIN),
            blocked: AtomicBool::new(false),
            reader: AsyncMutex::new(reader),
        }
    }

    /// What this process holds.
    pub fn leases(&self) -> MutexGuard<'_, Leases> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a returned message is due at a time.
    pub fn note_due(&self, due_at_ms: i64) {
        self.due_at_ms.fetch_min(due_at_ms, Ordering::AcqRel);
    }

    /// Leases at most `max` messages, waiting up to `wait` for the first.
    pub async fn receive(&self, shared: &Shared, max: usize, wait: Duration) -> Result<Vec<Delivery>, QueueError> {
        let deadline = shared.clock.instant() + wait;
        let patience = if wait.is_zero() && self.blocked.load(Ordering::Acquire) { Duration::ZERO } else { BRIEFLY };
        let Ok(mut reader) = tokio::time::timeout(wait.max(patience), self.reader.lock()).await else {
            return Ok(Vec::new());
        };
        loop {
            shared.still_ours()?;
            let left = deadline.saturating_duration_since(shared.clock.instant());
            let deliveries = self.turn(&mut reader, shared, max, left).await?;
            if !deliveries.is_empty() || (left.is_zero() && reader.has_group) {
                return Ok(deliveries);
            }
        }
    }

    /// Ends every lease of this process, so that others have the messages at once.
    pub async fn leave(&self, shared: &Shared) -> Result<(), QueueError> {
        let mut reader = self.reader.lock().await;
        if !reader.has_group && !reader.under_way {
            return Ok(());
        }
        if self.leases().is_behind() {
            self.finish(&self.link, &[]).await?;
        }
        let mut call = scripts::LEAVE.prepare_invoke();
        call.key(&self.keys.stream).key(&self.keys.returned).arg(GROUP).arg(&shared.me).arg(PAGE);
        match scripts::run::<()>(&self.link, &call).await {
            Err(QueueError::Redis(error)) if is_lost(&error) => {}
            left => left?,
        }
        reader.has_group = false;
        Ok(())
    }

    /// Reads once. Nothing of it is lost when the call goes away in the middle.
    async fn turn(
        &self,
        reader: &mut Reader,
        shared: &Shared,
        max: usize,
        left: Duration,
    ) -> Result<Vec<Delivery>, QueueError> {
        if std::mem::replace(&mut reader.under_way, true) {
            reader.strays_at = None;
        }
        let result = self.read(reader, shared, max, left).await;
        reader.under_way = false;
        self.blocked.store(false, Ordering::Release);
        match result {
            // Held from here on, where nothing can cut the call off any more.
            Ok(deliveries) => {
                let mut leases = self.leases();
                for delivery in &deliveries {
                    let office = delivery.envelope.office.as_ref().filter(|_| self.shared_by_offices);
                    let office = office.map_or(Whose::Nobody, |office| Whose::Office(office.0.clone()));
                    leases.hold(delivery.id, Lease { attempts: delivery.attempts, office });
                }
                drop(leases);
                Ok(deliveries)
            }
            Err(QueueError::Redis(error)) if is_lost(&error) => {
                tracing::warn!(stream = %self.stream, "the stream is not there any more, beginning anew");
                (reader.has_group, reader.swept_at, reader.strays_at) = (false, None, None);
                Ok(Vec::new())
            }
            Err(error) => {
                reader.strays_at = None;
                Err(error)
            }
        }
    }

    async fn read(
        &self,
        reader: &mut Reader,
        shared: &Shared,
        max: usize,
        left: Duration,
    ) -> Result<Vec<Delivery>, QueueError> {
        if !reader.has_group {
            self.make_group().await?;
            reader.has_group = true;
        }
        let now = shared.clock.instant();
        let is_due = |at: Option<Instant>, every| at.is_none_or(|at| now >= at + every);
        let swept = is_due(reader.swept_at, SWEEP_EVERY) || reader.strays_at.is_none();
        if swept {
            self.sweep(reader, shared, is_due(reader.strays_at, STRAYS_EVERY)).await?;
            reader.swept_at = Some(now);
        }
        let mut deliveries = Vec::new();
        let now_ms = shared.clock.unix_ms();
        if swept || self.due_at_ms.load(Ordering::Acquire) <= now_ms {
            let alone;
            (deliveries, alone) = self.collect(shared, max, now_ms).await?;
            if alone {
                return Ok(deliveries);
            }
        }
        let block = if deliveries.is_empty() { self.longest_block(reader, shared, left) } else { Duration::ZERO };
        if deliveries.len() < max {
            let fresh = self.read_new(shared, max - deliveries.len(), block).await?;
            deliveries.reserve(fresh.len());
            for (id, text) in fresh {
                deliveries.extend(self.read_entry(shared, id, &text, 0).await?);
            }
        }
        Ok(deliveries)
    }

    fn longest_block(&self, reader: &Reader, shared: &Shared, left: Duration) -> Duration {
        let swept = reader
            .swept_at
            .map_or(Duration::ZERO, |at| (at + SWEEP_EVERY).saturating_duration_since(shared.clock.instant()));
        let due = self.due_at_ms.load(Ordering::Acquire).saturating_sub(shared.clock.unix_ms());
        let due = Duration::from_millis(u64::try_from(due).unwrap_or_default());
        left.min(LONGEST_BLOCK).min(swept.max(Duration::from_millis(1))).min(due.max(Duration::from_millis(1)))
    }

    async fn make_group(&self) -> Result<(), QueueError> {
        let mut connection = self.link.connection().await?;
        let mut create = redis::cmd("XGROUP");
        create.arg("CREATE").arg(&self.keys.stream).arg(GROUP).arg("0").arg("MKSTREAM");
        let made = create.exec_async(&mut connection.redis).await;
        let made = match made {
            Err(error) if error.code() == Some("BUSYGROUP") => Ok(()),
            made => made,
        };
        Ok(self.link.judged(&connection, made)?)
    }

    /// Takes over what others left, and gives back what this process was given without knowing.
    async fn sweep(&self, reader: &mut Reader, shared: &Shared, strays: bool) -> Result<(), QueueError> {
        if self.leases().is_behind() {
            self.finish(&self.link, &[]).await?;
        }
        let keys = &self.keys;
        let mut call = scripts::SWEEP.prepare_invoke();
        call.key(&keys.stream).key(&keys.returned).key(&keys.attempts).key(&keys.dead);
        call.key(shared.keys.consumers()).key(shared.keys.incarnations()).key(&keys.held).key(&keys.aside);
        call.arg(GROUP).arg(&shared.me).arg(shared.settings.dead_after_seconds * 1_000);
        call.arg(shared.settings.longest_handling_seconds * 1_000).arg(&reader.cursor);
        call.arg(shared.settings.max_deliveries).arg(shared.clock.unix_ms()).arg(PAGE).arg(u8::from(strays));
        let (cursor, buried, own): (String, u64, Vec<String>) = scripts::run(&self.link, &call).await?;
        reader.cursor = cursor;
        if buried > 0 {
            tracing::error!(stream = %self.stream, buried, "messages given up that nobody lives to answer");
        }
        if strays {
            let own = own.iter().map(|id| read_id(id)).collect::<Result<Vec<_>, _>>()?;
            let strays = self.leases().strays(own);
            self.give_back(&self.link, shared, &strays).await?;
            reader.strays_at = Some(shared.clock.instant());
        }
        Ok(())
    }

    /// Ends leases without counting anything.
    pub async fn give_back(&self, link: &Link, shared: &Shared, ids: &[DeliveryId]) -> Result<(), QueueError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut call = scripts::GIVE_BACK.prepare_invoke();
        call.key(&self.keys.stream).key(&self.keys.returned).arg(GROUP).arg(&shared.me);
        for id in ids {
            call.arg(id_text(*id));
        }
        let done = scripts::run::<()>(link, &call).await;
        self.note_due(i64::MIN);
        match done {
            Err(QueueError::Redis(error)) if is_lost(&error) => Ok(()),
            done => done,
        }
    }

    /// Deletes finished messages, with those of which an earlier call could not tell Redis.
    pub async fn finish(&self, link: &Link, ids: &[DeliveryId]) -> Result<(), QueueError> {
        let finished = self.leases().finish(ids);
        if finished.ids.is_empty() {
            return Ok(());
        }
        if self.shared_by_offices {
            self.finish_by_offices(link, &finished).await?;
            self.leases().confirm(&finished);
            return Ok(());
        }
        let texts: Vec<String> = finished.ids.iter().map(|id| id_text(*id)).collect();
        // Deleted first: what is deleted and not acknowledged is never delivered again, the other way round it would stay.
        let mut pipe = redis::pipe();
        pipe.cmd("XDEL").arg(&self.keys.stream).arg(&texts).ignore();
        pipe.cmd("XACK").arg(&self.keys.stream).arg(GROUP).arg(&texts).ignore();
        if !finished.failed.is_empty() {
            let failed: Vec<String> = finished.failed.iter().map(|id| id_text(*id)).collect();
            pipe.cmd("HDEL").arg(&self.keys.attempts).arg(failed).ignore();
        }
        let mut connection = link.connection().await?;
        let done = pipe.exec_async(&mut connection.redis).await;
        link.judged(&connection, done)?;
        self.leases().confirm(&finished);
        Ok(())
    }

    /// The same where offices share the stream: for each that leaves it, one that waited aside comes in.
    async fn finish_by_offices(&self, link: &Link, finished: &Finished) -> Result<(), QueueError> {
        let mut call = scripts::FINISH.prepare_invoke();
        call.key(&self.keys.stream).key(&self.keys.attempts).key(&self.keys.held).key(&self.keys.aside).arg(GROUP);
        for (office, ids) in &finished.offices {
            call.arg(office).arg(ids.len());
            for id in ids {
                call.arg(id_text(*id));
            }
        }
        scripts::run(link, &call).await
    }

    /// Leases what was returned and is due. Returns whether it is to be delivered without anything else.
    async fn collect(&self, shared: &Shared, max: usize, now_ms: i64) -> Result<(Vec<Delivery>, bool), QueueError> {
        let past = |due: i64| (due <= now_ms).then_some(i64::MAX);
        let _ = self.due_at_ms.fetch_update(Ordering::AcqRel, Ordering::Acquire, past);
        let mut call = scripts::COLLECT.prepare_invoke();
        call.key(&self.keys.stream).key(&self.keys.returned).key(&self.keys.attempts);
        call.arg(GROUP).arg(&shared.me).arg(now_ms).arg(max).arg(shared.settings.max_deliveries / 2);
        let (collected, alone): (Vec<(String, Vec<u8>, u32)>, bool) = scripts::run(&self.link, &call).await?;
        if !collected.is_empty() {
            // There may be more.
            self.note_due(now_ms);
        }
        let mut deliveries = Vec::with_capacity(collected.len());
        for (id, text, attempts) in collected {
            deliveries.extend(self.read_entry(shared, read_id(&id)?, &text, attempts).await?);
        }
        deliveries.sort_unstable_by_key(|delivery| delivery.id);
        Ok((deliveries, alone))
    }

    async fn read_new(&self, shared: &Shared, max: usize, block: Duration) -> Result<Vec<Entry>, QueueError> {
        let mut read = redis::cmd("XREADGROUP");
        read.arg("GROUP").arg(GROUP).arg(&shared.me).arg("COUNT").arg(max);
        if !block.is_zero() {
            // 0 would mean for ever.
            read.arg("BLOCK").arg(block.as_millis().max(1) as u64);
            self.blocked.store(true, Ordering::Release);
        }
        read.arg("STREAMS").arg(&self.keys.stream).arg(">");
        let mut connection = self.link.connection().await?;
        let answer = read.query_async::<Value>(&mut connection.redis).await;
        entries::read(self.link.judged(&connection, answer)?)
    }

    /// A message as it is delivered; one that cannot be read goes to the dead letters.
    async fn read_entry(
        &self,
        shared: &Shared,
        id: DeliveryId,
        text: &[u8],
        attempts: u32,
    ) -> Result<Option<Delivery>, QueueError> {
        match entries::envelope(text) {
            Ok(envelope) => Ok(Some(Delivery { id, attempts, envelope })),
            Err((_, error)) => {
                tracing::error!(stream = %self.stream, %id, %error, "message cannot be read, see the dead letters");
                self.fail(&self.link, shared, id, &error.to_string(), 0).await?;
                Ok(None)
            }
        }
    }

    /// Counts a failure. Returns how many there were and when the message is due (0: never).
    pub async fn fail(
        &self,
        link: &Link,
        shared: &Shared,
        id: DeliveryId,
        error: &str,
        max_attempts: u32,
    ) -> Result<Option<(u32, i64)>, QueueError> {
        let (keys, settings) = (&self.keys, &shared.settings);
        let mut call = scripts::FAIL.prepare_invoke();
        call.key(&keys.stream).key(&keys.returned).key(&keys.attempts).key(&keys.dead).key(&keys.held).key(&keys.aside);
        call.arg(GROUP).arg(&shared.me).arg(id_text(id)).arg(error).arg(shared.clock.unix_ms());
        call.arg(settings.first_back_off_ms).arg(settings.longest_back_off_ms).arg(max_attempts);
        match scripts::run::<Vec<i64>>(link, &call).await {
            Ok(counted) => Ok(match counted.as_slice() {
                [failures, due] => Some((*failures as u32, *due)),
                _ => None,
            }),
            Err(QueueError::Redis(error)) if is_lost(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether the stream or its group is not there any more.
fn is_lost(error: &RedisError) -> bool {
    matches!(error.code(), Some("NOGROUP" | "UNBLOCKED"))
        || (error.kind() == ErrorKind::Server(ServerErrorKind::ResponseError)
            && error.detail().is_some_and(|detail| detail.contains("NOGROUP") || detail.contains("no such key")))
}
