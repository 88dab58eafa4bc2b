//! What holds for consumers, relays and handlers over every backend: crashes, poison and groups.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use events::Service;
use lifecycle::{Shutdown, Tasks, Worker};
use queue::{Consumer, ConsumerSettings, Delivery, Handler, HandlerError, NewMessage, Queue, Relay};
use sea_orm::ConnectionTrait;
use store::{Database, inbox, outbox};

use super::{Backend, FEATURES, LONG, Place, SCORING, SOON, publish};
use crate::{envelope, numbered};

/// A handler that writes one row per message that its inbox admits.
pub(super) struct Effects {
    db: Database,
    /// Messages with this number cannot be handled.
    poison: Option<u64>,
    /// The effect is committed, and then the process dies.
    crash_after_commit: bool,
    busy: AtomicUsize,
}

impl Effects {
    pub(super) fn new(db: Database) -> Self {
        Self { db, poison: None, crash_after_commit: false, busy: AtomicUsize::new(0) }
    }
}

#[async_trait]
impl Handler for Effects {
    async fn handle(&self, batch: &[Delivery]) -> Result<(), HandlerError> {
        if self.busy.load(Ordering::Relaxed) > 0 {
            self.busy.fetch_sub(1, Ordering::Relaxed);
            return Err(store::StoreError::Busy(sea_orm::DbErr::Custom("someone else writes".to_owned())).into());
        }
        let tx = self.db.begin().await?;
        let events: Vec<_> = batch.iter().map(|delivery| delivery.envelope.id).collect();
        let new = inbox::admit(&tx, Service::Scoring, &events).await?;
        for (delivery, _) in batch.iter().zip(new).filter(|(_, new)| *new) {
            let number = numbered(&delivery.envelope);
            if self.poison == Some(number) {
                return Err(std::io::Error::other(format!("{number} is poison")).into());
            }
            tx.execute_unprepared(&format!("INSERT INTO effect VALUES ({number})")).await?;
        }
        tx.commit().await?;
        if self.crash_after_commit { std::future::pending().await } else { Ok(()) }
    }
}

pub(super) async fn effects(db: &Database) -> Vec<u64> {
    let (sqlite, postgres) = ("SELECT number FROM effect ORDER BY rowid", "SELECT number FROM effect ORDER BY ctid");
    let statement = store::Sql { sqlite, postgres }.on(db.reader(), []);
    let rows = db.reader().query_all_raw(statement).await.expect("effects are read");
    rows.iter().map(|row| row.try_get_by_index::<i64>(0).expect("a number") as u64).collect()
}

pub(super) fn consumer(queue: &Arc<dyn Queue>, handler: Effects) -> Consumer<Effects> {
    Consumer::new(Arc::clone(queue), SCORING, handler, ConsumerSettings { batch: 16, ..ConsumerSettings::default() })
}

/// Killed after the commit of the effect and before the acknowledgement.
pub async fn crash_between_effect_and_acknowledgement_has_no_second_effect(place: &Place, backend: &impl Backend) {
    let (queue, db) = (place.open(backend).await, place.database().await);
    publish(&queue, 0..10).await;
    let dying = consumer(&queue, Effects { crash_after_commit: true, ..Effects::new(db.clone()) });
    let died = tokio::time::timeout(Duration::from_millis(300), dying.step()).await;
    assert!(died.is_err() && effects(&db).await.len() == 10);
    drop((dying, queue));
    let queue = place.open(backend).await;
    assert_eq!(consumer(&queue, Effects::new(db.clone())).step().await.expect("works"), 10, "all come again");
    assert_eq!(effects(&db).await, (0..10).collect::<Vec<_>>());
    assert_eq!(queue.depth(&SCORING).await.expect("depth").unfinished, 0);
}

/// The relay is killed after publishing and before it notes how far it came.
pub async fn crash_between_publishing_and_remembering_has_no_second_effect(place: &Place, backend: &impl Backend) {
    let (queue, db) = (place.open(backend).await, place.database().await);
    let accepted: Vec<_> = (0..10).map(|number| envelope("declaration.accepted", number, 100)).collect();
    outbox::append(db.writer(), &accepted).await.expect("the outbox takes messages");
    let lost: Vec<_> =
        accepted.iter().map(|envelope| NewMessage { stream: SCORING, envelope: envelope.clone() }).collect();
    queue.publish(&lost).await.expect("the queue takes messages");
    drop(queue);
    let queue = place.open(backend).await;
    let relay = Relay::new("relay", db.clone(), Arc::clone(&queue), place.clock.clone());
    assert_eq!(relay.step().await.expect("publishes"), 10);
    assert_eq!(relay.step().await.expect("publishes"), 0);
    consumer(&queue, Effects::new(db.clone())).step().await.expect("works");
    assert_eq!(effects(&db).await, (0..10).collect::<Vec<_>>());
    assert_eq!(queue.depth(&FEATURES).await.expect("depth").unfinished, 10, "every subscriber has its messages");
}

/// One bad message in the batch: the others have their effect at once, the bad one ends in the dead letters.
pub async fn poison_message_does_not_block_its_batch(place: &Place, backend: &impl Backend) {
    let (queue, db) = (place.open(backend).await, place.database().await);
    publish(&queue, 0..10).await;
    let consumer = consumer(&queue, Effects { poison: Some(4), ..Effects::new(db.clone()) });
    consumer.step().await.expect("works");
    assert_eq!(effects(&db).await, [0, 1, 2, 3, 5, 6, 7, 8, 9]);
    for _ in 0..5 {
        place.clock.skip(LONG);
        consumer.step().await.expect("works");
    }
    let dead = queue.dead_letters(&SCORING, 10).await.expect("dead letters are read");
    assert_eq!((dead.len(), dead[0].error.as_str()), (1, "4 is poison"));
}

/// A busy database is not a message's fault.
pub async fn transient_failure_counts_no_attempt(place: &Place, backend: &impl Backend) {
    let (queue, db) = (place.open(backend).await, place.database().await);
    publish(&queue, 0..3).await;
    let consumer = consumer(&queue, Effects { busy: 9.into(), ..Effects::new(db.clone()) });
    for _ in 0..9 {
        consumer.step().await.expect_err("busy");
    }
    assert_eq!(consumer.step().await.expect("works"), 3);
    assert_eq!(effects(&db).await, [0, 1, 2]);
}

/// A group on one stream, running at the same time as the publisher.
pub async fn three_consumers_give_each_message_one_effect(place: &Place, backend: &impl Backend) {
    const MESSAGES: u64 = 600;
    let (queue, db) = (place.open(backend).await, place.database().await);
    let tasks = Tasks::new(Shutdown::new());
    for _ in 0..3 {
        tasks.spawn_worker(Arc::new(consumer(&queue, Effects::new(db.clone()))));
    }
    for start in (0..MESSAGES).step_by(20) {
        publish(&queue, start..start + 20).await;
    }
    let deadline = Instant::now() + SOON;
    while queue.depth(&SCORING).await.expect("depth").unfinished > 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tasks.shutdown().trigger();
    tasks.join(SOON).await.expect("the consumers end well");
    let mut effects = effects(&db).await;
    effects.sort_unstable();
    assert_eq!(effects, (0..MESSAGES).collect::<Vec<_>>());
}
