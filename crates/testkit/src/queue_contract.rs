//! What every backend of the queue does. `testkit::queue_contract!` turns each function into a test.

mod handling;
mod losing;
mod sharing;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use events::Service;
use lifecycle::ProcessClock;
use queue::{Delivery, DeliveryId, NewMessage, Queue, Stream};
use sea_orm::ConnectionTrait;
use store::{Database, Settings};
use tempfile::TempDir;

use crate::database::MessagingTables;
use crate::{envelope, message, numbered};

pub use handling::*;
pub use losing::*;
pub use sharing::*;

/// One test per fact, for the backend `$backend` (an expression of a type that implements
/// [`Backend`](queue_contract::Backend)).
#[macro_export]
macro_rules! queue_contract {
    ($backend:expr) => {
        $crate::queue_contract!($backend;
            messages_come_in_the_order_of_publishing,
            each_subscriber_gets_its_own_copy,
            leased_messages_are_not_delivered_twice,
            released_messages_come_back_in_their_old_order,
            unacknowledged_messages_come_back_after_a_restart,
            acknowledged_messages_do_not_come_back_after_an_orderly_restart,
            publishing_again_changes_nothing,
            publishing_again_after_a_restart_changes_nothing,
            failed_message_waits_and_does_not_hold_up_others,
            message_that_always_fails_goes_to_the_dead_letters,
            attempts_survive_a_restart,
            dead_letters_can_be_redriven,
            depth_counts_what_is_unfinished,
            waiting_receiver_is_woken_by_a_message,
            waiting_receiver_gives_up_in_time,
            long_backlogs_are_read_in_the_order_of_each_office,
            flooded_office_does_not_delay_another,
            flooded_offices_share_by_their_weights,
            what_waits_aside_survives_a_restart_failures_and_dead_letters,
            crash_between_effect_and_acknowledgement_has_no_second_effect,
            crash_between_publishing_and_remembering_has_no_second_effect,
            poison_message_does_not_block_its_batch,
            transient_failure_counts_no_attempt,
            three_consumers_give_each_message_one_effect,
            queue_that_lost_everything_is_filled_again_from_the_outbox,
            relay_that_starts_again_publishes_nothing_twice,
            two_relays_of_one_outbox_publish_each_message_once,
            database_that_was_set_back_is_published_from_where_it_stands,
            connections_that_are_cut_are_made_again,
        );
    };
    ($backend:expr; $($fact:ident),* $(,)?) => {
        $(#[tokio::test]
        async fn $fact() {
            let backend = $backend;
            if let Some(reason) = $crate::queue_contract::Backend::missing(&backend) {
                return eprintln!("skipped: {reason}");
            }
            $crate::queue_contract::$fact(&$crate::queue_contract::Place::new(), &backend).await;
        })*
    };
}

/// A backend under test.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Opens the queue whose content is kept under `directory`. Opening again after everything was dropped is a
    /// restart after a crash.
    async fn open(&self, directory: &Path, clock: ProcessClock) -> Arc<dyn Queue>;

    /// Loses everything that the queue under `directory`, which nobody has open, holds.
    async fn lose_everything(&self, directory: &Path);

    /// Cuts every connection of the queue under `directory`, which is open. By default it has none.
    async fn cut_connections(&self, _directory: &Path) {}

    /// Why this backend cannot be tested here. By default it can.
    fn missing(&self) -> Option<String> {
        None
    }
}

/// Where a test keeps its queue and database, and its process time.
#[derive(Debug)]
pub struct Place {
    directory: TempDir,
    clock: ProcessClock,
}

impl Place {
    /// An empty directory.
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a temporary directory"), clock: ProcessClock::default() }
    }

    async fn open(&self, backend: &impl Backend) -> Arc<dyn Queue> {
        backend.open(self.directory.path(), self.clock.clone()).await
    }

    async fn database(&self) -> Database {
        let settings = Settings::file(self.directory.path().join("service.db"));
        let db = Database::open(&settings).await.expect("the database opens");
        db.migrate::<MessagingTables>().await.expect("the tables are made");
        db.writer()
            .execute_unprepared("CREATE TABLE IF NOT EXISTS effect (number BIGINT NOT NULL)")
            .await
            .expect("the table is made");
        db
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

const SCORING: Stream = Stream { subscriber: Service::Scoring, shard: 0 };
const FEATURES: Stream = Stream { subscriber: Service::FeatureStore, shard: 0 };
/// Longer than any back-off.
const LONG: Duration = Duration::from_hours(1);
/// A deadline for what happens at once.
const SOON: Duration = Duration::from_secs(10);

async fn publish(queue: &Arc<dyn Queue>, numbers: impl IntoIterator<Item = u64>) {
    let messages: Vec<NewMessage> = numbers.into_iter().map(|number| message(SCORING, number)).collect();
    queue.publish(&messages).await.expect("the queue takes messages");
}

async fn receive(queue: &Arc<dyn Queue>, max: usize) -> Vec<Delivery> {
    queue.receive(&SCORING, max, Duration::ZERO).await.expect("the queue gives messages")
}

async fn acknowledge(queue: &Arc<dyn Queue>, deliveries: &[Delivery]) {
    queue.acknowledge(&SCORING, &ids(deliveries)).await.expect("the queue takes acknowledgements");
}

fn ids(deliveries: &[Delivery]) -> Vec<DeliveryId> {
    deliveries.iter().map(|delivery| delivery.id).collect()
}

fn numbers(deliveries: &[Delivery]) -> Vec<u64> {
    deliveries.iter().map(|delivery| numbered(&delivery.envelope)).collect()
}

/// Sequence order, whatever the batches, with the content as it was.
pub async fn messages_come_in_the_order_of_publishing(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    publish(&queue, 0..10).await;
    publish(&queue, 10..13).await;
    let (first, second) = (receive(&queue, 4).await, receive(&queue, 100).await);
    assert_eq!(numbers(&first), [0, 1, 2, 3]);
    assert_eq!(numbers(&second), (4..13).collect::<Vec<_>>());
    assert!(ids(&second).is_sorted() && first[3].id < second[0].id);
    let text = |envelope: &events::Envelope| serde_json::to_string(envelope).expect("envelopes are JSON");
    assert_eq!(text(&first[1].envelope), text(&message(SCORING, 1).envelope));
    drop(queue);
    let queue = place.open(backend).await;
    assert_eq!(text(&receive(&queue, 2).await[1].envelope), text(&message(SCORING, 1).envelope));
}

/// One message to two streams is finished by each alone.
pub async fn each_subscriber_gets_its_own_copy(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    let envelope = envelope("declaration.accepted", 1, 100);
    let to = |stream| NewMessage { stream, envelope: envelope.clone() };
    queue.publish(&[to(SCORING), to(FEATURES)]).await.expect("the queue takes messages");
    let deliveries = receive(&queue, 10).await;
    acknowledge(&queue, &deliveries).await;
    assert_eq!(queue.depth(&SCORING).await.expect("depth").unfinished, 0);
    assert_eq!(queue.depth(&FEATURES).await.expect("depth").unfinished, 1);
    let other = queue.receive(&FEATURES, 10, Duration::ZERO).await.expect("the queue gives messages");
    assert_eq!(numbers(&other), [1]);
}

/// A lease is exclusive.
pub async fn leased_messages_are_not_delivered_twice(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    publish(&queue, 0..3).await;
    assert_eq!(receive(&queue, 10).await.len(), 3);
    assert!(receive(&queue, 10).await.is_empty());
}

/// Released messages count no attempt and keep their order.
pub async fn released_messages_come_back_in_their_old_order(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    publish(&queue, 0..5).await;
    let deliveries = receive(&queue, 3).await;
    queue.release(&SCORING, &ids(&deliveries)).await.expect("the queue takes leases back");
    let again = receive(&queue, 10).await;
    assert_eq!(numbers(&again), [0, 1, 2, 3, 4]);
    assert!(again.iter().all(|delivery| delivery.attempts == 0));
}

/// A new process takes over every lease of the old one.
pub async fn unacknowledged_messages_come_back_after_a_restart(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    publish(&queue, 0..6).await;
    let deliveries = receive(&queue, 4).await;
    acknowledge(&queue, &deliveries[1..2]).await;
    drop(queue);
    let queue = place.open(backend).await;
    let again = numbers(&receive(&queue, 10).await);
    // What was acknowledged out of order may come back; what was not must.
    assert!(again.is_sorted() && [0, 2, 3, 4, 5].iter().all(|number| again.contains(number)), "{again:?}");
}

/// What is finished stays finished.
pub async fn acknowledged_messages_do_not_come_back_after_an_orderly_restart(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    publish(&queue, 0..5).await;
    let deliveries = receive(&queue, 3).await;
    acknowledge(&queue, &deliveries).await;
    queue.close().await.expect("the queue closes");
    drop(queue);
    let queue = place.open(backend).await;
    assert_eq!(numbers(&receive(&queue, 10).await), [3, 4]);
}

/// Publishing the same message to the same stream is idempotent.
pub async fn publishing_again_changes_nothing(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    publish(&queue, 0..3).await;
    publish(&queue, 0..4).await;
    let deliveries = receive(&queue, 10).await;
    assert_eq!(numbers(&deliveries), [0, 1, 2, 3]);
    acknowledge(&queue, &deliveries).await;
    publish(&queue, 2..5).await;
    assert_eq!(numbers(&receive(&queue, 10).await), [4]);
}

/// The same across a crash.
pub async fn publishing_again_after_a_restart_changes_nothing(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    publish(&queue, 0..3).await;
    drop(queue);
    let queue = place.open(backend).await;
    publish(&queue, 0..4).await;
    assert_eq!(numbers(&receive(&queue, 10).await), [0, 1, 2, 3]);
}

/// A failed message is away for its back-off.
pub async fn failed_message_waits_and_does_not_hold_up_others(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    publish(&queue, 0..3).await;
    let deliveries = receive(&queue, 1).await;
    queue.fail(&SCORING, deliveries[0].id, "cannot").await.expect("the failure is counted");
    let others = receive(&queue, 10).await;
    assert_eq!(numbers(&others), [1, 2]);
    acknowledge(&queue, &others).await;
    place.clock.skip(LONG);
    let again = receive(&queue, 10).await;
    assert_eq!((numbers(&again), again[0].attempts), (vec![0], 1));
}

async fn kill(place: &Place, queue: &Arc<dyn Queue>, number: u64) -> u32 {
    let mut failures = 0;
    loop {
        place.clock.skip(LONG);
        let deliveries = receive(queue, 1).await;
        let Some(delivery) = deliveries.first() else { return failures };
        assert_eq!((numbered(&delivery.envelope), delivery.attempts), (number, failures));
        failures += 1;
        queue.fail(&SCORING, delivery.id, &format!("failure {failures}")).await.expect("the failure is counted");
    }
}

/// Five attempts, then the dead letters, with the last error.
pub async fn message_that_always_fails_goes_to_the_dead_letters(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    publish(&queue, [7]).await;
    assert_eq!(kill(place, &queue, 7).await, 5);
    let dead = queue.dead_letters(&SCORING, 10).await.expect("dead letters are read");
    assert_eq!((dead.len(), dead[0].attempts, dead[0].error.as_str()), (1, 5, "failure 5"));
    assert_eq!(numbered(&dead[0].envelope), 7);
    drop(queue);
    let queue = place.open(backend).await;
    assert!(receive(&queue, 10).await.is_empty());
    assert_eq!(queue.dead_letters(&SCORING, 10).await.expect("dead letters are read").len(), 1);
}

/// A crash does not forgive failures.
pub async fn attempts_survive_a_restart(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    publish(&queue, [7]).await;
    let deliveries = receive(&queue, 1).await;
    queue.fail(&SCORING, deliveries[0].id, "cannot").await.expect("the failure is counted");
    drop(queue);
    let queue = place.open(backend).await;
    place.clock.skip(LONG);
    assert_eq!(receive(&queue, 1).await[0].attempts, 1);
}

/// A redriven message is there again, at the end, with no attempts.
pub async fn dead_letters_can_be_redriven(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    publish(&queue, [7]).await;
    kill(place, &queue, 7).await;
    publish(&queue, [8]).await;
    let dead = queue.dead_letters(&SCORING, 10).await.expect("dead letters are read");
    assert_eq!(queue.redrive(&SCORING, &[dead[0].id]).await.expect("redriven"), 1);
    assert_eq!(queue.redrive(&SCORING, &[dead[0].id]).await.expect("redriven"), 0);
    let deliveries = receive(&queue, 10).await;
    assert_eq!(numbers(&deliveries), [8, 7]);
    assert_eq!(deliveries[1].attempts, 0);
    acknowledge(&queue, &deliveries).await;
    let depth = queue.depth(&SCORING).await.expect("depth");
    assert_eq!((depth.unfinished, depth.dead), (0, 0));
}

/// Depth counts waiting, leased and failed messages, and the age of the oldest.
pub async fn depth_counts_what_is_unfinished(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    assert_eq!(queue.depth(&SCORING).await.expect("depth"), queue::Depth::default());
    publish(&queue, 0..5).await;
    place.clock.skip(Duration::from_secs(90));
    let deliveries = receive(&queue, 3).await;
    acknowledge(&queue, &deliveries[..1]).await;
    queue.fail(&SCORING, deliveries[1].id, "cannot").await.expect("the failure is counted");
    let depth = queue.depth(&SCORING).await.expect("depth");
    assert_eq!((depth.unfinished, depth.dead), (4, 0));
    let age = depth.oldest_age.expect("something is unfinished");
    assert!(age >= Duration::from_secs(90) && age < Duration::from_secs(150), "{age:?}");
}

/// Nobody polls: a message wakes the one who waits for it.
pub async fn waiting_receiver_is_woken_by_a_message(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    for number in 0..20 {
        let started = Instant::now();
        let (received, ()) = tokio::join!(queue.receive(&SCORING, 10, LONG), async {
            tokio::task::yield_now().await;
            publish(&queue, [number]).await;
        });
        assert_eq!(numbers(&received.expect("the queue gives messages")), [number]);
        assert!(started.elapsed() < SOON);
    }
}

/// Waiting ends with nothing when nothing comes.
pub async fn waiting_receiver_gives_up_in_time(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    let wait = Duration::from_millis(30);
    let started = Instant::now();
    assert!(queue.receive(&SCORING, 10, wait).await.expect("the queue gives messages").is_empty());
    assert!(started.elapsed() >= wait && started.elapsed() < SOON);
}

/// More messages than any window in memory. One half is of an office, the other of none.
pub async fn long_backlogs_are_read_in_the_order_of_each_office(place: &Place, backend: &impl Backend) {
    const MESSAGES: u64 = 6_000;
    let queue = place.open(backend).await;
    assert!(receive(&queue, 1).await.is_empty());
    for start in (0..MESSAGES).step_by(250) {
        publish(&queue, start..start + 250).await;
    }
    let mut read = Vec::new();
    for round in 0.. {
        let deliveries = receive(&queue, 300).await;
        if deliveries.is_empty() {
            break;
        }
        read.extend(numbers(&deliveries));
        acknowledge(&queue, &deliveries).await;
        if round == 5 {
            publish(&queue, MESSAGES..MESSAGES + 10).await;
        }
    }
    for rest in [0, 1] {
        let of_one: Vec<u64> = read.iter().copied().filter(|number| number % 2 == rest).collect();
        assert_eq!(of_one, (0..MESSAGES + 10).filter(|number| number % 2 == rest).collect::<Vec<_>>());
    }
}
