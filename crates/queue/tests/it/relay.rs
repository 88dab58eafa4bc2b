//! The relay: order, subscribers, waking, forgetting.

use std::sync::Arc;
use std::time::{Duration, Instant};

use events::Service;
use lifecycle::{ProcessClock, Shutdown, Tasks, Worker};
use queue::{EmbeddedQueue, Queue, Relay, RelaySettings, Stream};
use store::outbox;
use testkit::{envelope, messaging_database, numbered};

async fn queue() -> Arc<dyn Queue> {
    Arc::new(EmbeddedQueue::open("sqlite::memory:").await.expect("the queue opens"))
}

#[tokio::test]
async fn every_subscriber_gets_the_outbox_in_order() {
    let (db, queue) = (messaging_database().await, queue().await);
    let names = ["declaration.accepted", "declaration.moved", "nobody.cares"];
    let sent: Vec<_> = (0..600).map(|number| envelope(names[number as usize % 3], number, 50)).collect();
    outbox::append(db.writer(), &sent).await.unwrap();
    let relay = Relay::new("intake-relay", db.clone(), Arc::clone(&queue), ProcessClock::default());
    assert_eq!(relay.step().await.unwrap(), 600);
    for (subscriber, remainder) in
        [(Service::Scoring, 0), (Service::FeatureStore, 0), (Service::PerformanceMonitoring, 1)]
    {
        let deliveries = queue.receive(&Stream::of(subscriber), 1_000, Duration::ZERO).await.unwrap();
        let numbers: Vec<_> = deliveries.iter().map(|delivery| numbered(&delivery.envelope)).collect();
        assert_eq!(numbers, (0..600).filter(|number| number % 3 == remainder).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn waking_the_relay_publishes_at_once() {
    let (db, queue) = (messaging_database().await, queue().await);
    let settings = RelaySettings { wait: Duration::from_hours(1), ..RelaySettings::default() };
    let relay =
        Arc::new(Relay::with_settings("relay", db.clone(), Arc::clone(&queue), ProcessClock::default(), settings));
    let tasks = Tasks::new(Shutdown::new());
    tasks.spawn_worker(Arc::clone(&relay) as Arc<dyn Worker>);
    for number in 0..20_u64 {
        let started = Instant::now();
        outbox::append(db.writer(), &[envelope("declaration.moved", number, 50)]).await.unwrap();
        relay.wake();
        let stream = Stream::of(Service::PerformanceMonitoring);
        assert_eq!(queue.receive(&stream, 1, Duration::from_hours(1)).await.unwrap().len(), 1);
        assert!(started.elapsed() < Duration::from_secs(10));
    }
    tasks.shutdown().trigger();
    tasks.join(Duration::from_secs(10)).await.unwrap();
    assert!(outbox::unpublished(db.reader(), "relay", 1).await.unwrap().is_empty(), "its place is written down");
}

#[tokio::test]
async fn rows_that_are_handed_over_leave_in_order_with_those_that_are_not() {
    let (db, queue) = (messaging_database().await, queue().await);
    let relay = Relay::new("relay", db.clone(), Arc::clone(&queue), ProcessClock::default());
    let moved =
        |numbers: std::ops::Range<u64>| numbers.map(|number| envelope("declaration.moved", number, 50)).collect();
    let append = async |numbers| outbox::append_handed(db.writer(), moved(numbers)).await.unwrap();
    let (first, second, third) = (append(0..3).await, append(3..5).await, append(5..7).await);
    assert_eq!(first.iter().map(|row| row.seq).collect::<Vec<_>>(), [1, 2, 3]);
    // The second is handed over after the third, and a fourth to nobody.
    relay.wake_with(first);
    assert_eq!(relay.step().await.unwrap(), 3);
    relay.wake_with(third);
    relay.wake_with(second);
    append(7..9).await;
    relay.wake();
    while relay.step().await.unwrap() > 0 {}
    let deliveries = queue.receive(&Stream::of(Service::PerformanceMonitoring), 100, Duration::ZERO).await.unwrap();
    let numbers: Vec<_> = deliveries.iter().map(|delivery| numbered(&delivery.envelope)).collect();
    assert_eq!(numbers, (0..9).collect::<Vec<_>>());
    // What is held is forgotten when it is read, and what is committed later goes on behind it.
    relay.wake_with(append(9..12).await);
    assert_eq!(relay.step().await.unwrap(), 3);
    assert_eq!((relay.step().await.unwrap(), relay.step().await.unwrap()), (0, 0));
}

#[tokio::test]
async fn relay_forgets_what_was_published_long_ago() {
    let (db, queue, clock) = (messaging_database().await, queue().await, ProcessClock::default());
    let mut sent: Vec<_> = (0..10).map(|number| envelope("declaration.moved", number, 50)).collect();
    for (number, envelope) in sent.iter_mut().enumerate() {
        envelope.recorded_at_ms = clock.unix_ms() + if number < 6 { 0 } else { 86_400_000 * 30 };
    }
    outbox::append(db.writer(), &sent[..6]).await.unwrap();
    outbox::append(db.writer(), &sent[6..]).await.unwrap();
    let relay = Relay::new("relay", db.clone(), Arc::clone(&queue), clock.clone());
    relay.step().await.unwrap();
    assert_eq!(outbox::after(db.reader(), 0, 100).await.unwrap().len(), 10);
    clock.skip(Duration::from_hours(24 * 10));
    relay.step().await.unwrap();
    assert_eq!(outbox::after(db.reader(), 0, 100).await.unwrap().len(), 4);
}
