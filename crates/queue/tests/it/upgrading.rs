//! A program of the next version beside one of this: both versions of a message are on their way at once.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events::{DecodeError, Envelope, Payload, Service};
use lifecycle::{ProcessClock, Worker};
use queue::{
    Consumer, ConsumerSettings, Delivery, EmbeddedQueue, EmbeddedSettings, Handler, HandlerError, NewMessage, Queue,
    Stream,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// As the version before had it.
#[derive(Serialize, Deserialize, ToSchema)]
struct Before {
    number: u64,
}

/// As this version has it: only adds.
#[derive(Serialize, Deserialize, ToSchema)]
struct Now {
    number: u64,
    #[serde(default)]
    place: Option<String>,
}

impl Payload for Before {
    const NAME: &'static str = "declaration.moved";
    const VERSION: u16 = 1;
}

impl Payload for Now {
    const NAME: &'static str = "declaration.moved";
    const VERSION: u16 = 2;
}

/// What a message says, in either version.
type Said = (u64, Option<String>);

/// Reads every message as an `E`.
struct Reading<E> {
    read: Arc<Mutex<Vec<Said>>>,
    as_read: fn(E) -> Said,
}

#[async_trait]
impl<E: Payload> Handler for Reading<E> {
    async fn handle(&self, batch: &[Delivery]) -> Result<(), HandlerError> {
        let read: Result<Vec<E>, DecodeError> = batch.iter().map(|delivery| delivery.envelope.decode()).collect();
        self.read.lock().expect("no reader panicked").extend(read?.into_iter().map(self.as_read));
        Ok(())
    }
}

fn message<E: Payload>(number: u64, body: E) -> NewMessage {
    let key = number.to_be_bytes();
    let envelope: Envelope = Envelope::new(&[&key], testkit::noon(), 0, None, body).into_raw();
    NewMessage { stream: Stream::of(Service::PerformanceMonitoring), envelope }
}

#[tokio::test]
async fn both_versions_of_a_message_are_handled_once_each_whoever_is_updated_first() {
    let at_once = EmbeddedSettings { max_attempts: 1, ..EmbeddedSettings::default() };
    let queue = EmbeddedQueue::open_with("sqlite::memory:", at_once, ProcessClock::default()).await.unwrap();
    let queue: Arc<dyn Queue> = Arc::new(queue);
    let stream = Stream::of(Service::PerformanceMonitoring);
    let read = Arc::new(Mutex::new(Vec::new()));
    let old = Reading { read: Arc::clone(&read), as_read: |body: Before| (body.number, None) };
    let new = Reading { read: Arc::clone(&read), as_read: |body: Now| (body.number, body.place) };
    let taking = ConsumerSettings::default();
    let old = Consumer::new(Arc::clone(&queue), stream, old, taking);
    let new = Consumer::new(Arc::clone(&queue), stream, new, taking);

    // The publisher is updated before its subscriber: the subscriber puts aside what it cannot read yet.
    let sent = [
        message(1, Before { number: 1 }),
        message(2, Now { number: 2, place: Some("dock".to_owned()) }),
        message(3, Before { number: 3 }),
    ];
    queue.publish(&sent).await.unwrap();
    old.step().await.unwrap();
    assert_eq!(*read.lock().unwrap(), [(1, None), (3, None)]);
    let put_aside = queue.dead_letters(&stream, 10).await.unwrap();
    assert_eq!(put_aside.len(), 1);
    assert!(put_aside[0].error.contains("version 2"), "{}", put_aside[0].error);

    // The subscriber is updated, and reads what was put aside and what a publisher of before still sends.
    let ids: Vec<_> = put_aside.iter().map(|letter| letter.id).collect();
    queue.redrive(&stream, &ids).await.unwrap();
    queue.publish(&[message(4, Before { number: 4 })]).await.unwrap();
    new.step().await.unwrap();
    let mut all = read.lock().unwrap().clone();
    all.sort();
    assert_eq!(all, [(1, None), (2, Some("dock".to_owned())), (3, None), (4, None)]);
    let depth = queue.depth(&stream).await.unwrap();
    assert_eq!((depth.unfinished, depth.dead), (0, 0));
}
