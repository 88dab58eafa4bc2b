//! The Redis under test and queues in it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use events::Service;
use lifecycle::{ProcessClock, Secret};
use queue::{NewMessage, Queue, Settings, Stream};
use redis::aio::MultiplexedConnection;
use tempfile::TempDir;
use testkit::queue_contract::{Backend, fairness};
use testkit::{message, numbered};

pub const SCORING: Stream = Stream { subscriber: Service::Scoring, shard: 0 };
pub const MONITORING: Stream = Stream { subscriber: Service::PerformanceMonitoring, shard: 0 };
pub const SOON: Duration = Duration::from_secs(10);

pub fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok().filter(|text| !text.is_empty())
}

/// Settings for a queue of its own, known by the name of `directory`.
pub fn settings(directory: &Path) -> Settings {
    let name = directory.file_name().expect("a directory has a name").to_string_lossy();
    Settings {
        url: variable("AFORO_TEST_REDIS_URL").expect("the caller has looked"),
        password: Secret::new(variable("AFORO_TEST_REDIS_PASSWORD").unwrap_or_default()),
        prefix: format!("test-{}", name.trim_start_matches('.')),
        consumer: Some("contract".to_owned()),
        fairness: fairness(),
        ..Settings::default()
    }
}

pub async fn redis() -> MultiplexedConnection {
    let mut client =
        redis::Client::open(variable("AFORO_TEST_REDIS_URL").expect("the caller has looked")).expect("an address");
    if let Some(password) = variable("AFORO_TEST_REDIS_PASSWORD") {
        let info = client.get_connection_info().clone();
        let with_password = info.redis_settings().clone().set_password(password);
        client = redis::Client::open(info.set_redis_settings(with_password)).expect("an address");
    }
    client.get_multiplexed_async_connection().await.expect("Redis answers")
}

pub async fn keys(connection: &mut MultiplexedConnection, settings: &Settings) -> Vec<String> {
    let pattern = format!("{{{}}}:*", settings.prefix);
    redis::cmd("KEYS").arg(pattern).query_async(connection).await.expect("Redis does it")
}

pub async fn lose(settings: &Settings) {
    let mut connection = redis().await;
    let keys = keys(&mut connection, settings).await;
    if !keys.is_empty() {
        redis::cmd("DEL").arg(keys).exec_async(&mut connection).await.expect("Redis does it");
    }
}

pub struct Redis;

#[async_trait]
impl Backend for Redis {
    async fn open(&self, directory: &Path, clock: ProcessClock) -> Arc<dyn Queue> {
        queue::open(&settings(directory), clock).await.expect("the queue opens")
    }

    async fn lose_everything(&self, directory: &Path) {
        lose(&settings(directory)).await;
    }

    async fn cut_connections(&self, directory: &Path) {
        let name = settings(directory).prefix;
        let mut connection = redis().await;
        let clients: String =
            redis::cmd("CLIENT").arg("LIST").query_async(&mut connection).await.expect("Redis does it");
        let mut killed = 0;
        for client in clients.lines().filter(|client| client.contains(&format!("name={name}:"))) {
            let id = client.split_whitespace().find_map(|part| part.strip_prefix("id=")).expect("a client has an id");
            let mut kill = redis::cmd("CLIENT");
            kill.arg("KILL").arg("ID").arg(id);
            killed += kill.query_async::<i64>(&mut connection).await.expect("Redis does it");
        }
        assert!(killed > 0, "the queue has a connection");
    }

    fn missing(&self) -> Option<String> {
        variable("AFORO_TEST_REDIS_URL").is_none().then(|| "AFORO_TEST_REDIS_URL names no Redis".to_owned())
    }
}

/// A queue of its own for one test; its keys begin with `{test-`.
pub struct World {
    pub directory: TempDir,
    pub settings: Settings,
}

impl World {
    pub fn new() -> Option<Self> {
        if let Some(reason) = Redis.missing() {
            eprintln!("skipped: {reason}");
            return None;
        }
        let directory = tempfile::tempdir().expect("a temporary directory");
        let settings = Settings { dead_after_seconds: 1, ..settings(directory.path()) };
        Some(Self { directory, settings })
    }

    pub async fn open_as(&self, consumer: &str) -> Arc<dyn Queue> {
        self.open_with(consumer, |_| {}).await
    }

    pub async fn open_with(&self, consumer: &str, change: impl FnOnce(&mut Settings)) -> Arc<dyn Queue> {
        let mut settings = Settings { consumer: Some(consumer.to_owned()), ..self.settings.clone() };
        change(&mut settings);
        queue::open(&settings, ProcessClock::default()).await.expect("the queue opens")
    }

    pub fn key(&self, what: &str) -> String {
        format!("{{{}}}:1:{what}", self.settings.prefix)
    }
}

pub async fn publish(queue: &Arc<dyn Queue>, numbers: std::ops::Range<u64>) {
    let messages: Vec<NewMessage> = numbers.map(|number| message(SCORING, number)).collect();
    queue.publish(&messages).await.expect("Redis does it");
}

pub async fn receive(queue: &Arc<dyn Queue>, max: usize, wait: Duration) -> Vec<u64> {
    let deliveries = queue.receive(&SCORING, max, wait).await.expect("Redis does it");
    deliveries.iter().map(|delivery| numbered(&delivery.envelope)).collect()
}
