//! What holds over every backend where offices share a stream: a flood of one delays no other, and nothing is lost or
//! turned round on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use events::Service;
use queue::{Delivery, Fairness, NewMessage, Queue};

use super::{Backend, LONG, Place, SCORING, acknowledge, ids, numbers, receive};
use crate::envelope;

/// The most messages of one office before its next wait aside.
const WINDOW: u32 = 100;
/// The office with three times that.
const HEAVY: &str = "235";
const BATCH: usize = 50;

/// What backends under test are opened with.
pub fn fairness() -> Fairness {
    Fairness { window: WINDOW, weights: BTreeMap::from([(HEAVY.to_owned(), 3)]) }
}

async fn publish_of(queue: &Arc<dyn Queue>, office: &str, numbers: impl IntoIterator<Item = u64>) {
    let message = |number| {
        let mut envelope = envelope("declaration.accepted", number, 16);
        envelope.office = Some(office.into());
        NewMessage { stream: SCORING, envelope }
    };
    let messages: Vec<NewMessage> = numbers.into_iter().map(message).collect();
    for some in messages.chunks(500) {
        queue.publish(some).await.expect("the queue takes messages");
    }
}

fn of<'a>(deliveries: &'a [Delivery], office: &'a str) -> impl Iterator<Item = u64> + 'a {
    let own = move |delivery: &&Delivery| delivery.envelope.office.as_ref().is_some_and(|own| own.as_str() == office);
    deliveries.iter().filter(own).map(|delivery| crate::numbered(&delivery.envelope))
}

/// Reads and finishes until nothing is left.
async fn drain(queue: &Arc<dyn Queue>, max: usize) -> Vec<Delivery> {
    let mut all = Vec::new();
    loop {
        let deliveries = receive(queue, max).await;
        if deliveries.is_empty() {
            return all;
        }
        acknowledge(queue, &deliveries).await;
        all.extend(deliveries);
    }
}

/// Behind thousands of messages of one office, those of others come within a window; each office's in their order.
pub async fn flooded_office_does_not_delay_another(place: &Place, backend: &impl Backend) {
    const FLOOD: u64 = 5_000;
    let queue = place.open(backend).await;
    publish_of(&queue, "118", 0..FLOOD).await;
    publish_of(&queue, "046", FLOOD..FLOOD + 3).await;
    publish_of(&queue, "118", FLOOD + 3..FLOOD + 10).await;
    let depth = queue.depth(&SCORING).await.expect("depth").unfinished;
    assert_eq!(depth, FLOOD + 10, "what waits aside is unfinished");

    let mut read = Vec::new();
    while of(&read, "046").count() < 3 {
        let deliveries = receive(&queue, BATCH).await;
        assert!(!deliveries.is_empty(), "the other office never came");
        acknowledge(&queue, &deliveries).await;
        read.extend(deliveries);
    }
    let before = of(&read, "118").count();
    assert!(before <= WINDOW as usize + BATCH, "{before} of the flood came before");
    // One that comes in the middle of the flood waits no longer.
    publish_of(&queue, "172", [FLOOD + 10]).await;
    let (mut between, mut last) = (0, Vec::new());
    while of(&last, "172").next().is_none() {
        last = receive(&queue, BATCH).await;
        acknowledge(&queue, &last).await;
        between += of(&last, "118").count();
        read.extend(last.iter().cloned());
    }
    assert!(between <= WINDOW as usize + BATCH, "{between} of the flood came before");

    read.extend(drain(&queue, BATCH).await);
    let expected: Vec<u64> = (0..FLOOD).chain(FLOOD + 3..FLOOD + 10).collect();
    assert_eq!(of(&read, "118").collect::<Vec<_>>(), expected, "the flood in its order, each once");
    assert_eq!(read.len() as u64, FLOOD + 11);
    assert_eq!(queue.depth(&SCORING).await.expect("depth").unfinished, 0);
    assert!(queue.by_office(Service::Scoring).await.expect("counts").is_empty());
}

/// Of two flooded offices, the one with three times the weight is read three times as much.
pub async fn flooded_offices_share_by_their_weights(place: &Place, backend: &impl Backend) {
    let queue = place.open(backend).await;
    publish_of(&queue, "118", 0..2_000).await;
    publish_of(&queue, HEAVY, 2_000..4_000).await;
    let unfinished = queue.by_office(Service::Scoring).await.expect("counts");
    // A backend that reads ahead may not have looked at all of them yet.
    assert!(unfinished.values().all(|count| *count <= 2_000), "{unfinished:?}");
    let mut read = Vec::new();
    for _ in 0..1_600 / BATCH {
        let deliveries = receive(&queue, BATCH).await;
        acknowledge(&queue, &deliveries).await;
        read.extend(deliveries);
    }
    let (light, heavy) = (of(&read, "118").count(), of(&read, HEAVY).count());
    assert!((1_100..=1_300).contains(&heavy), "{heavy} of three times the weight, {light} of once");
    let unfinished = queue.by_office(Service::Scoring).await.expect("counts");
    assert_eq!(unfinished["118"], 2_000 - light as u64);
    assert_eq!(unfinished[HEAVY], 2_000 - heavy as u64);
}

/// A process that dies, messages that fail and such as are given up leave no gap through which a flood stands still.
pub async fn what_waits_aside_survives_a_restart_failures_and_dead_letters(place: &Place, backend: &impl Backend) {
    const FLOOD: u64 = 450;
    let queue = place.open(backend).await;
    publish_of(&queue, "118", 0..FLOOD).await;
    let first = receive(&queue, 10).await;
    assert_eq!(numbers(&first), (0..10).collect::<Vec<_>>());
    acknowledge(&queue, &first[..4]).await;
    queue.release(&SCORING, &ids(&first[4..6])).await.expect("leases are ended");
    drop(queue);

    let queue = place.open(backend).await;
    let mut attempts = 0;
    let mut all = Vec::new();
    loop {
        place.clock.skip(LONG);
        let deliveries = receive(&queue, 30).await;
        if deliveries.is_empty() {
            break;
        }
        for delivery in deliveries {
            if crate::numbered(&delivery.envelope) == 7 {
                attempts += 1;
                queue.fail(&SCORING, delivery.id, "cannot").await.expect("the failure is counted");
            } else {
                acknowledge(&queue, std::slice::from_ref(&delivery)).await;
                all.push(crate::numbered(&delivery.envelope));
            }
        }
    }
    assert_eq!(attempts, 5);
    all.retain(|number| *number >= 4);
    assert_eq!(all, (4..FLOOD).filter(|number| *number != 7).collect::<Vec<_>>());
    assert!(queue.by_office(Service::Scoring).await.expect("counts").is_empty(), "a dead letter counts no more");

    let dead = queue.dead_letters(&SCORING, 10).await.expect("dead letters are read");
    publish_of(&queue, "118", FLOOD..FLOOD + 300).await;
    assert_eq!(queue.redrive(&SCORING, &[dead[0].id]).await.expect("redriven"), 1);
    let mut again: Vec<u64> = numbers(&drain(&queue, BATCH).await);
    again.sort_unstable();
    assert_eq!(again, [7].into_iter().chain(FLOOD..FLOOD + 300).collect::<Vec<_>>());
    assert!(queue.by_office(Service::Scoring).await.expect("counts").is_empty());
}
