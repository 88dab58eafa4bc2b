//! The log and its streams: the file and what is known of it, changed together under one lock.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use events::{Envelope, Service};
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteLockingMode, SqliteRow, SqliteSynchronous,
};
use sea_orm::sqlx::{self, ConnectOptions, Connection, Row};
use store::{Settings, StoreError};
use uuid::Uuid;

use super::places::Places;
use super::recent::{REMEMBERED, Recent};
use super::rows::{pack, read_dead, read_envelope, unreadable};
use super::sql;
use super::stream_state::{Kept, StreamState};
use crate::{DeadLetter, Delivery, DeliveryId, Depth, Fairness, Held, NewMessage, Place, QueueError, Stream};

/// The most streams: one bit each in a 64-bit signed integer.
const MOST_STREAMS: usize = 63;
/// Rows read from the log at once.
const READ_ROWS: usize = 512;
/// Finished rows that are let grow before they are forgotten together.
const PURGE_ROWS: i64 = 1_024;
/// Places in the log by which a stream may be further than is written down. After a crash so much may be delivered once
/// more; writing it down each time would cost a commit per batch.
const SAVE_ROWS: i64 = 512;
/// How long opening waits for another process, or another part of this one, to let go of the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// Characters of an error that are kept.
const ERROR_CHARS: usize = 2_000;

/// The open log.
#[derive(Debug)]
pub struct Log {
    connection: Option<SqliteConnection>,
    /// The last place used; unknown while an append is under way or after it was cut off.
    last: Option<i64>,
    recent: Recent,
    streams: Vec<StreamState>,
    by_stream: HashMap<Stream, usize>,
    purged: i64,
    places: Places,
    fairness: Fairness,
}

impl Log {
    /// Opens the file, creating it when absent.
    pub async fn open(settings: &Settings, fairness: Fairness) -> Result<Self, QueueError> {
        let mut connection = connect(&settings.url).await?;
        make_tables(&mut connection).await?;
        let places = Places::load(&mut connection, settings.url.contains("memory")).await?;
        let mut log = Self {
            connection: Some(connection),
            last: None,
            recent: Recent::default(),
            streams: Vec::new(),
            by_stream: HashMap::new(),
            purged: 0,
            places,
            fairness,
        };
        log.load_streams().await?;
        log.last().await?;
        Ok(log)
    }

    /// Writes down how far every stream is finished, and closes the file.
    pub async fn close(&mut self) -> Result<(), QueueError> {
        for id in 0..self.streams.len() {
            if self.connection.is_some() {
                self.save(id).await?;
            }
        }
        if let Some(mut connection) = self.connection.take() {
            self.places.save(&mut connection).await?;
            connection.close().await?;
        }
        Ok(())
    }

    /// Appends messages to their streams, all or none.
    pub async fn append(&mut self, messages: &[NewMessage], now_ms: i64) -> Result<(), QueueError> {
        let last = self.last().await?;
        let mut rows: Vec<(u64, &Envelope)> = Vec::with_capacity(messages.len());
        for message in messages {
            let bit = self.stream(message.stream).await?.bit();
            match rows.last_mut() {
                Some((streams, envelope)) if envelope.id == message.envelope.id => *streams |= bit,
                _ => rows.push((bit, &message.envelope)),
            }
        }
        for (streams, envelope) in &mut rows {
            *streams &= !self.recent.streams(envelope.id.0);
        }
        rows.retain(|(streams, _)| *streams != 0);
        if rows.is_empty() {
            return Ok(());
        }
        let (texts, places) = pack(&rows)?;
        self.last = None;
        let query = sqlx::query(sql::APPEND).bind(texts).bind(places).bind(now_ms).bind(last + 1);
        query.execute(self.connection()?).await?;
        self.last = Some(last + rows.len() as i64);
        for (place, (streams, envelope)) in rows.iter().enumerate() {
            self.recent.remember(envelope.id.0, *streams);
            self.hold(last + 1 + place as i64, *streams, envelope, now_ms);
        }
        Ok(())
    }

    /// Where a relay stands.
    pub fn held(&self, relay: &str) -> Held {
        self.places.held(relay)
    }

    /// Moves a relay, whose messages are there.
    pub async fn stand_at(&mut self, relay: &str, place: Place) -> Result<(), QueueError> {
        if self.places.stand_at(relay, place)
            && let Some(connection) = &mut self.connection
        {
            self.places.save(connection).await?;
        }
        Ok(())
    }

    /// Leases at most `max` messages.
    pub async fn lease(
        &mut self,
        stream: Stream,
        max: usize,
        now: Instant,
    ) -> Result<(Vec<Delivery>, &mut StreamState), QueueError> {
        let last = self.last().await?;
        let state = self.stream(stream).await?;
        state.wait_over(now);
        let (id, short) = (state.id as usize, state.ready() < max && state.loaded < last);
        if short || (state.is_shared() && state.loaded < last) {
            self.read_on(id, last).await?;
        }
        self.call_in(id).await?;
        let state = &mut self.streams[id];
        Ok((state.lease(max), state))
    }

    /// Finishes messages.
    pub async fn finish(&mut self, stream: Stream, ids: &[DeliveryId]) -> Result<(), QueueError> {
        let state = self.stream(stream).await?;
        for id in ids {
            state.finish(id.0 as i64);
        }
        let id = state.id as usize;
        if state.finished() - state.saved >= SAVE_ROWS {
            self.save(id).await?;
        }
        self.purge().await
    }

    /// Writes down how far a stream is finished.
    async fn save(&mut self, id: usize) -> Result<(), QueueError> {
        let finished = self.streams[id].finished();
        if finished > self.streams[id].saved {
            sqlx::query(sql::FINISH).bind(id as i64).bind(finished).execute(self.connection()?).await?;
            self.streams[id].saved = finished;
        }
        Ok(())
    }

    /// Ends leases; the messages are there again.
    pub async fn release(&mut self, stream: Stream, ids: &[DeliveryId]) -> Result<(), QueueError> {
        let state = self.stream(stream).await?;
        for id in ids {
            state.release(id.0 as i64);
        }
        state.wake.notify_waiters();
        Ok(())
    }

    /// How often a leased message will have failed, once this failure is counted; nothing when it is not leased.
    pub async fn attempts_after_failure(&mut self, stream: Stream, id: DeliveryId) -> Result<Option<u32>, QueueError> {
        Ok(self.stream(stream).await?.attempts(id.0 as i64).map(|attempts| attempts + 1))
    }

    /// Puts a leased message off until `due`.
    pub async fn put_off(
        &mut self,
        stream: Stream,
        id: DeliveryId,
        attempts: u32,
        due: Instant,
    ) -> Result<(), QueueError> {
        let (row, seq) = (self.stream(stream).await?.id, id.0 as i64);
        let query = sqlx::query(sql::COUNT_ATTEMPT).bind(i64::from(row)).bind(seq).bind(i64::from(attempts));
        query.execute(self.connection()?).await?;
        let state = &mut self.streams[row as usize];
        state.note_attempts(seq, attempts);
        state.put_off(seq, due);
        // Those who wait must learn of the new time to wait for.
        state.wake.notify_waiters();
        Ok(())
    }

    /// Moves a leased message to the dead letters.
    pub async fn bury(
        &mut self,
        stream: Stream,
        id: DeliveryId,
        attempts: u32,
        error: &str,
        now_ms: i64,
    ) -> Result<(), QueueError> {
        let (row, seq) = (self.stream(stream).await?.id, id.0 as i64);
        let error: String = error.chars().take(ERROR_CHARS).collect();
        let query = sqlx::query(sql::BURY).bind(i64::from(row)).bind(seq).bind(i64::from(attempts));
        query.bind(error).bind(now_ms).execute(self.connection()?).await?;
        self.streams[row as usize].note_dead(seq);
        self.finish(stream, &[id]).await
    }

    /// How much is unfinished.
    pub async fn depth(&mut self, stream: Stream, now_ms: i64) -> Result<Depth, QueueError> {
        let state = self.stream(stream).await?;
        let (id, bit, loaded) = (i64::from(state.id), state.bit() as i64, state.loaded);
        let (held, oldest_held) = state.unfinished();
        let row = sqlx::query(sql::COUNT).bind(loaded).bind(bit).fetch_one(self.connection()?).await?;
        let (unread, oldest_unread): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
        let dead: i64 = sqlx::query(sql::COUNT_DEAD).bind(id).fetch_one(self.connection()?).await?.try_get(0)?;
        let age = |since: i64| Duration::from_millis(u64::try_from(now_ms - since).unwrap_or(0));
        let oldest_age = oldest_held.or(oldest_unread).map(age);
        Ok(Depth { unfinished: held + unread as u64, oldest_age, dead: dead as u64 })
    }

    /// Unfinished messages by office. What is not read ahead yet is not counted.
    pub fn by_office(&self, subscriber: Service) -> BTreeMap<String, u64> {
        let mut all = BTreeMap::new();
        for (_, id) in self.by_stream.iter().filter(|(stream, _)| stream.subscriber == subscriber) {
            for (office, unfinished) in self.streams[*id].by_office() {
                *all.entry(office).or_default() += unfinished;
            }
        }
        all
    }

    /// The dead letters.
    pub async fn dead_letters(&mut self, stream: Stream, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        let id = i64::from(self.stream(stream).await?.id);
        let query = sqlx::query(sql::DEAD).bind(id).bind(limit as i64);
        let rows = query.fetch_all(self.connection()?).await?;
        rows.iter().map(read_dead).collect()
    }

    /// Appends dead letters again.
    pub async fn redrive(&mut self, stream: Stream, ids: &[DeliveryId], now_ms: i64) -> Result<usize, QueueError> {
        let last = self.last().await?;
        let state = self.stream(stream).await?;
        let (id, bit) = (i64::from(state.id), state.bit() as i64);
        let places: Vec<i64> = ids.iter().map(|id| id.0 as i64).collect();
        let places = serde_json::to_string(&places).map_err(|error| unreadable("places", error))?;
        self.last = None;
        let mut tx = self.connection()?.begin().await?;
        let query = sqlx::query(sql::REDRIVE).bind(id).bind(places.as_str()).bind(bit).bind(last).bind(now_ms);
        let count = query.execute(&mut *tx).await?.rows_affected();
        sqlx::query(sql::EXHUME).bind(id).bind(places.as_str()).execute(&mut *tx).await?;
        tx.commit().await?;
        self.last = Some(last + count as i64);
        self.stream(stream).await?.wake.notify_waiters();
        Ok(count as usize)
    }

    /// Hands a message just appended to those of its streams that have read everything before it.
    fn hold(&mut self, seq: i64, streams: u64, envelope: &Envelope, now_ms: i64) {
        let mut shared: Option<Arc<Envelope>> = None;
        for state in &mut self.streams {
            let meant = streams & state.bit() != 0;
            if meant {
                state.wake.notify_waiters();
            }
            if state.loaded != seq - 1 || (meant && !state.has_room()) {
                continue;
            }
            state.loaded = seq;
            if meant {
                let envelope = shared.get_or_insert_with(|| Arc::new(envelope.clone()));
                state.load(seq, Kept::new(Arc::clone(envelope), now_ms));
            }
        }
    }

    async fn read_on(&mut self, id: usize, last: i64) -> Result<(), QueueError> {
        let (bit, loaded) = (self.streams[id].bit() as i64, self.streams[id].loaded);
        let query = sqlx::query(sql::READ).bind(loaded).bind(bit).bind(READ_ROWS as i64);
        let rows = query.fetch_all(self.connection()?).await?;
        let messages = rows.iter().map(read_kept).collect::<Result<Vec<_>, _>>()?;
        let state = &mut self.streams[id];
        state.loaded = messages.last().filter(|_| messages.len() == READ_ROWS).map_or(last, |(seq, _)| *seq);
        for (seq, held) in messages {
            state.load(seq, held);
        }
        Ok(())
    }

    /// Reads again what waited aside and has its turn. Nothing changes when the call goes away in the middle.
    async fn call_in(&mut self, id: usize) -> Result<(), QueueError> {
        let called = self.streams[id].called();
        if called.is_empty() {
            return Ok(());
        }
        let places = serde_json::to_string(&called).map_err(|error| unreadable("places", error))?;
        let rows = sqlx::query(sql::READ_AGAIN).bind(places).fetch_all(self.connection()?).await?;
        let messages = rows.iter().map(read_kept).collect::<Result<Vec<_>, _>>()?;
        self.streams[id].come_in(messages);
        Ok(())
    }

    async fn purge(&mut self) -> Result<(), QueueError> {
        let finished = self.streams.iter().map(StreamState::finished).min().unwrap_or(0);
        if finished - self.purged < PURGE_ROWS {
            return Ok(());
        }
        sqlx::query(sql::PURGE_LOG).bind(finished).execute(self.connection()?).await?;
        sqlx::query(sql::PURGE_ATTEMPTS).bind(finished).execute(self.connection()?).await?;
        self.purged = finished;
        Ok(())
    }

    /// The last place used. After an append was cut off the file is asked what became of it.
    async fn last(&mut self) -> Result<i64, QueueError> {
        if let Some(last) = self.last {
            return Ok(last);
        }
        let rows = sqlx::query(sql::RECENT).bind(REMEMBERED as i64).fetch_all(self.connection()?).await?;
        for row in rows.iter().rev() {
            let id: String = row.try_get(0)?;
            let id = Uuid::try_parse(&id).map_err(|error| unreadable("message", error))?;
            self.recent.remember(id, row.try_get::<i64, _>(1)? as u64);
        }
        let last: i64 = sqlx::query(sql::LAST).fetch_one(self.connection()?).await?.try_get(0)?;
        self.last = Some(last);
        Ok(last)
    }

    async fn stream(&mut self, stream: Stream) -> Result<&mut StreamState, QueueError> {
        let id = match self.by_stream.get(&stream) {
            Some(id) => *id,
            None => self.add_stream(stream).await?,
        };
        Ok(&mut self.streams[id])
    }

    async fn add_stream(&mut self, stream: Stream) -> Result<usize, QueueError> {
        let (id, last) = (self.streams.len(), self.last().await?);
        if id >= MOST_STREAMS {
            return Err(QueueError::TooManyStreams { most: MOST_STREAMS });
        }
        let query = sqlx::query(sql::ADD_STREAM).bind(id as i64).bind(stream.to_string()).bind(last);
        query.execute(self.connection()?).await?;
        let state = self.state(stream, id, last);
        self.streams.push(state);
        self.by_stream.insert(stream, id);
        Ok(id)
    }

    async fn load_streams(&mut self) -> Result<(), QueueError> {
        for row in sqlx::query(sql::STREAMS).fetch_all(self.connection()?).await? {
            let (id, name): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
            let stream = Stream::from_str(&name).map_err(|error| unreadable("stream", error))?;
            let state = self.state(stream, id as usize, row.try_get(2)?);
            self.streams.push(state);
            self.by_stream.insert(stream, id as usize);
        }
        for row in sqlx::query(sql::UNFINISHED_FAILURES).fetch_all(self.connection()?).await? {
            let (stream, seq): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            let Some(state) = self.streams.get_mut(stream as usize).filter(|state| seq > state.saved) else { continue };
            if row.try_get::<i64, _>(3)? == 1 {
                state.note_dead(seq);
            } else {
                state.note_attempts(seq, row.try_get::<i64, _>(2)? as u32);
            }
        }
        Ok(())
    }

    fn state(&self, stream: Stream, id: usize, finished: i64) -> StreamState {
        StreamState::new(id as u32, finished, Some(&self.fairness).filter(|fairness| fairness.holds(stream)))
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection, QueueError> {
        self.connection.as_mut().ok_or_else(|| sqlx::Error::PoolClosed.into())
    }
}

/// Makes what is missing; a file that is new keeps the places of relays from its beginning on.
async fn make_tables(connection: &mut SqliteConnection) -> Result<(), QueueError> {
    let mut tx = connection.begin().await?;
    let is_new: bool = sqlx::query(sql::IS_NEW).fetch_one(&mut *tx).await?.try_get(0)?;
    sqlx::raw_sql(sql::SCHEMA).execute(&mut *tx).await?;
    if is_new {
        sqlx::raw_sql(sql::MARK_PLACES).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

/// A message of the log with its place.
fn read_kept(row: &SqliteRow) -> Result<(i64, Kept), QueueError> {
    Ok((row.try_get(0)?, Kept::new(Arc::new(read_envelope(row)?), row.try_get(2)?)))
}

async fn connect(url: &str) -> Result<SqliteConnection, QueueError> {
    let refuse = |reason: String| StoreError::Url { url: url.to_owned(), reason };
    let options = SqliteConnectOptions::from_str(url).map_err(|error| refuse(error.to_string()))?;
    if let Some(directory) = options.get_filename().parent() {
        std::fs::create_dir_all(directory).map_err(|error| refuse(error.to_string()))?;
    }
    let options = options
        .create_if_missing(true)
        .locking_mode(SqliteLockingMode::Exclusive)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-8192")
        .pragma("wal_autocheckpoint", "4000")
        .disable_statement_logging();
    Ok(options.connect().await?)
}
