//! What holds over every backend when something is lost or doubled: the queue's content, connections, relays, databases.

use std::sync::Arc;
use std::time::{Duration, Instant};

use events::Service;
use lifecycle::Worker;
use queue::{Queue, QueueError, Relay, Stream};
use store::{Database, outbox};

use super::handling::{Effects, consumer, effects};
use super::{Backend, FEATURES, Place, SCORING, SOON, acknowledge, ids, message, numbers, publish, receive};
use crate::{envelope, messaging_database};

const RELAY: &str = "relay";

async fn accept(db: &Database, numbers: impl IntoIterator<Item = u64>) {
    let accepted: Vec<_> = numbers.into_iter().map(|number| envelope("declaration.accepted", number, 100)).collect();
    outbox::append(db.writer(), &accepted).await.expect("the outbox takes messages");
}

fn relay(place: &Place, db: &Database, queue: &Arc<dyn Queue>) -> Relay {
    Relay::new(RELAY, db.clone(), Arc::clone(queue), place.clock.clone())
}

/// The queue begins empty, with some messages read and some not: the outbox gives them all again, the inbox dismisses
/// those that had their effect.
pub async fn queue_that_lost_everything_is_filled_again_from_the_outbox(place: &Place, backend: &impl Backend) {
    let (queue, db) = (place.open(backend).await, place.database().await);
    accept(&db, 0..20).await;
    let before = relay(place, &db, &queue);
    assert_eq!(before.step().await.expect("publishes"), 20);
    before.end().await.expect("writes its place down");
    let effective = consumer(&queue, Effects::new(db.clone()));
    effective.step().await.expect("works");
    accept(&db, 20..30).await;
    assert_eq!(before.step().await.expect("publishes"), 10);
    before.end().await.expect("writes its place down");
    queue.close().await.expect("the queue closes");
    drop((effective, before, queue));
    backend.lose_everything(place.directory.path()).await;

    let queue = place.open(backend).await;
    assert!(receive(&queue, 100).await.is_empty(), "everything is lost");
    accept(&db, 30..35).await;
    assert_eq!(relay(place, &db, &queue).step().await.expect("publishes"), 35, "everything is published again");
    consumer(&queue, Effects::new(db.clone())).step().await.expect("works");
    assert_eq!(effects(&db).await, (0..35).collect::<Vec<_>>());
    assert_eq!(queue.depth(&SCORING).await.expect("depth").unfinished, 0);
    assert_eq!(queue.depth(&FEATURES).await.expect("depth").unfinished, 35, "every subscriber has its messages");
}

/// The relay dies before it notes how far it came: the queue knows.
pub async fn relay_that_starts_again_publishes_nothing_twice(place: &Place, backend: &impl Backend) {
    let (queue, db) = (place.open(backend).await, place.database().await);
    accept(&db, 0..10).await;
    assert_eq!(relay(place, &db, &queue).step().await.expect("publishes"), 10);
    let deliveries = receive(&queue, 100).await;
    assert_eq!(numbers(&deliveries), (0..10).collect::<Vec<_>>());
    acknowledge(&queue, &deliveries).await;
    assert_eq!(outbox::position(db.reader(), RELAY).await.expect("the place is read"), 0, "nothing is noted");
    accept(&db, 10..12).await;
    assert_eq!(relay(place, &db, &queue).step().await.expect("publishes"), 2);
    assert_eq!(numbers(&receive(&queue, 100).await), [10, 11]);
}

/// Two processes relay the same outbox: they take turns, and the order is that of commits.
pub async fn two_relays_of_one_outbox_publish_each_message_once(place: &Place, backend: &impl Backend) {
    let (queue, db) = (place.open(backend).await, place.database().await);
    let relays = [relay(place, &db, &queue), relay(place, &db, &queue)];
    for start in (0..900).step_by(30) {
        accept(&db, start..start + 30).await;
        let (one, other) = tokio::join!(relays[0].step(), relays[1].step());
        assert_eq!(one.expect("publishes") + other.expect("publishes"), 30);
    }
    let mut received = Vec::new();
    while received.len() < 900 {
        let deliveries = queue.receive(&FEATURES, 256, Duration::ZERO).await.expect("the queue gives messages");
        assert!(!deliveries.is_empty(), "{} messages", received.len());
        received.extend(numbers(&deliveries));
    }
    assert_eq!(received, (0..900).collect::<Vec<_>>());
    assert!(queue.receive(&FEATURES, 1, Duration::ZERO).await.expect("the queue answers").is_empty());
}

/// A database is restored from a backup and goes on: its rows stand where others stood, and are published all the same.
pub async fn database_that_was_set_back_is_published_from_where_it_stands(place: &Place, backend: &impl Backend) {
    let (queue, db) = (place.open(backend).await, place.database().await);
    accept(&db, 0..10).await;
    assert_eq!(relay(place, &db, &queue).step().await.expect("publishes"), 10);
    acknowledge(&queue, &receive(&queue, 100).await).await;
    let restored = messaging_database().await;
    accept(&restored, 0..3).await;
    outbox::published(restored.writer(), RELAY, 3).await.expect("the place is kept");
    accept(&restored, 100..112).await;
    let relay = relay(place, &restored, &queue);
    assert_eq!(relay.step().await.expect("publishes"), 12);
    assert_eq!(numbers(&receive(&queue, 100).await), (100..112).collect::<Vec<_>>());
    accept(&restored, 112..113).await;
    assert_eq!(relay.step().await.expect("publishes"), 1);
}

/// Calls may fail while the connection is gone; then everything goes on, and nothing is lost or doubled.
pub async fn connections_that_are_cut_are_made_again(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    publish(&queue, 0..10).await;
    let first = receive(&queue, 4).await;
    backend.cut_connections(place.directory.path()).await;
    until_done(async || queue.acknowledge(&SCORING, &ids(&first)).await).await;
    backend.cut_connections(place.directory.path()).await;
    until_done(async || queue.publish(&[message(SCORING, 10)]).await).await;
    backend.cut_connections(place.directory.path()).await;
    let mut received = Vec::new();
    let deadline = Instant::now() + SOON;
    while received.len() < 7 && Instant::now() < deadline {
        let wait = Duration::from_millis(50);
        let deliveries = until_done(async || queue.receive(&SCORING, 4, wait).await).await;
        until_done(async || queue.acknowledge(&SCORING, &ids(&deliveries)).await).await;
        received.extend(numbers(&deliveries));
    }
    assert_eq!(received, (4..11).collect::<Vec<_>>());
    let other = Stream { subscriber: Service::ControlsTracking, shard: 3 };
    until_done(async || queue.depth(&other).await).await;
    assert_eq!(queue.depth(&SCORING).await.expect("depth").unfinished, 0);
}

async fn until_done<T>(call: impl AsyncFn() -> Result<T, QueueError>) -> T {
    let deadline = Instant::now() + SOON;
    loop {
        match call().await {
            Ok(done) => return done,
            Err(error) => assert!(Instant::now() < deadline && error.is_transient(), "{error:?}"),
        }
    }
}
