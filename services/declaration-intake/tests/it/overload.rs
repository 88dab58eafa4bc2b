//! An office that has too many undecided declarations is refused; all others go on.

use std::time::Duration;

use clients::ReceiptStatus;
use events::Service as Name;
use queue::Stream;
use testkit::Changes;

use crate::world::{World, numbered};

const MOST: u32 = 5;

async fn look(world: &World) {
    let workers = world.service.workers();
    let watch = workers.iter().find(|worker| worker.name() == "intake-backlog").expect("somebody counts");
    watch.step().await.unwrap();
}

#[tokio::test]
async fn office_beyond_its_backlog_gets_503_with_retry_after_and_others_go_on() {
    let world = World::with(|settings| settings.office_backlog = MOST.into()).await;
    let client = world.client();
    let lodge = async |number: u32, office: &str| client.lodge(&numbered(number).with_office(office), false).await;
    let mut first = None;
    for number in 0..MOST {
        let receipt = lodge(number, "118").await.expect("there is room");
        first.get_or_insert(receipt.id);
        // Whether the queue has heard of them or not makes no difference.
        if number == 2 {
            world.step(0).await;
            look(&world).await;
        }
    }
    for number in [100, 101] {
        let refused = lodge(MOST, "118").await.unwrap_err();
        assert_eq!((refused.status(), refused.code()), (Some(503), Some("overloaded")));
        let problem = refused.problem().unwrap();
        assert!(problem.retry_after.is_some_and(|seconds| seconds > 0), "{problem}");
        assert!(problem.detail.as_deref().unwrap_or_default().contains("118"), "{problem}");
        assert_eq!(lodge(number, "235").await.unwrap().status, ReceiptStatus::Accepted, "another office");
        world.step(0).await;
        look(&world).await;
    }

    // Of many lines those of the full office are refused, each saying when to come again.
    let lines = [("118", 200), ("235", 201), ("118", 202)]
        .map(|(office, number)| serde_json::to_vec(&numbered(number).with_office(office)).unwrap());
    let mut receipts = Vec::new();
    client.lodge_bulk(lines.to_vec(), |receipt| receipts.push(receipt)).await.unwrap();
    let states: Vec<ReceiptStatus> = receipts.iter().map(|receipt| receipt.status).collect();
    assert_eq!(states, [ReceiptStatus::Refused, ReceiptStatus::Accepted, ReceiptStatus::Refused]);
    let problem = receipts[0].problem.as_ref().unwrap();
    assert_eq!((problem.status, problem.retry_after.is_some()), (503, true));

    // An amendment is to be decided, too.
    let amended = numbered(0).with_office("118").with_commodity("8471300000");
    let id = first.expect("the first was lodged");
    assert_eq!(client.amend(id, &amended).await.unwrap_err().status(), Some(503));
    let metrics = client.metrics().await.unwrap();
    assert!(metrics.contains("intake_declarations_overloaded_total 5"), "{metrics}");

    // Scoring decides: there is room again.
    world.step(0).await;
    let stream = Stream::of(Name::Scoring);
    loop {
        let batch = world.queue.receive(&stream, 100, Duration::ZERO).await.unwrap();
        if batch.is_empty() {
            break;
        }
        let ids: Vec<_> = batch.iter().map(|delivery| delivery.id).collect();
        world.queue.acknowledge(&stream, &ids).await.unwrap();
    }
    look(&world).await;
    assert_eq!(lodge(MOST, "118").await.unwrap().status, ReceiptStatus::Accepted);
    world.stop().await;
}
