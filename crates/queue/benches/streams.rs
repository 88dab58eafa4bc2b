//! What a message costs on Redis Streams: publishing, receiving and acknowledging, in batches as the services do it, and
//! beside it one command per message. Processor time of this process and of the server, per message.
//!
//! Works on the Redis that `AFORO_TEST_REDIS_URL` names, with the password in `AFORO_TEST_REDIS_PASSWORD` where it asks for
//! one, under a prefix of its own that it empties when it ends. The bodies are those of a declaration with eight items: about
//! 3 KB.

use std::time::Duration;

use benchkit::{Report, cpu_time, median};
use customs::EventId;
use events::{Envelope, Service};
use lifecycle::{ProcessClock, Secret};
use queue::{DeliveryId, Held, NewMessage, Place, Queue, RedisQueue, Settings, Stream, Stretch};
use redis::aio::MultiplexedConnection;
use redis_link::Address;

const STREAM: Stream = Stream { subscriber: Service::Scoring, shard: 0 };
const MESSAGES: usize = 10_240;
const ALONE: usize = 1_024;
const BATCH: usize = 256;
/// As many as a relay publishes at once: 100 KB.
const STRETCH: usize = 32;
const REPEATS: usize = 5;
const BODY_BYTES: usize = 3_000;
/// Offices that the messages are about, in turns: those of one office beyond its window wait until it has finished some.
const OFFICES: usize = 12;

/// Processor microseconds of this process and of the server so far.
async fn micros(redis: &mut MultiplexedConnection) -> f64 {
    let told: String = redis::cmd("INFO").arg("cpu").query_async(redis).await.expect("the server tells");
    let seconds = |name: &str| -> f64 {
        let line = told.lines().find_map(|line| line.strip_prefix(name)).expect("the server tells its time");
        line.trim_start_matches(':').trim().parse().expect("a number")
    };
    cpu_time().as_secs_f64() * 1e6 + (seconds("used_cpu_sys:") + seconds("used_cpu_user:")) * 1e6
}

fn envelope(number: usize) -> Envelope {
    let occurred_at = testkit::noon();
    let office = format!("{:03}", 100 + number % OFFICES);
    let filler = "Declaración de 8 ítems, 118-2026; ".chars().cycle().take(BODY_BYTES).collect::<String>();
    let mut envelope = testkit::envelope("declaration.moved", number as u64, 0);
    envelope.office = Some(office.as_str().into());
    envelope.id = EventId::derive(occurred_at, &[&number.to_be_bytes()]);
    let body = serde_json::json!({ "number": number, "filler": filler }).to_string();
    envelope.body = serde_json::value::RawValue::from_string(body).expect("JSON was written");
    envelope
}

#[derive(Default)]
struct Figures {
    relayed: Vec<f64>,
    received: Vec<f64>,
    acknowledged: Vec<f64>,
    pipelined: Vec<f64>,
    alone: Vec<f64>,
}

/// One round of ours. The place of the relay is carried on from round to round.
async fn ours(
    queue: &RedisQueue,
    redis: &mut MultiplexedConnection,
    messages: &[NewMessage],
    held: &mut Held,
    figures: &mut Figures,
) {
    let per_message = |from: f64, to: f64| (to - from) / messages.len() as f64;
    let start = micros(redis).await;
    for batch in messages.chunks(STRETCH) {
        let seq = match held {
            Held::UpTo(place) => place.seq,
            _ => 0,
        };
        let event = batch.last().expect("a batch has messages").envelope.id;
        let up_to = Place { seq: seq + batch.len() as i64, event };
        let stretch = Stretch { relay: "bench", after: *held, up_to };
        queue.relay(stretch, batch).await.expect("published");
        *held = Held::UpTo(up_to);
    }
    let published = micros(redis).await;
    let mut ids: Vec<Vec<DeliveryId>> = Vec::new();
    for _ in messages.chunks(BATCH) {
        let deliveries = queue.receive(&STREAM, BATCH, Duration::ZERO).await.expect("received");
        ids.push(deliveries.iter().map(|delivery| delivery.id).collect());
    }
    let received = micros(redis).await;
    assert_eq!(ids.iter().map(Vec::len).sum::<usize>(), messages.len());
    for ids in &ids {
        queue.acknowledge(&STREAM, ids).await.expect("acknowledged");
    }
    let acknowledged = micros(redis).await;
    figures.relayed.push(per_message(start, published));
    figures.received.push(per_message(published, received));
    figures.acknowledged.push(per_message(received, acknowledged));
}

/// The bare commands: first pipelined without anything around them, then each message for itself.
async fn bare(redis: &mut MultiplexedConnection, key: &str, messages: &[NewMessage], figures: &mut Figures) {
    let text = |message: &NewMessage| serde_json::to_vec(&message.envelope).expect("envelopes are JSON");
    let start = micros(redis).await;
    for batch in messages.chunks(BATCH) {
        let mut pipe = redis::pipe();
        for message in batch {
            pipe.cmd("XADD").arg(key).arg("*").arg("e").arg(text(message)).ignore();
        }
        pipe.exec_async(redis).await.expect("published");
    }
    figures.pipelined.push((micros(redis).await - start) / messages.len() as f64);
    redis::cmd("DEL").arg(key).exec_async(redis).await.expect("emptied");
    let mut create = redis::cmd("XGROUP");
    create.arg("CREATE").arg(key).arg("workers").arg("0").arg("MKSTREAM");
    create.exec_async(redis).await.expect("the group is made");
    let start = micros(redis).await;
    for message in &messages[..ALONE] {
        let mut add = redis::cmd("XADD");
        let id: String = add.arg(key).arg("*").arg("e").arg(text(message)).query_async(redis).await.expect("published");
        let mut read = redis::cmd("XREADGROUP");
        read.arg("GROUP").arg("workers").arg("bench").arg("COUNT").arg(1).arg("STREAMS").arg(key).arg(">");
        let _: redis::Value = read.query_async(redis).await.expect("received");
        redis::cmd("XACK").arg(key).arg("workers").arg(&id).exec_async(redis).await.expect("acknowledged");
        redis::cmd("XDEL").arg(key).arg(&id).exec_async(redis).await.expect("deleted");
    }
    figures.alone.push((micros(redis).await - start) / ALONE as f64);
    redis::cmd("DEL").arg(key).exec_async(redis).await.expect("emptied");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let variable = |name: &str| std::env::var_os(name).and_then(|text| text.into_string().ok());
    let url = variable("AFORO_TEST_REDIS_URL").expect("AFORO_TEST_REDIS_URL names a Redis");
    let password = Secret::new(variable("AFORO_TEST_REDIS_PASSWORD").unwrap_or_default());
    let mut report = Report::of("streams");
    let mut redis = redis_link::client(&Address::new(&url, &password, None, None))
        .await
        .expect("the URL names a Redis")
        .get_multiplexed_async_connection_with_config(
            &redis::AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(30))),
        )
        .await
        .expect("Redis answers");
    let prefix = format!("bench-{}", std::process::id());
    let settings = Settings { prefix: prefix.clone(), password, ..Settings::new(url) };
    let queue = RedisQueue::open(&settings, ProcessClock::default()).await.expect("the queue opens");
    let messages: Vec<_> =
        (0..MESSAGES).map(|number| NewMessage { stream: STREAM, envelope: envelope(number) }).collect();
    let (mut held, mut figures) = (Held::Nothing, Figures::default());
    for round in 0..=REPEATS {
        report.progress(&format!("round {round} of {REPEATS}"));
        if round == 1 {
            figures = Figures::default();
        }
        ours(&queue, &mut redis, &messages, &mut held, &mut figures).await;
        bare(&mut redis, &format!("{{{prefix}}}:bare"), &messages, &mut figures).await;
    }
    queue.close().await.expect("the queue closes");
    let keys: Vec<String> =
        redis::cmd("KEYS").arg(format!("{{{prefix}}}*")).query_async(&mut redis).await.expect("keys are listed");
    redis::cmd("DEL").arg(keys).exec_async(&mut redis).await.expect("emptied");
    let [relayed, received, acknowledged] = [figures.relayed, figures.received, figures.acknowledged].map(median);
    report
        .compared(relayed + received + acknowledged, median(figures.alone))
        .figure("publishMicros", relayed)
        .figure("receiveMicros", received)
        .figure("acknowledgeMicros", acknowledged)
        .figure("barePipelinedXaddMicros", median(figures.pipelined))
        .figure("messageBytes", serde_json::to_vec(&messages[0].envelope).expect("envelopes are JSON").len())
        .figure("batch", BATCH)
        .figure("stretch", STRETCH);
    report.print();
}
