//! What messaging costs. Ignored: `cargo test -p queue --release -- --ignored --nocapture costs`.

use std::sync::Arc;
use std::time::Duration;

use events::Service;
use lifecycle::{ProcessClock, Worker};
use queue::{EmbeddedQueue, Queue, Relay, Stream};
use store::{inbox, outbox};
use testkit::{envelope, messaging_database};

const ROWS: usize = 10_240;

/// Microseconds of processor time that this process has used.
fn cpu_micros() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux lists the threads of a process");
    let nanos = tasks.flatten().filter_map(|task| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    nanos.sum::<u64>() / 1_000
}

#[tokio::test]
#[ignore = "a measurement"]
async fn costs() {
    for batch in [8, 64, 256] {
        let db = messaging_database().await;
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("queue.db").display());
        let queue: Arc<dyn Queue> = Arc::new(EmbeddedQueue::open(&url).await.unwrap());
        let relay = Relay::new("relay", db.clone(), Arc::clone(&queue), ProcessClock::default());
        let sent: Vec<_> = (0..ROWS as u64).map(|number| envelope("declaration.accepted", number, 1_700)).collect();
        let bytes = sent.iter().map(|envelope| envelope.body.get().len()).sum::<usize>() / ROWS;
        let (mut append, mut publish, mut consume, mut admit) = (0, 0, 0, 0);
        for chunk in sent.chunks(batch) {
            let start = cpu_micros();
            let tx = db.begin().await.unwrap();
            outbox::append(&tx, chunk).await.unwrap();
            tx.commit().await.unwrap();
            append += cpu_micros() - start;
            let start = cpu_micros();
            relay.step().await.unwrap();
            publish += cpu_micros() - start;
            for subscriber in [Service::Scoring, Service::FeatureStore] {
                let start = cpu_micros();
                let stream = Stream::of(subscriber);
                let deliveries = queue.receive(&stream, 256, Duration::ZERO).await.unwrap();
                let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.id).collect();
                queue.acknowledge(&stream, &ids).await.unwrap();
                consume += cpu_micros() - start;
                let start = cpu_micros();
                let events: Vec<_> = deliveries.iter().map(|delivery| delivery.envelope.id).collect();
                let tx = db.begin().await.unwrap();
                inbox::admit(&tx, subscriber, &events).await.unwrap();
                tx.commit().await.unwrap();
                admit += cpu_micros() - start;
            }
        }
        let each = |micros: u64, rows: usize| micros as f64 / rows as f64;
        println!(
            "batch {batch:3}, bodies {bytes} B: append+commit {:.1}, relay {:.1}, receive+acknowledge {:.1} (per delivery), admit+commit {:.1} us",
            each(append, ROWS),
            each(publish, ROWS),
            each(consume, ROWS * 2),
            each(admit, ROWS * 2),
        );
    }
}
