//! The queue of many processes: Redis Streams (Redis 7, Valkey).
//!
//! A stream holds what is not finished; acknowledging deletes. One group reads it, so several processes share its work.
//! A lease lasts as long as the process gives signs of life, at most the longest handling time; then others take the
//! message over. What failed or was released waits beside the stream until it is due. What must happen together happens
//! in one script. Redis may lose everything: relays then publish again from the place that it still knows.

mod entries;
mod heartbeat;
mod keys;
mod lane;
mod leases;
mod publishing;
mod scripts;
mod shared;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use lifecycle::{ProcessClock, Shutdown, Tasks};
use redis::{Client, Value};
use redis_link::Link;

use crate::{
    DeadLetter, Delivery, DeliveryId, Depth, Held, NewMessage, Queue, QueueError, Relayed, Settings, Shard, Stream,
    Stretch, shards::Shards,
};
use keys::{Keys, id_text, published_at_ms, read_place};
use lane::{LONGEST_BLOCK, Lane};
use publishing::Parcel;
use shared::Shared;

/// Characters of an error that are kept.
const ERROR_CHARS: usize = 2_000;
/// Bytes of bodies in one stretch, before they are packed: beyond, both ends spend more on large buffers than they save in
/// round trips.
const BYTES_AT_ONCE: usize = 400_000;

/// The queue in Redis.
pub struct RedisQueue {
    client: Client,
    /// For everything that does not block.
    link: Arc<Link>,
    shared: Arc<Shared>,
    lanes: RwLock<HashMap<Stream, Arc<Lane>>>,
    /// The signs of life; they end with the queue.
    tasks: Tasks,
}

impl RedisQueue {
    /// Connects to the Redis that `settings` name and begins to give signs of life. What a former process of the same
    /// name left unfinished is there again.
    pub async fn open(settings: &Settings, clock: ProcessClock) -> Result<Self, QueueError> {
        settings.validate()?;
        let client = redis_link::client(&settings.address()).await?;
        let keys = Keys::new(&settings.prefix);
        let name = settings.consumer.clone().unwrap_or_else(lifecycle::process_name);
        let answers = Duration::from_millis(settings.response_timeout_ms);
        let link = Arc::new(Link::new(client.clone(), listed(settings, &name), answers));
        let incarnation = heartbeat::begin(&link, &keys, &name).await?;
        let shared = Arc::new(Shared {
            settings: settings.clone(),
            keys,
            clock,
            me: format!("{name}#{incarnation}"),
            name,
            incarnation,
            replaced: AtomicBool::new(false),
            shards: RwLock::new(Arc::new(Shards::of(settings))),
        });
        heartbeat::hear_of_shards(&link, &shared).await?;
        let tasks = Tasks::new(Shutdown::new());
        let beating = heartbeat::keep_on(Arc::clone(&link), Arc::clone(&shared), tasks.shutdown().clone());
        tasks.spawn("queue-heartbeat", beating);
        Ok(Self { client, link, shared, lanes: RwLock::default(), tasks })
    }

    fn lane(&self, stream: Stream) -> Arc<Lane> {
        if let Some(lane) = self.lanes.read().unwrap_or_else(PoisonError::into_inner).get(&stream) {
            return Arc::clone(lane);
        }
        let mut lanes = self.lanes.write().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(stream).or_insert_with(|| {
            let Shared { settings, name, .. } = &*self.shared;
            let answers = LONGEST_BLOCK + Duration::from_millis(settings.response_timeout_ms);
            let link = Link::new(self.client.clone(), listed(settings, name), answers);
            Arc::new(Lane::new(stream, self.shared.keys.of(stream), link))
        });
        Arc::clone(lane)
    }

    fn refuse_full(&self, parcel: &Parcel, number: i64) -> Result<(), QueueError> {
        match parcel.stream(number) {
            Some(stream) => Err(QueueError::Full { stream, most: self.shared.settings.most_unfinished }),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Queue for RedisQueue {
    async fn publish(&self, messages: &[NewMessage]) -> Result<(), QueueError> {
        let shards = self.shared.shards();
        let parcel = Parcel::pack(messages, |message| placed(&shards, message))?;
        if parcel.is_empty() {
            return Ok(());
        }
        let call = parcel.publish(&self.shared.keys, self.shared.settings.most_unfinished);
        self.refuse_full(&parcel, scripts::run(&self.link, &call).await?)
    }

    async fn relay(&self, stretch: Stretch<'_>, messages: &[NewMessage]) -> Result<Relayed, QueueError> {
        let shards = self.shared.shards();
        let parcel = Parcel::pack(messages, |message| placed(&shards, message))?;
        let call = parcel.relay(&self.shared.keys, self.shared.settings.most_unfinished, stretch);
        match scripts::run(&self.link, &call).await? {
            -1 => Ok(Relayed::Elsewhere),
            number => self.refuse_full(&parcel, number).map(|()| Relayed::Done),
        }
    }

    fn streams(&self) -> Vec<Stream> {
        self.shared.shards().streams()
    }

    async fn shards(&self) -> Result<Vec<Shard>, QueueError> {
        heartbeat::hear_of_shards(&self.link, &self.shared).await
    }

    /// The other processes go by it with their next sign of life.
    async fn tell_shards(&self, shards: Vec<Shard>) -> Result<(), QueueError> {
        self.shared.shards().with(shards.clone())?;
        let text = serde_json::to_string(&shards).map_err(|error| QueueError::unreadable("shards", error))?;
        let mut connection = self.link.connection().await?;
        let mut set = redis::cmd("SET");
        set.arg(self.shared.keys.shards()).arg(text);
        let told = set.exec_async(&mut connection.redis).await;
        self.link.judged(&connection, told)?;
        self.shared.go_by(shards)
    }

    fn bytes_at_once(&self) -> usize {
        BYTES_AT_ONCE
    }

    async fn held(&self, relay: &str) -> Result<Held, QueueError> {
        let mut connection = self.link.connection().await?;
        let mut get = redis::cmd("HGET");
        get.arg(self.shared.keys.places()).arg(relay);
        let place = get.query_async::<Option<String>>(&mut connection.redis).await;
        read_place(self.link.judged(&connection, place)?.as_deref())
    }

    async fn receive(&self, stream: &Stream, max: usize, wait: Duration) -> Result<Vec<Delivery>, QueueError> {
        self.lane(*stream).receive(&self.shared, max, wait).await
    }

    /// After an error the messages are remembered as finished: Redis is told with the next call.
    async fn acknowledge(&self, stream: &Stream, ids: &[DeliveryId]) -> Result<(), QueueError> {
        self.lane(*stream).finish(&self.link, ids).await
    }

    async fn release(&self, stream: &Stream, ids: &[DeliveryId]) -> Result<(), QueueError> {
        let lane = self.lane(*stream);
        let held: Vec<_> = ids.iter().copied().filter(|id| lane.leases().holds(*id)).collect();
        let released = lane.give_back(&self.link, &self.shared, &held).await;
        // Also after an error: the next look for strays gives them back.
        lane.leases().let_go(&held);
        released
    }

    async fn fail(&self, stream: &Stream, id: DeliveryId, error: &str) -> Result<(), QueueError> {
        let lane = self.lane(*stream);
        if !lane.leases().holds(id) {
            return Ok(());
        }
        let kept: String = error.chars().take(ERROR_CHARS).collect();
        let counted = lane.fail(&self.link, &self.shared, id, &kept, self.shared.settings.max_attempts).await;
        lane.leases().let_go(&[id]);
        match counted? {
            Some((_, 0)) => tracing::error!(%stream, %id, error, "message given up, see the dead letters"),
            Some((_, due_at_ms)) => lane.note_due(due_at_ms),
            None => {}
        }
        Ok(())
    }

    async fn depth(&self, stream: &Stream) -> Result<Depth, QueueError> {
        let keys = self.shared.keys.of(*stream);
        let mut connection = self.link.connection().await?;
        let mut pipe = redis::pipe();
        pipe.cmd("XLEN").arg(&keys.stream).cmd("XLEN").arg(&keys.dead);
        pipe.cmd("XRANGE").arg(&keys.stream).arg("-").arg("+").arg("COUNT").arg(1);
        let asked = pipe.query_async::<(u64, u64, Value)>(&mut connection.redis).await;
        let (unfinished, dead, oldest) = self.link.judged(&connection, asked)?;
        let now_ms = self.shared.clock.unix_ms();
        let age = |id| Duration::from_millis(u64::try_from(now_ms - published_at_ms(id)).unwrap_or_default());
        let oldest_age = entries::entries(oldest)?.first().map(|(id, _)| age(*id));
        Ok(Depth { unfinished, oldest_age, dead })
    }

    async fn dead_letters(&self, stream: &Stream, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        let mut connection = self.link.connection().await?;
        let mut range = redis::cmd("XRANGE");
        range.arg(self.shared.keys.of(*stream).dead).arg("-").arg("+").arg("COUNT").arg(limit);
        let dead = range.query_async::<Value>(&mut connection.redis).await;
        entries::dead_letters(self.link.judged(&connection, dead)?)
    }

    async fn redrive(&self, stream: &Stream, ids: &[DeliveryId]) -> Result<usize, QueueError> {
        let keys = self.shared.keys.of(*stream);
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        let mut call = scripts::REDRIVE.prepare_invoke();
        call.key(keys.stream).key(keys.dead);
        for id in ids {
            call.arg(id_text(id));
        }
        scripts::run(&self.link, &call).await
    }

    async fn close(&self) -> Result<(), QueueError> {
        self.tasks.shutdown().trigger();
        let lanes: Vec<_> = self.lanes.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for lane in lanes {
            lane.leave(&self.shared).await?;
        }
        let mut connection = self.link.connection().await?;
        let mut forget = redis::cmd("ZREM");
        forget.arg(self.shared.keys.consumers()).arg(&self.shared.me);
        let forgotten = forget.exec_async(&mut connection.redis).await;
        Ok(self.link.judged(&connection, forgotten)?)
    }
}

/// The stream of a message: of its office where that has one of its own.
fn placed(shards: &Shards, message: &NewMessage) -> Stream {
    shards.place(message.stream, message.envelope.office.as_ref())
}

/// What the server lists the connections of this process as.
fn listed(settings: &Settings, name: &str) -> String {
    format!("{}:{name}", settings.prefix)
}
