//! What one process knows of a stream: messages read ahead, leases, and waits after failures.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use events::Envelope;
use tokio::sync::Notify;

use super::aside::Offices;
use crate::{Delivery, DeliveryId, Fairness};

/// The most messages of a stream that are held in memory before they are asked for.
const AHEAD_MESSAGES: usize = 4_096;
/// The most bytes of their bodies.
const AHEAD_BYTES: usize = 32 * 1024 * 1024;

/// A message in memory.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The message, shared by the streams it goes to.
    pub envelope: Arc<Envelope>,
    /// When it was published (Unix milliseconds).
    pub published_at_ms: i64,
    /// When its turn is among the others of the stream.
    turn: u64,
}

impl Kept {
    /// A message published at a time, whose turn is not known yet.
    pub fn new(envelope: Arc<Envelope>, published_at_ms: i64) -> Self {
        Self { envelope, published_at_ms, turn: 0 }
    }
}

/// A stream. Every message up to `loaded` is in exactly one of `ready`, `put_off`, `leased` and aside, or finished.
#[derive(Debug)]
pub struct StreamState {
    /// Its row in the file; also the number of its bit.
    pub id: u32,
    /// The place up to which the file says that all is finished.
    pub saved: i64,
    /// The place up to which messages have been read from the log.
    pub loaded: i64,
    /// Wakes those who wait for messages.
    pub wake: Arc<Notify>,
    /// By turn, and then by place.
    ready: BTreeMap<(u64, i64), Kept>,
    ready_bytes: usize,
    put_off: BTreeMap<i64, (Instant, Kept)>,
    leased: BTreeMap<i64, Kept>,
    attempts: HashMap<i64, u32>,
    dead: HashSet<i64>,
    /// Where offices share the stream.
    offices: Option<Offices>,
    /// The last turn given.
    turn: u64,
}

impl StreamState {
    /// A stream of which everything up to `finished` is finished.
    pub fn new(id: u32, finished: i64, fairness: Option<&Fairness>) -> Self {
        Self {
            id,
            saved: finished,
            loaded: finished,
            wake: Arc::default(),
            ready: BTreeMap::new(),
            ready_bytes: 0,
            put_off: BTreeMap::new(),
            leased: BTreeMap::new(),
            attempts: HashMap::new(),
            dead: HashSet::new(),
            offices: fairness.cloned().map(Offices::new),
            turn: 0,
        }
    }

    /// The bit that marks its messages in the log.
    pub fn bit(&self) -> u64 {
        1 << self.id
    }

    /// Whether there is room to hold another message before it is asked for.
    pub fn has_room(&self) -> bool {
        self.ready.len() < AHEAD_MESSAGES && self.ready_bytes < AHEAD_BYTES
    }

    /// Adds a message of the log; one that is among the dead letters is finished, and one whose office has its share of
    /// the stream already waits aside.
    pub fn load(&mut self, seq: i64, held: Kept) {
        if self.dead.contains(&seq) {
            return;
        }
        if let (Some(offices), Some(office)) = (&mut self.offices, &held.envelope.office)
            && !offices.take(office.as_str(), seq, held.published_at_ms)
        {
            return;
        }
        self.take_turn(seq, held);
    }

    /// Whether offices share the stream: then all of the log is looked through for those whose turn it is.
    pub fn is_shared(&self) -> bool {
        self.offices.is_some()
    }

    /// The places of messages aside whose turn has come, to be read again and handed to [`come_in`](Self::come_in).
    pub fn called(&self) -> Vec<i64> {
        self.offices.as_ref().map(Offices::called).unwrap_or_default()
    }

    /// Adds the messages that are [`called`](Self::called).
    pub fn come_in(&mut self, messages: Vec<(i64, Kept)>) {
        if let Some(offices) = &mut self.offices {
            offices.come_in();
        }
        for (seq, held) in messages {
            self.take_turn(seq, held);
        }
    }

    /// Makes a message ready behind all that are.
    fn take_turn(&mut self, seq: i64, held: Kept) {
        self.turn += 1;
        self.make_ready(seq, Kept { turn: self.turn, ..held });
    }

    /// Unfinished messages by office; none where offices do not share the stream.
    pub fn by_office(&self) -> BTreeMap<String, u64> {
        self.offices.as_ref().map(Offices::unfinished).unwrap_or_default()
    }

    /// Messages that can be leased now.
    pub fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Makes messages ready whose wait is over.
    pub fn wait_over(&mut self, now: Instant) {
        for (seq, (_, held)) in self.put_off.extract_if(.., |_, (due, _)| *due <= now).collect::<Vec<_>>() {
            self.make_ready(seq, held);
        }
    }

    /// When the next wait is over.
    pub fn next_due(&self) -> Option<Instant> {
        self.put_off.values().map(|(due, _)| *due).min()
    }

    /// Leases at most `max` messages, in order.
    pub fn lease(&mut self, max: usize) -> Vec<Delivery> {
        let mut deliveries = Vec::with_capacity(max.min(self.ready.len()));
        while deliveries.len() < max
            && let Some(((_, seq), held)) = self.ready.pop_first()
        {
            self.ready_bytes -= held.envelope.body.get().len();
            let attempts = self.attempts.get(&seq).copied().unwrap_or_default();
            let envelope = Envelope::clone(&held.envelope);
            deliveries.push(Delivery { id: DeliveryId(seq as u128), attempts, envelope });
            self.leased.insert(seq, held);
        }
        deliveries
    }

    /// Ends the lease of a message and forgets it: it is finished.
    pub fn finish(&mut self, seq: i64) {
        let finished = self.leased.remove(&seq);
        self.attempts.remove(&seq);
        if let (Some(offices), Some(kept)) = (&mut self.offices, finished)
            && let Some(office) = &kept.envelope.office
        {
            offices.left(office.as_str());
        }
    }

    /// Ends the lease of a message, which is there again.
    pub fn release(&mut self, seq: i64) {
        if let Some(held) = self.leased.remove(&seq) {
            self.make_ready(seq, held);
        }
    }

    /// Ends the lease of a message, which is there again at `due`.
    pub fn put_off(&mut self, seq: i64, due: Instant) {
        if let Some(held) = self.leased.remove(&seq) {
            self.put_off.insert(seq, (due, held));
        }
    }

    /// How often a leased message has failed.
    pub fn attempts(&self, seq: i64) -> Option<u32> {
        self.leased.contains_key(&seq).then(|| self.attempts.get(&seq).copied().unwrap_or_default())
    }

    /// Notes how often a message has failed.
    pub fn note_attempts(&mut self, seq: i64, attempts: u32) {
        self.attempts.insert(seq, attempts);
    }

    /// Notes that a message is among the dead letters.
    pub fn note_dead(&mut self, seq: i64) {
        self.dead.insert(seq);
    }

    /// The place up to which all is finished.
    pub fn finished(&self) -> i64 {
        let first = [self.first_ready().map(|(seq, _)| seq), self.leased.first_key_value().map(|(seq, _)| *seq)];
        let put_off = self.put_off.first_key_value().map(|(seq, _)| *seq);
        let aside = self.offices.as_ref().and_then(Offices::first).map(|(seq, _)| seq);
        first.into_iter().chain([put_off, aside]).flatten().min().map_or(self.loaded, |seq| seq - 1)
    }

    /// Messages in memory that are not finished, and when the oldest was published.
    pub fn unfinished(&self) -> (u64, Option<i64>) {
        let put_off = self.put_off.first_key_value().map(|(seq, (_, held))| (*seq, held));
        let ready = self.first_ready();
        let leased = self.leased.first_key_value().map(|(seq, held)| (*seq, held));
        let known = [put_off, ready, leased].into_iter().flatten().map(|(seq, held)| (seq, held.published_at_ms));
        let oldest = known.chain(self.offices.as_ref().and_then(Offices::first)).min_by_key(|(seq, _)| *seq);
        let aside = self.offices.as_ref().map_or(0, Offices::waiting);
        let count = self.ready.len() + self.put_off.len() + self.leased.len() + aside;
        (count as u64, oldest.map(|(_, published_at_ms)| published_at_ms))
    }

    fn make_ready(&mut self, seq: i64, held: Kept) {
        self.ready_bytes += held.envelope.body.get().len();
        self.ready.insert((held.turn, seq), held);
    }

    /// The lowest place that is ready: the first, unless others were called in from behind.
    fn first_ready(&self) -> Option<(i64, &Kept)> {
        let ready = self.ready.iter().map(|((_, seq), held)| (*seq, held));
        if self.offices.is_some() { ready.min_by_key(|(seq, _)| *seq) } else { ready.take(1).next() }
    }
}
