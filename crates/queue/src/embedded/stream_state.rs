//! What one process knows of a stream: messages read ahead, leases, and waits after failures.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use events::Envelope;
use tokio::sync::Notify;

use crate::{Delivery, DeliveryId};

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
}

/// A stream. Every message up to `loaded` is in exactly one of `ready`, `put_off` and `leased`, or finished.
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
    ready: BTreeMap<i64, Kept>,
    ready_bytes: usize,
    put_off: BTreeMap<i64, (Instant, Kept)>,
    leased: BTreeMap<i64, Kept>,
    attempts: HashMap<i64, u32>,
    dead: HashSet<i64>,
}

impl StreamState {
    /// A stream of which everything up to `finished` is finished.
    pub fn new(id: u32, finished: i64) -> Self {
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

    /// Adds a message of the log; one that is among the dead letters is finished.
    pub fn load(&mut self, seq: i64, held: Kept) {
        if !self.dead.contains(&seq) {
            self.make_ready(seq, held);
        }
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
            && let Some((seq, held)) = self.ready.pop_first()
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
        self.leased.remove(&seq);
        self.attempts.remove(&seq);
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
        let first =
            [self.ready.first_key_value().map(|(seq, _)| *seq), self.leased.first_key_value().map(|(seq, _)| *seq)];
        let put_off = self.put_off.first_key_value().map(|(seq, _)| *seq);
        first.into_iter().chain([put_off]).flatten().min().map_or(self.loaded, |seq| seq - 1)
    }

    /// Messages in memory that are not finished, and when the oldest was published.
    pub fn unfinished(&self) -> (u64, Option<i64>) {
        let put_off = self.put_off.first_key_value().map(|(seq, (_, held))| (*seq, held));
        let ready = self.ready.first_key_value().map(|(seq, held)| (*seq, held));
        let leased = self.leased.first_key_value().map(|(seq, held)| (*seq, held));
        let oldest = [put_off, ready, leased].into_iter().flatten().min_by_key(|(seq, _)| *seq);
        let count = self.ready.len() + self.put_off.len() + self.leased.len();
        (count as u64, oldest.map(|(_, held)| held.published_at_ms))
    }

    fn make_ready(&mut self, seq: i64, held: Kept) {
        self.ready_bytes += held.envelope.body.get().len();
        self.ready.insert(seq, held);
    }
}
