use customs::Channel;
use jiff::SignedDuration;

use crate::world::{World, accepted, cancelled, capacity, filter, filters, lodged};

#[tokio::test]
async fn an_amendment_may_only_raise_and_keeps_its_orders() {
    let world = World::new().await;
    let mut messages = vec![capacity(1, 5.0)];
    messages.extend((0..150).map(|n| accepted(&lodged(n))));
    world.handle(&messages).await;
    let first = world.selections().await;
    // Everyone amends: nothing may be lowered, no order lost.
    let amended: Vec<_> = (0..150)
        .map(|n| {
            let mut amended = lodged(n);
            amended.version = 2;
            amended.accepted_at += SignedDuration::from_hours(40);
            amended.told_channel = Some(first[n as usize].channel);
            accepted(&amended)
        })
        .collect();
    world.handle(&amended).await;
    let second = world.selections().await.split_off(150);
    assert_eq!(second.len(), 150);
    let mut raised = 0;
    for (first, second) in first.iter().zip(&second) {
        assert_eq!(second.supersedes, Some(first.id));
        assert_eq!(second.decision_point, customs::DecisionPoint::Amendment);
        assert!(second.channel >= first.channel);
        assert!(first.orders.iter().all(|order| second.orders.contains(order)));
        assert!((second.draw - first.draw).abs() < 1e-12);
        raised += u32::from(second.channel > first.channel);
    }
    assert!(first.iter().any(|selection| selection.channel == Channel::Red));
    assert!(raised < 75, "{raised}");
}

#[tokio::test]
async fn lodging_again_after_a_cancellation_inherits_draw_and_selection() {
    let world = World::new().await;
    let mandate = vec![filter("M-1", "declaration.regime == '10'", true)];
    world.handle(&[capacity(1, 5.0), filters(1, mandate), accepted(&lodged(1))]).await;
    world.handle(&[filters(2, Vec::new()), cancelled(&lodged(1))]).await;
    // The same consignment under another reference; and another consignment.
    let mut again = lodged(1);
    again.declaration.reference = "ANOTHER".into();
    again.accepted_at += SignedDuration::from_mins(30);
    again.id = again.declaration.id(again.accepted_at);
    let other = lodged(9);
    world.handle(&[accepted(&again), accepted(&other)]).await;
    let selections = world.selections().await;
    let [first, again, other] = &selections[..] else { panic!("{} decisions", selections.len()) };
    assert_eq!(first.channel, Channel::Red);
    assert_eq!((again.channel, &again.orders, again.supersedes), (Channel::Red, &first.orders, Some(first.id)));
    assert!((again.draw - first.draw).abs() < 1e-12);
    assert!(other.supersedes.is_none());
}

#[tokio::test]
async fn cancelling_and_lodging_again_in_one_batch_inherits_too() {
    let world = World::new().await;
    let mandate = vec![filter("M-1", "declaration.regime == '10'", true)];
    let mut again = lodged(1);
    again.declaration.reference = "ANOTHER".into();
    again.id = again.declaration.id(again.accepted_at);
    let messages = [
        capacity(1, 5.0),
        filters(1, mandate),
        accepted(&lodged(1)),
        filters(2, Vec::new()),
        cancelled(&lodged(1)),
        accepted(&again),
    ];
    world.handle(&messages).await;
    let selections = world.selections().await;
    assert_eq!(selections[1].supersedes, Some(selections[0].id));
    assert_eq!(selections[1].channel, Channel::Red);
}
