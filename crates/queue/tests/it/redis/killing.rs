//! A Redis that dies under load and forgets everything each time. Starts one of its own, where `redis-server` is installed
//! and tests with Redis are wanted.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use events::Service;
use lifecycle::{ProcessClock, Shutdown, Tasks};
use queue::{Consumer, ConsumerSettings, Delivery, Handler, HandlerError, Queue, Relay, RelaySettings, Settings};
use store::{Database, inbox, outbox};
use testkit::queue_contract::Backend;
use testkit::{envelope, messaging_database, numbered};

use super::world::{Redis, SCORING};

const ROUNDS: u64 = 60;
const PER_ROUND: u64 = 20;
/// Before these rounds the server is killed.
const KILLED_BEFORE: [u64; 3] = [10, 25, 40];
const DEADLINE: Duration = Duration::from_mins(1);

/// A server that keeps nothing; killed when dropped.
struct Server {
    port: u16,
    child: Child,
}

impl Server {
    fn start(port: u16) -> Option<Self> {
        let port_text = port.to_string();
        let arguments = ["--port", &port_text, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let child = Command::new("redis-server").args(arguments).stdout(Stdio::null()).spawn().ok()?;
        Some(Self { port, child })
    }

    fn kill(&mut self) {
        self.child.kill().expect("the server is killed");
        self.child.wait().expect("the server has ended");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Notes each message that its inbox admits.
struct Notes {
    db: Database,
    effects: Arc<Mutex<Vec<u64>>>,
}

#[async_trait]
impl Handler for Notes {
    async fn handle(&self, batch: &[Delivery]) -> Result<(), HandlerError> {
        let events: Vec<_> = batch.iter().map(|delivery| delivery.envelope.id).collect();
        let tx = self.db.begin().await?;
        let new = inbox::admit(&tx, Service::Scoring, &events).await?;
        tx.commit().await?;
        let admitted = batch.iter().zip(new).filter(|(_, new)| *new);
        let mut effects = self.effects.lock().expect("nobody panicked");
        effects.extend(admitted.map(|(delivery, _)| numbered(&delivery.envelope)));
        Ok(())
    }
}

async fn open(settings: &Settings, consumer: &str) -> Arc<dyn Queue> {
    let settings = Settings { consumer: Some(consumer.to_owned()), ..settings.clone() };
    let deadline = Instant::now() + DEADLINE;
    loop {
        match queue::open(&settings, ProcessClock::default()).await {
            Ok(queue) => return queue,
            Err(error) => assert!(Instant::now() < deadline && error.is_transient(), "{error:?}"),
        }
    }
}

#[tokio::test]
async fn redis_killed_again_and_again_loses_nothing_and_doubles_nothing() {
    if let Some(reason) = Redis.missing() {
        return eprintln!("skipped: {reason}");
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let Some(mut server) = Server::start(port) else { return eprintln!("skipped: redis-server is not installed") };
    let settings = Settings { dead_after_seconds: 1, ..Settings::new(format!("redis://127.0.0.1:{port}/")) };
    let (db, effects) = (messaging_database().await, Arc::new(Mutex::new(Vec::new())));
    let tasks = Tasks::new(Shutdown::new());
    for name in ["one", "other"] {
        let handler = Notes { db: (*db).clone(), effects: Arc::clone(&effects) };
        let consumer = Consumer::new(open(&settings, name).await, SCORING, handler, ConsumerSettings::default());
        tasks.spawn_worker(Arc::new(consumer));
    }
    let quick = RelaySettings { check_every: Duration::from_millis(200), ..RelaySettings::default() };
    let queue = open(&settings, "relay").await;
    let relay = Relay::with_settings("relay", (*db).clone(), Arc::clone(&queue), ProcessClock::default(), quick);
    let relay = Arc::new(relay);
    tasks.spawn_worker(Arc::clone(&relay) as Arc<_>);
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    for round in 0..ROUNDS {
        pace.tick().await;
        if KILLED_BEFORE.contains(&round) {
            server.kill();
            server = Server::start(server.port).expect("it started before");
        }
        let numbers = round * PER_ROUND..(round + 1) * PER_ROUND;
        let sent: Vec<_> = numbers.map(|number| envelope("declaration.accepted", number, 500)).collect();
        outbox::append(db.writer(), &sent).await.unwrap();
        relay.wake();
    }
    let deadline = Instant::now() + DEADLINE;
    while (effects.lock().unwrap().len() as u64) < ROUNDS * PER_ROUND && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let unfinished = loop {
        let unfinished = queue.depth(&SCORING).await.unwrap().unfinished;
        if unfinished == 0 || Instant::now() > deadline {
            break unfinished;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    tasks.shutdown().trigger();
    tasks.join(DEADLINE).await.unwrap();
    let mut effects = effects.lock().unwrap().clone();
    effects.sort_unstable();
    assert_eq!(effects, (0..ROUNDS * PER_ROUND).collect::<Vec<_>>());
    assert_eq!(unfinished, 0);
}
