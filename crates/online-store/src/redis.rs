//! The online store of many processes: one packed value per entity in Redis 7 or Valkey.
//!
//! One key says where the store stands: the generation of its keys and the sequence that is applied. A read asks for it
//! together with the states, in one command, so that all of them hold at one sequence. A write watches it, compares, and
//! moves it in the transaction that writes the states (a script would take every state apart once more). The writer asks
//! only for states that it did not write lately, and whether the store still stands where it led it. Filling writes a new
//! generation beside the one in force and then moves the place to it; what belongs to no generation in force is deleted. All
//! keys carry the same tag, so that a cluster keeps them together.

mod known;

use std::hash::BuildHasherDefault;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use features::{ByEntity, EntityKey, EntityState};
use redis::{Cmd, Pipeline, Script};
use redis_link::Link;
use tokio::sync::Mutex as AsyncMutex;

use known::Known;

use crate::{Entries, OnlineStore, OnlineStoreError, Settings, Snapshot};

static FILLED: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("redis/filled.lua")));

/// States in one command.
const AT_ONCE: usize = 1_000;
/// Keys that one step of a search for what is left over looks at.
const LOOKED_AT: usize = 10_000;
/// Bytes of a key that name the entity.
const ENTITY_BYTES: usize = 16;
/// A usual state, packed.
const STATE_BYTES: usize = 32;

/// The online store in Redis.
pub struct RedisOnlineStore {
    link: Link,
    /// Writes go over a connection of their own, one at a time: what is watched is watched by the connection.
    writing: AsyncMutex<Link>,
    root: String,
    /// The generation that was in force lately; 0 when nothing is known.
    generation: AtomicU64,
    /// What need not be asked for; nothing where nothing is written.
    known: Mutex<Known>,
}

/// Where the store stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    generation: u64,
    sequence: u64,
}

impl Place {
    fn text(self) -> String {
        format!("{}:{}", self.generation, self.sequence)
    }

    fn read(text: Option<&[u8]>) -> Result<Self, OnlineStoreError> {
        let text = text.ok_or(OnlineStoreError::Empty)?;
        let parsed = std::str::from_utf8(text).ok().and_then(|text| {
            let (generation, sequence) = text.split_once(':')?;
            Some(Self { generation: generation.parse().ok()?, sequence: sequence.parse().ok()? })
        });
        parsed.ok_or(OnlineStoreError::Unreadable("a place"))
    }
}

impl RedisOnlineStore {
    /// The store in the Redis that `settings` name, which is reached when it is first asked.
    pub async fn open(settings: &Settings) -> Result<Self, OnlineStoreError> {
        let client = redis_link::client(&settings.address()).await?;
        let answers = Duration::from_millis(settings.response_timeout_ms);
        let link = Link::new(client.clone(), format!("{}:online", settings.prefix), answers);
        let writing = AsyncMutex::new(Link::new(client, format!("{}:online-writing", settings.prefix), answers));
        Ok(Self {
            link,
            writing,
            root: format!("{{{}}}:1:online", settings.prefix),
            generation: AtomicU64::new(0),
            known: Mutex::default(),
        })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The states of different `keys` that are known, and where they hold.
    fn look_up(&self, keys: &[EntityKey]) -> Option<(Place, Vec<Option<EntityState>>)> {
        let mut known = self.known();
        let place = known.place()?;
        Some((place, keys.iter().map(|key| known.get(*key)).collect()))
    }

    /// The states of different `keys`: those that are known, and the others as the store holds them.
    async fn complete(
        &self,
        generation: u64,
        keys: &[EntityKey],
    ) -> Result<(Place, Vec<Option<EntityState>>), OnlineStoreError> {
        if let Some((at, mut states)) = self.look_up(keys) {
            let missing: Vec<usize> = (0..keys.len()).filter(|place| states[*place].is_none()).collect();
            let asked: Vec<EntityKey> = missing.iter().map(|place| keys[*place]).collect();
            let (place, found) = self.ask(generation, &asked).await?;
            let mut known = self.known();
            if place == at {
                for (missing, state) in missing.into_iter().zip(found) {
                    states[missing] = state;
                    if let (Some(state), true) = (state, known.place() == Some(at)) {
                        known.put(keys[missing], state);
                    }
                }
                return Ok((place, states));
            }
            known.forget();
        }
        self.ask(generation, keys).await
    }

    fn place_key(&self) -> String {
        format!("{}:place", self.root)
    }

    fn filling_key(&self) -> String {
        format!("{}:filling", self.root)
    }

    /// Announces a new generation. Of several that are filled at once the one that was begun last comes into force.
    async fn begin_filling(&self, in_force: u64) -> Result<u64, OnlineStoreError> {
        loop {
            let mut connection = self.link.connection().await?;
            let mut next = redis::cmd("INCR");
            next.arg(self.filling_key());
            let generation = next.query_async::<u64>(&mut connection.redis).await;
            let generation = self.link.judged(&connection, generation)?;
            if generation != in_force {
                return Ok(generation);
            }
        }
    }

    /// What the keys of a generation begin with.
    fn generation_root(&self, generation: u64) -> Vec<u8> {
        format!("{}:{generation}:", self.root).into_bytes()
    }

    async fn place(&self) -> Result<Place, OnlineStoreError> {
        let mut connection = self.link.connection().await?;
        let mut get = redis::cmd("GET");
        get.arg(self.place_key());
        let text = get.query_async::<Option<Vec<u8>>>(&mut connection.redis).await;
        let place = Place::read(self.link.judged(&connection, text)?.as_deref())?;
        self.generation.store(place.generation, Ordering::Relaxed);
        Ok(place)
    }

    /// The states of different `keys`, by their place among them, with the place of the store; none in another generation.
    async fn ask(
        &self,
        generation: u64,
        keys: &[EntityKey],
    ) -> Result<(Place, Vec<Option<EntityState>>), OnlineStoreError> {
        let root = self.generation_root(generation);
        let mut get = Cmd::with_capacity(keys.len() + 2, (root.len() + ENTITY_BYTES) * (keys.len() + 2));
        get.arg("MGET").arg(self.place_key());
        let mut name = root.clone();
        for key in keys {
            name.truncate(root.len());
            name.extend_from_slice(&key.0.to_be_bytes());
            get.arg(name.as_slice());
        }
        let mut connection = self.link.connection().await?;
        let answer = get.query_async::<Vec<Option<Vec<u8>>>>(&mut connection.redis).await;
        let mut found = self.link.judged(&connection, answer)?;
        if found.len() != keys.len() + 1 {
            return Err(OnlineStoreError::Unreadable("another number of states"));
        }
        let states = found.split_off(1);
        let place = Place::read(found[0].as_deref())?;
        if place.generation != generation {
            return Ok((place, Vec::new()));
        }
        let states = states.iter().map(|bytes| bytes.as_deref().map(unpack).transpose());
        Ok((place, states.collect::<Result<_, _>>()?))
    }

    async fn send(&self, pipe: &Pipeline) -> Result<(), OnlineStoreError> {
        let mut connection = self.link.connection().await?;
        let sent = pipe.exec_async(&mut connection.redis).await;
        Ok(self.link.judged(&connection, sent)?)
    }

    /// The transaction that writes states and moves the place.
    fn change(&self, then: Place, entries: &[(EntityKey, EntityState)]) -> Pipeline {
        let root = self.generation_root(then.generation);
        let mut change = redis::pipe();
        change.atomic();
        let mut bytes = Vec::with_capacity(STATE_BYTES);
        let mut key_name = root.clone();
        for entries in entries.chunks(AT_ONCE) {
            let size = (root.len() + ENTITY_BYTES + STATE_BYTES) * entries.len();
            let mut set = Cmd::with_capacity(2 * entries.len() + 1, size);
            set.arg("MSET");
            for (key, state) in entries {
                key_name.truncate(root.len());
                key_name.extend_from_slice(&key.0.to_be_bytes());
                bytes.clear();
                state.pack(&mut bytes);
                set.arg(key_name.as_slice()).arg(bytes.as_slice());
            }
            change.add_command(set).ignore();
        }
        change.cmd("SET").arg(self.place_key()).arg(then.text()).ignore();
        change
    }

    /// Deletes the states of every generation but `kept`.
    async fn clear_but(&self, kept: u64) -> Result<(), OnlineStoreError> {
        let (root, kept) = (format!("{}:", self.root), self.generation_root(kept));
        let pattern = format!("{root}*:*");
        let mut cursor = 0_u64;
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(&pattern).arg("COUNT").arg(LOOKED_AT);
            let mut connection = self.link.connection().await?;
            let answer = scan.query_async::<(u64, Vec<Vec<u8>>)>(&mut connection.redis).await;
            let (next, names) = self.link.judged(&connection, answer)?;
            let old: Vec<_> = names.into_iter().filter(|name| !name.starts_with(&kept)).collect();
            if !old.is_empty() {
                let mut pipe = redis::pipe();
                pipe.cmd("UNLINK").arg(old).ignore();
                self.send(&pipe).await?;
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }
}

#[async_trait::async_trait]
impl OnlineStore for RedisOnlineStore {
    async fn read(&self, keys: &[EntityKey]) -> Result<Snapshot, OnlineStoreError> {
        if keys.is_empty() {
            return Ok(Snapshot { states: Vec::new(), sequence: self.place().await?.sequence });
        }
        // Declarations of a batch have most of their entities in common.
        let (mut different, mut places) = (Vec::new(), Vec::with_capacity(keys.len()));
        let mut seen: ByEntity<usize> = ByEntity::with_capacity_and_hasher(keys.len(), BuildHasherDefault::default());
        for key in keys {
            places.push(*seen.entry(*key).or_insert_with(|| {
                different.push(*key);
                different.len() - 1
            }));
        }
        let mut generation = self.generation.load(Ordering::Relaxed);
        if generation == 0 {
            generation = self.place().await?.generation;
        }
        loop {
            let (place, states) = self.complete(generation, &different).await?;
            if place.generation != generation {
                // It was filled anew in between.
                generation = place.generation;
                self.generation.store(generation, Ordering::Relaxed);
                continue;
            }
            return Ok(Snapshot {
                states: places.into_iter().map(|at| states[at]).collect(),
                sequence: place.sequence,
            });
        }
    }

    async fn write(
        &self,
        after: u64,
        sequence: u64,
        entries: &[(EntityKey, EntityState)],
    ) -> Result<(), OnlineStoreError> {
        let link = self.writing.lock().await;
        loop {
            let mut connection = link.connection().await?;
            let mut watch = redis::pipe();
            watch.cmd("WATCH").arg(self.place_key()).ignore().cmd("GET").arg(self.place_key());
            let stands = watch.query_async::<(Option<Vec<u8>>,)>(&mut connection.redis).await;
            let stands = Place::read(link.judged(&connection, stands)?.0.as_deref())?;
            self.generation.store(stands.generation, Ordering::Relaxed);
            let then = Place { sequence, ..stands };
            if stands.sequence == sequence && sequence != after {
                // An earlier attempt got through whose answer was lost: there is one writer.
                self.known().lead(Place { sequence: after, ..stands }, then, entries);
                return Ok(());
            }
            if stands.sequence != after {
                self.known().forget();
                return Err(OnlineStoreError::Elsewhere { expected: after, applied: stands.sequence });
            }
            let change = self.change(then, entries);
            let changed = change.query_async::<Option<()>>(&mut connection.redis).await;
            // Nothing: the place was moved in between.
            if link.judged(&connection, changed)?.is_some() {
                self.known().lead(stands, then, entries);
                return Ok(());
            }
        }
    }

    async fn fill(&self, sequence: u64, mut entries: Entries<'_>) -> Result<(), OnlineStoreError> {
        let in_force = match self.place().await {
            Ok(place) => place.generation,
            // Whatever is there is not usable, and goes.
            Err(OnlineStoreError::Empty | OnlineStoreError::Unreadable(_)) => 0,
            Err(error) => return Err(error),
        };
        let generation = self.begin_filling(in_force).await?;
        // What a fill that broke off has left behind.
        self.clear_but(in_force).await?;
        let root = self.generation_root(generation);
        let mut bytes = Vec::with_capacity(STATE_BYTES);
        loop {
            let mut set = Cmd::with_capacity(2 * AT_ONCE + 1, (root.len() + ENTITY_BYTES + STATE_BYTES) * AT_ONCE);
            set.arg("MSET");
            let mut taken = 0;
            for (key, state) in entries.by_ref().take(AT_ONCE) {
                bytes.clear();
                state.pack(&mut bytes);
                set.arg(name(&root, key)).arg(bytes.as_slice());
                taken += 1;
            }
            if taken == 0 {
                break;
            }
            let mut pipe = redis::pipe();
            pipe.add_command(set).ignore();
            self.send(&pipe).await?;
        }
        let mut call = FILLED.prepare_invoke();
        call.key(self.place_key()).key(self.filling_key());
        call.arg(generation).arg(Place { generation, sequence }.text());
        if !redis_link::run::<bool>(&self.link, &call).await? {
            return Err(OnlineStoreError::Overtaken);
        }
        self.generation.store(generation, Ordering::Relaxed);
        tracing::info!(sequence, generation, "the online store is filled");
        self.clear_but(generation).await
    }
}

fn name(root: &[u8], key: EntityKey) -> Vec<u8> {
    let mut name = Vec::with_capacity(root.len() + ENTITY_BYTES);
    name.extend_from_slice(root);
    name.extend_from_slice(&key.0.to_be_bytes());
    name
}

fn unpack(bytes: &[u8]) -> Result<EntityState, OnlineStoreError> {
    match EntityState::unpack(bytes) {
        Some((state, [])) => Ok(state),
        _ => Err(OnlineStoreError::Unreadable("a state")),
    }
}
