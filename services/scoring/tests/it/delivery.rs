use std::sync::Arc;

use events::Envelope;
use online_store::EmbeddedOnlineStore;

use crate::world::{World, accepted, cancelled, capacity, filter, filters, lodged};

/// Plans, filters and a week of declarations with cancellations in between.
fn week() -> Vec<Envelope> {
    let mut messages = vec![capacity(1, 5.0), filters(1, vec![filter("F-1", "declaration.regime == '10'", false)])];
    for n in 0..400 {
        messages.push(accepted(&lodged(n)));
        if n % 50 == 49 {
            messages.push(cancelled(&lodged(n - 3)));
        }
        if n == 200 {
            messages.push(capacity(2, 8.0));
        }
    }
    messages
}

#[tokio::test]
async fn redelivered_event_has_no_second_selection() {
    let world = World::new().await;
    let messages = week();
    world.handle(&messages).await;
    let first = world.selections().await;
    assert_eq!(first.len(), 400);
    // The queue lost everything and is filled again from the outbox of intake.
    let world = world.restarted().await;
    world.handle(&messages).await;
    assert_eq!(world.selections().await, first);
}

#[tokio::test]
async fn batches_and_restarts_do_not_change_what_is_decided() {
    let messages = week();
    let whole = World::new().await;
    whole.handle(&messages).await;
    let mut pieces = World::with(7, Arc::new(EmbeddedOnlineStore::at(0))).await;
    for (n, part) in messages.chunks(61).enumerate() {
        // What was acknowledged last comes once more.
        let again = messages[..61 * n].iter().rev().take(5).cloned().collect::<Vec<_>>();
        pieces = pieces.restarted().await;
        pieces.publish(&again).await;
        pieces.handle(part).await;
    }
    let (whole, pieces) = (whole.selections().await, pieces.selections().await);
    assert_eq!(whole.len(), 400);
    for (one, other) in whole.iter().zip(&pieces) {
        assert_eq!(serde_json::to_string(one).unwrap(), serde_json::to_string(other).unwrap());
    }
    let red = whole.iter().filter(|selection| selection.orders_physical()).count();
    assert!((20..60).contains(&red), "{red}");
}

#[tokio::test]
async fn the_past_is_never_decided() {
    let world = World::new().await;
    let mut past = lodged(1);
    past.history = true;
    world.handle(&[capacity(1, 5.0), accepted(&past)]).await;
    assert!(world.selections().await.is_empty());
}
