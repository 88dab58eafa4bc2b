use clients::ReceiptStatus;
use customs::{Decimal, Declaration, Timestamp};
use events::Service as Name;
use rest::Role;

use crate::world::{World, accepted, numbered};

#[tokio::test]
async fn lodged_declaration_is_stored_and_announced_once() {
    let world = World::new().await;
    let client = world.client();
    let declaration = numbered(1);
    let first = client.lodge(&declaration, false).await.unwrap();
    assert_eq!(first.status, ReceiptStatus::Accepted);
    assert_eq!(first.id, declaration.id(declaration.acceptance_date_time));
    let again = client.lodge(&declaration, false).await.unwrap();
    assert_eq!((again.status, again.id, &again.digest), (ReceiptStatus::Known, first.id, &first.digest));

    let announced = accepted(&world.announced(Name::Scoring).await);
    assert_eq!(announced.len(), 1);
    assert_eq!(announced[0].declaration, declaration);
    assert_eq!((announced[0].id, announced[0].version, announced[0].history), (first.id, 1, false));
    assert_eq!(announced[0].consignment_key, declaration.consignment_key());
    assert_eq!(announced[0].accepted_at, declaration.acceptance_date_time);
    assert!(announced[0].received_at_ms > 0);
    assert_eq!(announced[0].notes, first.notes);
    world.stop().await;
}

#[tokio::test]
async fn other_content_under_the_same_identity_is_refused_with_both_digests() {
    let world = World::new().await;
    let client = world.client();
    let first = client.lodge(&numbered(1), false).await.unwrap();
    let other = Declaration { packages: Some(77), ..numbered(1) };
    let error = client.lodge(&other, false).await.unwrap_err();
    let problem = error.problem().unwrap();
    assert_eq!((problem.status, problem.code.as_str()), (409, "declaration-conflict"));
    assert_eq!(problem.more["recordedDigest"], first.digest.as_str());
    assert_ne!(problem.more["sentDigest"], first.digest.as_str());
    assert_eq!(accepted(&world.announced(Name::Scoring).await).len(), 1);
    world.stop().await;
}

#[tokio::test]
async fn strict_refuses_what_has_notes_and_stores_nothing() {
    let world = World::new().await;
    let client = world.client();
    let mut noted = numbered(1);
    noted.items[0].net_mass_kg = Some(Decimal::new(-5, 0));
    let error = client.lodge(&noted, true).await.unwrap_err();
    let problem = error.problem().unwrap();
    assert_eq!((problem.status, problem.code.as_str()), (422, "declaration-noted"));
    assert!(problem.errors.iter().any(|error| error.pointer == "/items/0/netMassKg"), "{problem}");
    assert!(world.announced(Name::Scoring).await.is_empty());
    let lodged = client.lodge(&noted, false).await.unwrap();
    assert_eq!(lodged.status, ReceiptStatus::Accepted);
    assert!(!lodged.notes.is_empty());
    world.stop().await;
}

#[tokio::test]
async fn token_for_certain_offices_lodges_and_reads_there_alone() {
    let world = World::new().await;
    let declaration = numbered(1);
    let elsewhere = world.client_for(&["999"]);
    assert_eq!(elsewhere.lodge(&declaration, false).await.unwrap_err().code(), Some("office-forbidden"));
    let here = world.client_for(&[declaration.office.as_str()]);
    let id = here.lodge(&declaration, false).await.unwrap().id;
    here.declaration(id, None).await.unwrap();
    assert_eq!(elsewhere.declaration(id, None).await.unwrap_err().code(), Some("not-found"));
    world.stop().await;
}

#[tokio::test]
async fn lodging_at_the_same_time_shares_transactions_and_loses_nothing() {
    let world = World::new().await;
    let client = world.client();
    let lodged = futures_util::future::join_all((0..200).map(|number| {
        let client = client.clone();
        // Every declaration twice.
        async move { client.lodge(&numbered(number % 100), false).await.unwrap() }
    }))
    .await;
    let stored = lodged.iter().filter(|receipt| receipt.status == ReceiptStatus::Accepted).count();
    assert_eq!(stored, 100);
    assert_eq!(accepted(&world.announced(Name::Scoring).await).len(), 100);
    let metrics = client.metrics().await.unwrap();
    let batches: u64 = metrics
        .lines()
        .find_map(|line| line.strip_prefix("intake_batch_size_count "))
        .and_then(|count| count.trim().parse().ok())
        .unwrap();
    assert!(batches < 200, "{batches} transactions for 200 requests");
    world.stop().await;
}

#[tokio::test]
async fn full_queue_refuses_with_503_and_retry_after() {
    let world = World::with(|settings| {
        settings.queue_length = 1;
        settings.batch = 1;
    })
    .await;
    let client = world.client();
    let lodged = futures_util::future::join_all((0..100).map(|number| {
        let client = client.clone();
        async move { client.lodge(&numbered(number), false).await }
    }))
    .await;
    let refused: Vec<_> = lodged.iter().filter_map(|lodged| lodged.as_ref().err()).collect();
    assert!(!refused.is_empty());
    for error in &refused {
        assert_eq!(error.status(), Some(503));
        assert!(error.problem().unwrap().retry_after.is_some());
        assert!(error.is_transient());
    }
    let stored = lodged.len() - refused.len();
    assert_eq!(accepted(&world.announced(Name::Scoring).await).len(), stored);
    world.stop().await;
}

#[tokio::test]
async fn customs_systems_alone_lodge() {
    let world = World::new().await;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::CustomsSystem) {
        let client = clients::Client::new(&world.url, world.token(&[role])).unwrap();
        assert_eq!(client.lodge(&numbered(1), false).await.unwrap_err().code(), Some("role-missing"), "{role}");
    }
    world.stop().await;
}

#[tokio::test]
async fn identity_outlives_a_restart() {
    let world = World::new().await;
    let first = world.client().lodge(&numbered(1), false).await.unwrap();
    let later: Timestamp = "2026-08-01T00:00:00Z".parse().unwrap();
    let world = world.restart(lifecycle::Clock::fixed(later)).await;
    let again = world.client().lodge(&numbered(1), false).await.unwrap();
    assert_eq!((again.status, again.id), (ReceiptStatus::Known, first.id));
    world.stop().await;
}
