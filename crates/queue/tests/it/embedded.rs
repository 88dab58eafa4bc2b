//! What is the embedded queue's own: its file, its lock, its bounds.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use events::Service;
use lifecycle::{ProcessClock, Worker};
use queue::{EmbeddedQueue, EmbeddedSettings, NewMessage, Queue, QueueError, Relay, Stream};
use testkit::queue_contract::{Backend, fairness};
use testkit::{envelope, message, messaging_database, numbered};

struct Embedded;

#[async_trait]
impl Backend for Embedded {
    async fn open(&self, directory: &Path, clock: ProcessClock) -> Arc<dyn Queue> {
        let url = format!("sqlite:{}", directory.join("queue.db").display());
        let settings = EmbeddedSettings { fairness: fairness(), ..EmbeddedSettings::default() };
        Arc::new(EmbeddedQueue::open_with(&url, settings, clock).await.expect("the queue opens"))
    }

    async fn lose_everything(&self, directory: &Path) {
        for file in std::fs::read_dir(directory).expect("the directory is read").flatten() {
            if file.file_name().to_string_lossy().starts_with("queue.db") {
                std::fs::remove_file(file.path()).expect("the file is removed");
            }
        }
    }
}

testkit::queue_contract!(Embedded);

const SCORING: Stream = Stream { subscriber: Service::Scoring, shard: 0 };

fn url(directory: &tempfile::TempDir) -> String {
    format!("sqlite:{}", directory.path().join("queue/queue.db").display())
}

#[tokio::test]
async fn finished_messages_leave_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let queue = EmbeddedQueue::open(&url(&directory)).await.unwrap();
    let batch = |start: u64| {
        (start..start + 250)
            .map(|number| NewMessage { stream: SCORING, envelope: envelope("declaration.moved", number, 1_000) })
            .collect::<Vec<_>>()
    };
    let mut sizes = Vec::new();
    for round in 0..40 {
        queue.publish(&batch(round * 250)).await.unwrap();
        let deliveries = queue.receive(&SCORING, 250, Duration::ZERO).await.unwrap();
        assert_eq!(deliveries.len(), 250);
        let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.id).collect();
        queue.acknowledge(&SCORING, &ids).await.unwrap();
        sizes.push(std::fs::metadata(directory.path().join("queue/queue.db")).unwrap().len());
    }
    queue.close().await.unwrap();
    let size = std::fs::metadata(directory.path().join("queue/queue.db")).unwrap().len();
    assert!(size < 8_000_000, "10,000 messages of 1 KB have left {size} bytes");
}

#[tokio::test]
async fn second_process_cannot_open_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let queue = EmbeddedQueue::open(&url(&directory)).await.unwrap();
    queue.publish(&[message(SCORING, 1)]).await.unwrap();
    assert!(
        matches!(EmbeddedQueue::open(&url(&directory)).await, Err(QueueError::Store(error)) if error.is_transient())
    );
    queue.close().await.unwrap();
    EmbeddedQueue::open(&url(&directory)).await.unwrap();
}

#[tokio::test]
async fn streams_beyond_the_bound_are_refused() {
    let queue = EmbeddedQueue::open("sqlite::memory:").await.unwrap();
    for shard in 0..63 {
        queue.publish(&[message(Stream { shard, ..SCORING }, 1)]).await.unwrap();
    }
    let refused = queue.publish(&[message(Stream { shard: 63, ..SCORING }, 1)]).await;
    assert!(matches!(refused, Err(QueueError::TooManyStreams { most: 63 })));
    let last = Stream { shard: 62, ..SCORING };
    assert_eq!(queue.receive(&last, 10, Duration::ZERO).await.unwrap().len(), 1);
}

#[tokio::test]
async fn call_that_is_cut_off_leaves_the_queue_usable() {
    let directory = tempfile::tempdir().unwrap();
    let queue = EmbeddedQueue::open(&url(&directory)).await.unwrap();
    for number in 0..50 {
        // Polled once: the append is on its way to the file when the caller goes away.
        let messages = [message(SCORING, number)];
        let mut publishing = Box::pin(queue.publish(&messages));
        let _ = std::future::poll_fn(|context| std::task::Poll::Ready(publishing.as_mut().poll(context))).await;
        drop(publishing);
        queue.publish(&[message(SCORING, number)]).await.unwrap();
    }
    let deliveries = queue.receive(&SCORING, 100, Duration::ZERO).await.unwrap();
    let numbers: Vec<_> = deliveries.iter().map(|delivery| numbered(&delivery.envelope)).collect();
    assert_eq!(numbers, (0..50).collect::<Vec<_>>());
}

#[tokio::test]
async fn crash_delivers_no_more_than_the_last_acknowledged_again() {
    let directory = tempfile::tempdir().unwrap();
    let queue = EmbeddedQueue::open(&url(&directory)).await.unwrap();
    for start in (0..2_000).step_by(250) {
        let messages: Vec<_> = (start..start + 250).map(|number| message(SCORING, number)).collect();
        queue.publish(&messages).await.unwrap();
        let deliveries = queue.receive(&SCORING, 250, Duration::ZERO).await.unwrap();
        let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.id).collect();
        queue.acknowledge(&SCORING, &ids).await.unwrap();
    }
    drop(queue);
    let queue = EmbeddedQueue::open(&url(&directory)).await.unwrap();
    let again = queue.receive(&SCORING, 2_000, Duration::ZERO).await.unwrap();
    let numbers: Vec<_> = again.iter().map(|delivery| numbered(&delivery.envelope)).collect();
    assert!(numbers.len() < 512, "{}", numbers.len());
    assert_eq!(numbers, (2_000 - numbers.len() as u64..2_000).collect::<Vec<_>>());
    queue.publish(&[message(SCORING, 2_000)]).await.unwrap();
    assert_eq!(queue.receive(&SCORING, 10, Duration::ZERO).await.unwrap().len(), 1);
}

#[tokio::test]
async fn file_put_back_from_a_copy_gets_what_it_lacks() {
    let (directory, db) = (tempfile::tempdir().unwrap(), messaging_database().await);
    let (path, copy) = (directory.path().join("queue/queue.db"), directory.path().join("copy.db"));
    let accept = async |numbers: std::ops::Range<u64>| {
        let sent: Vec<_> = numbers.map(|number| envelope("declaration.moved", number, 50)).collect();
        store::outbox::append(db.writer(), &sent).await.unwrap();
        let queue: Arc<dyn Queue> = Arc::new(EmbeddedQueue::open(&url(&directory)).await.unwrap());
        let relay = Relay::new("relay", (*db).clone(), Arc::clone(&queue), ProcessClock::default());
        let published = relay.step().await.unwrap();
        relay.end().await.unwrap();
        queue.close().await.unwrap();
        published
    };
    assert_eq!(accept(0..5).await, 5);
    std::fs::copy(&path, &copy).unwrap();
    assert_eq!(accept(5..9).await, 4);
    std::fs::copy(&copy, &path).unwrap();
    assert_eq!(accept(9..10).await, 5, "those that the copy lacks, and the new one");
    let queue = EmbeddedQueue::open(&url(&directory)).await.unwrap();
    let stream = Stream::of(Service::PerformanceMonitoring);
    let received = queue.receive(&stream, 100, Duration::ZERO).await.unwrap();
    let numbers: Vec<_> = received.iter().map(|delivery| numbered(&delivery.envelope)).collect();
    assert_eq!(numbers, (0..10).collect::<Vec<_>>());
}
