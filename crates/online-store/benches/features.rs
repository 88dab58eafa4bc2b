//! What it costs to read the features of a declaration with eight items from Redis, as scoring does it: all entities of a
//! batch of 256 in one trip. Beside it each declaration alone, with one command per entity in a pipeline. Also what the
//! feature store pays to write them back. Processor time of this process and of the server, per declaration.
//!
//! Works on the Redis that `AFORO_TEST_REDIS_URL` names, with the password in `AFORO_TEST_REDIS_PASSWORD` where it asks for
//! one, under a prefix of its own that it empties when it ends.

use benchkit::{Report, cpu_time, median};
use features::{EntityKey, EntityState, History};
use lifecycle::Secret;
use online_store::{OnlineStore, RedisOnlineStore, Settings};
use redis::aio::MultiplexedConnection;
use redis_link::Address;

const BATCH: usize = 256;
const BATCHES: usize = 8;
const ITEMS: u32 = 8;
const REPEATS: usize = 7;
const BAR_MICROS: f64 = 60.0;

/// Processor microseconds of this process and of the server so far.
async fn micros(redis: &mut MultiplexedConnection) -> f64 {
    let told: String = redis::cmd("INFO").arg("cpu").query_async(redis).await.expect("the server tells");
    let seconds = |name: &str| -> f64 {
        let line = told.lines().find_map(|line| line.strip_prefix(name)).expect("the server tells its time");
        line.trim_start_matches(':').trim().parse().expect("a number")
    };
    cpu_time().as_secs_f64() * 1e6 + (seconds("used_cpu_sys:") + seconds("used_cpu_user:")) * 1e6
}

/// The entities of declaration `number`: a thousand traders, four hundred codes, a dozen origins.
fn keys(number: usize) -> Vec<EntityKey> {
    let mut declaration = testkit::declaration();
    declaration.reference = format!("B-{number}");
    declaration.parties[0].id = format!("20{:09}", number * 7 % 1_000);
    declaration.transport_documents[0].id = format!("BL-{number}");
    declaration.containers[0].id = format!("MSKU{number:07}");
    declaration.items = (1..=ITEMS).map(testkit::item).collect();
    for (at, item) in declaration.items.iter_mut().enumerate() {
        let chance = number * 31 + at * 17;
        let code = 6_109_100_000_u64 + (chance % 400) as u64 * 1_000_000;
        item.commodity_code = code.to_string().as_str().into();
        item.origin_country =
            ["CN", "US", "BR", "DE", "IN", "VN", "MX", "CL", "IT", "KR", "JP", "ES"][chance % 12].into();
    }
    features::keys(&declaration).list().to_vec()
}

fn state(number: usize) -> EntityState {
    let mut history = History::seen(20_000);
    history.declared = (number % 900) as u32;
    history.examined = [1, (number % 40) as u32, 3];
    history.tiles[0].declared = (number % 90) as u32;
    history.last_day = 20_400;
    EntityState::History(history)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let variable = |name: &str| std::env::var_os(name).and_then(|text| text.into_string().ok());
    let url = variable("AFORO_TEST_REDIS_URL").expect("AFORO_TEST_REDIS_URL names a Redis");
    let password = Secret::new(variable("AFORO_TEST_REDIS_PASSWORD").unwrap_or_default());
    let mut report = Report::of("features");
    let client = redis_link::client(&Address::new(&url, &password, None, None)).await.expect("the URL names a Redis");
    let mut redis = client.get_multiplexed_async_connection().await.expect("Redis answers");
    let prefix = format!("bench-{}", std::process::id());
    // As in processes of their own: who reads knows nothing of what is written.
    let settings = Settings { prefix: prefix.clone(), password, ..Settings::new(url) };
    let store = RedisOnlineStore::open(&settings).await.expect("opens");
    let writer = RedisOnlineStore::open(&settings).await.expect("opens");

    let declarations: Vec<Vec<EntityKey>> = (0..BATCH * BATCHES).map(keys).collect();
    let mut entities: Vec<EntityKey> = declarations.iter().flatten().copied().collect();
    let asked = entities.len();
    entities.sort_unstable();
    entities.dedup();
    let states = entities.iter().enumerate().map(|(number, key)| (*key, state(number)));
    writer.fill(0, Box::new(states)).await.expect("filled");

    let (mut batched, mut alone, mut written) = (Vec::new(), Vec::new(), Vec::new());
    let mut sequence = 0;
    for round in 0..=REPEATS {
        report.progress(&format!("round {round} of {REPEATS}"));
        let start = micros(&mut redis).await;
        for batch in declarations.chunks(BATCH) {
            let keys: Vec<EntityKey> = batch.concat();
            let snapshot = store.read(&keys).await.expect("read");
            assert!(snapshot.states.iter().all(Option::is_some));
        }
        let read = micros(&mut redis).await;
        for keys in &declarations[..BATCH] {
            let mut pipe = redis::pipe();
            for key in keys {
                let name = [format!("{{{prefix}}}:1:online:1:").as_bytes(), &key.0.to_be_bytes()].concat();
                pipe.cmd("GET").arg(name);
            }
            let states: Vec<Vec<u8>> = pipe.query_async(&mut redis).await.expect("read");
            assert!(states.iter().all(|bytes| EntityState::unpack(bytes).is_some()));
        }
        let singly = micros(&mut redis).await;
        for batch in declarations.chunks(BATCH) {
            let mut keys: Vec<EntityKey> = batch.concat();
            keys.sort_unstable();
            keys.dedup();
            let entries: Vec<_> = keys.into_iter().enumerate().map(|(number, key)| (key, state(number))).collect();
            writer.write(sequence, sequence + 1, &entries).await.expect("written");
            sequence += 1;
        }
        let wrote = micros(&mut redis).await;
        if round > 0 {
            batched.push((read - start) / declarations.len() as f64);
            alone.push((singly - read) / BATCH as f64);
            written.push((wrote - singly) / declarations.len() as f64);
        }
    }
    let left: Vec<Vec<u8>> =
        redis::cmd("KEYS").arg(format!("{{{prefix}}}*")).query_async(&mut redis).await.expect("keys are listed");
    redis::cmd("DEL").arg(left).exec_async(&mut redis).await.expect("emptied");
    report
        .compared(median(batched), median(alone))
        .figure("writeMicros", median(written))
        .figure("entitiesPerDeclaration", asked as f64 / declarations.len() as f64)
        .figure("differentPerDeclarationOfABatch", different(&declarations))
        .figure("batch", BATCH)
        .figure("barMicros", BAR_MICROS);
    report.print();
}

/// How many entities a batch reads, by declaration.
fn different(declarations: &[Vec<EntityKey>]) -> f64 {
    let mut keys: Vec<EntityKey> = declarations[..BATCH].concat();
    keys.sort_unstable();
    keys.dedup();
    keys.len() as f64 / BATCH as f64
}
