use clients::{DeclarationState, ReceiptStatus};
use customs::{Channel, Declaration};
use events::{DeclarationCancelled, Service as Name};

use crate::world::{World, accepted, numbered};

fn amended(number: u32, packages: u32) -> Declaration {
    Declaration { packages: Some(packages.into()), ..numbered(number) }
}

#[tokio::test]
async fn amendment_is_a_version_that_may_only_raise_what_was_told() {
    let world = World::new().await;
    let client = world.client();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    world.decide(id, 1, Channel::Orange).await;

    let receipt = client.amend(id, &amended(1, 51)).await.unwrap();
    assert_eq!((receipt.id, receipt.version, receipt.status), (id, 2, ReceiptStatus::Accepted));
    let again = client.amend(id, &amended(1, 51)).await.unwrap();
    assert_eq!((again.version, again.status), (2, ReceiptStatus::Known));
    let announced = accepted(&world.announced(Name::Scoring).await);
    assert_eq!(announced.len(), 2);
    assert_eq!((announced[1].version, announced[1].told_channel), (2, Some(Channel::Orange)));
    assert_eq!(announced[1].declaration.packages, Some(51));

    world.decide(id, 2, Channel::Green).await;
    let status = client.declaration(id, Some(1_000)).await.unwrap();
    assert_eq!((status.channel, status.channel_version, status.version), (Some(Channel::Orange), Some(2), 2));
    assert_eq!(client.channels(0, None, None).await.unwrap().items.len(), 1);

    client.amend(id, &amended(1, 52)).await.unwrap();
    world.decide(id, 3, Channel::Red).await;
    let status = client.declaration(id, None).await.unwrap();
    assert_eq!((status.channel, status.channel_version), (Some(Channel::Red), Some(3)));
    world.decide(id, 2, Channel::Red).await;
    assert_eq!(client.channels(0, None, None).await.unwrap().items.len(), 2);
    world.stop().await;
}

#[tokio::test]
async fn amendment_keeps_the_identity() {
    let world = World::new().await;
    let client = world.client();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    assert_eq!(client.amend(id, &numbered(2)).await.unwrap_err().code(), Some("amendment-identity"));
    let corrected = Declaration {
        acceptance_date_time: numbered(1).acceptance_date_time + jiff::SignedDuration::from_hours(24),
        ..numbered(1)
    };
    assert_eq!(client.amend(id, &corrected).await.unwrap().id, id);
    let unknown = numbered(9).id(numbered(9).acceptance_date_time);
    assert_eq!(client.amend(unknown, &numbered(9)).await.unwrap_err().status(), Some(404));
    world.stop().await;
}

#[tokio::test]
async fn cancelled_declaration_stays_cancelled_and_is_not_decided() {
    let world = World::new().await;
    let client = world.client();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    let status = client.cancel(id, "not shipped").await.unwrap();
    assert_eq!(status.state, DeclarationState::Cancelled);
    client.cancel(id, "not shipped").await.unwrap();
    assert_eq!(client.cancel(id, "another").await.unwrap_err().code(), Some("declaration-closed"));
    assert_eq!(client.cancel(id, "  ").await.unwrap_err().code(), Some("reason-missing"));
    assert_eq!(client.amend(id, &amended(1, 3)).await.unwrap_err().code(), Some("declaration-closed"));
    world.decide(id, 1, Channel::Red).await;
    assert_eq!(client.declaration(id, None).await.unwrap().channel, None);
    world.process_clock.skip(std::time::Duration::from_mins(1));
    assert_eq!(world.step(2).await, 0);
    let cancelled: Vec<DeclarationCancelled> =
        world.announced(Name::ControlsTracking).await.iter().filter_map(|it| it.decode().ok()).collect();
    assert_eq!(cancelled.len(), 1);
    assert_eq!((cancelled[0].id, cancelled[0].version, cancelled[0].reason.as_str()), (id, 1, "not shipped"));
    world.stop().await;
}
