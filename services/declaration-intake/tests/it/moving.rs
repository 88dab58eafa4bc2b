use clients::{DeclarationState, MovementLine, MovementReceipt, ReceiptStatus};
use customs::{Declaration, MeansOfTransport, Modality, Timestamp, TransportMode};
use events::{DeclarationMoved, Movement, Service as Name};
use jiff::SignedDuration;

use crate::world::{World, accepted, numbered};

fn aboard(number: u32, voyage: &str, modality: Modality) -> Declaration {
    let means_of_transport = Some(MeansOfTransport {
        mode: TransportMode::Maritime,
        id: "9321483".into(),
        voyage: Some(voyage.into()),
        expected_arrival: None,
    });
    Declaration { means_of_transport, modality, ..numbered(number) }
}

async fn send(client: &clients::Client, lines: &[MovementLine]) -> Vec<MovementReceipt> {
    let lines: Vec<String> = lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
    let mut receipts = Vec::new();
    client.move_bulk(lines, |receipt| receipts.push(receipt)).await.unwrap();
    receipts
}

fn at() -> Timestamp {
    numbered(1).acceptance_date_time
}

#[tokio::test]
async fn goods_arrive_are_presented_and_released_once() {
    let world = World::new().await;
    let client = world.client();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    let (first, second, third) = (at() - SignedDuration::from_hours(2), at() - SignedDuration::from_hours(1), at());
    client.arrive(id, first).await.unwrap();
    client.arrive(id, first).await.unwrap();
    assert_eq!(client.arrive(id, second).await.unwrap_err().code(), Some("movement-conflict"));
    client.present(id, second).await.unwrap();
    let status = client.release(id, third).await.unwrap();
    assert_eq!(status.state, DeclarationState::Released);
    assert_eq!((status.arrived_at, status.presented_at, status.released_at), (Some(first), Some(second), Some(third)));
    let moved: Vec<DeclarationMoved> =
        world.announced(Name::PerformanceMonitoring).await.iter().filter_map(|it| it.decode().ok()).collect();
    let movements: Vec<Movement> = moved.iter().map(|it| it.movement).collect();
    assert_eq!(movements, [Movement::Arrived, Movement::Presented, Movement::Released]);
    world.stop().await;
}

#[tokio::test]
async fn arrival_of_a_means_of_transport_moves_all_its_goods() {
    let world = World::new().await;
    let client = world.client();
    let mut ids = Vec::new();
    for (number, voyage) in [(1, "602S"), (2, "602S"), (3, "603N")] {
        ids.push(client.lodge(&aboard(number, voyage, Modality::Advance), false).await.unwrap().id);
    }
    let arrival =
        MovementLine::MeansOfTransport { means_of_transport: "9321483".into(), voyage: Some("602S".into()), at: at() };
    let release = MovementLine::Declaration { declaration: ids[0], movement: "released".into(), at: at() };
    let unknown =
        MovementLine::Declaration { declaration: numbered(99).id(at()), movement: "released".into(), at: at() };
    let receipts = send(&client, &[arrival.clone(), release.clone(), unknown]).await;
    assert_eq!((receipts[0].status, receipts[0].declarations), (ReceiptStatus::Accepted, 2));
    assert_eq!(receipts[1].status, ReceiptStatus::Accepted);
    assert_eq!(receipts[2].problem.as_ref().unwrap().code, "not-found");
    assert_eq!(client.declaration(ids[1], None).await.unwrap().arrived_at, Some(at()));
    assert_eq!(client.declaration(ids[2], None).await.unwrap().arrived_at, None);
    let moved = world.announced(Name::PerformanceMonitoring).await;
    assert_eq!(moved.len(), 3);

    let receipts = send(&client, &[arrival, release]).await;
    assert_eq!(receipts[0].declarations, 0);
    assert_eq!(receipts[1].status, ReceiptStatus::Known);
    assert!(world.announced(Name::PerformanceMonitoring).await.is_empty());
    world.stop().await;
}

#[tokio::test]
async fn goods_declared_after_their_arrival_have_arrived() {
    let world = World::new().await;
    let client = world.client();
    let earlier = at() - SignedDuration::from_hours(30);
    let arrival = MovementLine::MeansOfTransport {
        means_of_transport: "9321483".into(),
        voyage: Some("602S".into()),
        at: earlier,
    };
    send(&client, &[arrival]).await;
    client.lodge(&aboard(1, "602S", Modality::Deferred), false).await.unwrap();
    client.lodge(&aboard(2, "602S", Modality::Advance), false).await.unwrap();
    let announced = accepted(&world.announced(Name::Scoring).await);
    assert_eq!((announced[0].arrived_at, announced[1].arrived_at), (Some(earlier), None));
    world.stop().await;
}

#[tokio::test]
async fn unreadable_and_ambiguous_lines_are_refused_alone() {
    let world = World::new().await;
    let client = world.client();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    let lines = [
        "nonsense".to_owned(),
        format!("{{\"declaration\":\"{id}\",\"at\":\"{}\"}}", at()),
        format!("{{\"declaration\":\"{id}\",\"movement\":\"arrived\",\"at\":\"yesterday\"}}"),
        format!("{{\"declaration\":\"{id}\",\"movement\":\"arrived\",\"at\":\"{}\"}}", at()),
    ];
    let mut receipts: Vec<MovementReceipt> = Vec::new();
    client.move_bulk(lines, |receipt| receipts.push(receipt)).await.unwrap();
    let codes: Vec<_> = receipts.iter().map(|it| it.problem.as_ref().map(|problem| problem.code.as_str())).collect();
    assert_eq!(codes, [Some("body-malformed"), Some("movement-ambiguous"), Some("body-malformed"), None]);
    assert_eq!(receipts[2].problem.as_ref().unwrap().errors[0].pointer, "/at");
    world.stop().await;
}
