use std::time::Duration;

use clients::DeclarationState;
use customs::{Channel, Method};
use jiff::SignedDuration;

use crate::world::{World, numbered};

#[tokio::test]
async fn decision_is_told_in_the_status_and_in_the_feed_without_reasons() {
    let world = World::new().await;
    let client = world.client();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    let status = client.declaration(id, None).await.unwrap();
    assert_eq!((status.channel, status.state), (None, DeclarationState::Lodged));
    assert!(client.channels(0, None, None).await.unwrap().items.is_empty());

    world.decide(id, 1, Channel::Red).await;
    let status = client.declaration(id, None).await.unwrap();
    assert_eq!((status.channel, status.channel_version, status.fail_safe), (Some(Channel::Red), Some(1), false));
    assert_eq!(status.orders.len(), 1);
    let page = client.channels(0, None, None).await.unwrap();
    assert_eq!(page.items.len(), 1);
    let entry = &page.items[0];
    assert_eq!((entry.declaration, entry.channel, entry.orders[0].method), (id, Channel::Red, Method::Physical));
    assert_eq!(entry.decided_at, world.clock.now());
    assert_eq!(page.next, entry.cursor);
    assert!(client.channels(page.next, None, None).await.unwrap().items.is_empty());
    world.stop().await;
}

#[tokio::test]
async fn redelivered_decision_has_no_second_effect() {
    let world = World::new().await;
    let client = world.client();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    world.decide(id, 1, Channel::Orange).await;
    world.decide(id, 1, Channel::Orange).await;
    assert_eq!(client.channels(0, None, None).await.unwrap().items.len(), 1);
    world.stop().await;
}

#[tokio::test]
async fn feed_outlives_a_restart_and_goes_on_behind_it() {
    let world = World::new().await;
    let first = world.client().lodge(&numbered(1), false).await.unwrap().id;
    world.decide(first, 1, Channel::Green).await;
    let clock = world.clock.clone();
    let world = world.restart(clock).await;
    let client = world.client();
    let second = client.lodge(&numbered(2), false).await.unwrap().id;
    world.decide(second, 1, Channel::Red).await;
    let page = client.channels(0, None, Some(1)).await.unwrap();
    assert_eq!(page.items[0].declaration, first);
    let page = client.channels(page.next, None, Some(1)).await.unwrap();
    assert_eq!(page.items[0].declaration, second);
    world.stop().await;
}

#[tokio::test]
async fn callers_who_wait_are_answered_when_the_channel_comes() {
    let world = World::new().await;
    let client = world.client();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    let (status, page, ()) =
        tokio::join!(client.declaration(id, Some(20_000)), client.channels(0, Some(20_000), None), async {
            // Both are waiting, or will read what is already there.
            tokio::time::sleep(Duration::from_millis(100)).await;
            world.decide(id, 1, Channel::Orange).await;
        });
    assert_eq!(status.unwrap().channel, Some(Channel::Orange));
    assert_eq!(page.unwrap().items.len(), 1);
    world.stop().await;
}

#[tokio::test]
async fn waiting_ends_in_time_without_a_channel() {
    let world = World::new().await;
    let client = world.client();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    assert_eq!(client.declaration(id, Some(50)).await.unwrap().channel, None);
    assert!(client.channels(0, Some(50), None).await.unwrap().items.is_empty());
    world.stop().await;
}

#[tokio::test]
async fn undecided_declaration_gets_the_fail_safe_after_the_deadline_also_after_a_restart() {
    let world = World::new().await;
    let id = world.client().lodge(&numbered(1), false).await.unwrap().id;
    assert_eq!(world.step(2).await, 0);
    let clock = world.clock.clone();
    let world = world.restart(clock).await;
    let client = world.client();
    world.process_clock.skip(Duration::from_secs(3));
    assert_eq!(world.step(2).await, 1);
    assert_eq!(world.step(2).await, 0);
    let status = client.declaration(id, None).await.unwrap();
    assert_eq!((status.channel, status.fail_safe), (Some(Channel::Orange), true));
    assert_eq!(status.orders[0].method, Method::Documentary);
    assert!(client.channels(0, None, None).await.unwrap().items[0].fail_safe);

    // A late decision may raise what was told, and never lower it.
    world.decide(id, 1, Channel::Green).await;
    assert_eq!(client.declaration(id, None).await.unwrap().channel, Some(Channel::Orange));
    world.decide(id, 1, Channel::Red).await;
    let status = client.declaration(id, None).await.unwrap();
    assert_eq!((status.channel, status.fail_safe), (Some(Channel::Red), false));
    assert_eq!(client.channels(0, None, None).await.unwrap().items.len(), 2);
    world.stop().await;
}

#[tokio::test]
async fn with_a_driven_clock_the_speed_of_the_machine_decides_nothing() {
    let folder = std::sync::Arc::new(testkit::Home::new());
    let world = World::open(folder, testkit::driven_clock(), |_| {}).await;
    let id = world.client().lodge(&numbered(1), false).await.unwrap().id;
    world.process_clock.skip(Duration::from_hours(1));
    assert_eq!(world.step(2).await, 0);
    world.clock.advance_to(world.clock.now() + SignedDuration::from_secs(3)).unwrap();
    assert_eq!(world.step(2).await, 1);
    assert!(world.client().declaration(id, None).await.unwrap().fail_safe);
    world.stop().await;
}

#[tokio::test]
async fn feed_of_a_token_for_certain_offices_holds_theirs_alone() {
    let world = World::new().await;
    let client = world.client();
    let mut ids = Vec::new();
    for (number, office) in [(1, "118"), (2, "235")] {
        let declaration = customs::Declaration { office: office.into(), ..numbered(number) };
        ids.push(client.lodge(&declaration, false).await.unwrap().id);
        world.decide(ids[ids.len() - 1], 1, Channel::Green).await;
    }
    let page = world.client_for(&["235"]).channels(0, None, None).await.unwrap();
    assert_eq!(page.items.iter().map(|entry| entry.declaration).collect::<Vec<_>>(), ids[1..]);
    world.stop().await;
}
