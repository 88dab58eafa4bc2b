use std::sync::Arc;

use customs::{Channel, Trigger};

use crate::world::{Silent, World, accepted, capacity, filter, filters, lodged};

#[tokio::test]
async fn without_features_filters_and_fail_safe_decide() {
    let world = World::with(256, Arc::new(Silent)).await;
    let mandate = filter("M-1", "declaration.itemCount == 3", true);
    let mut messages = vec![capacity(1, 5.0), filters(1, vec![mandate])];
    messages.extend((0..60).map(|n| accepted(&lodged(n))));
    world.handle(&messages).await;
    let selections = world.selections().await;
    assert_eq!(selections.len(), 60);
    let mut mandated = 0;
    for selection in &selections {
        assert!(selection.degraded && selection.probability_of_finding.is_none() && selection.vectors.is_empty());
        let trigger = selection.orders[0].trigger;
        match selection.channel {
            Channel::Orange => assert_eq!(trigger, Trigger::FailSafe),
            Channel::Red => assert!(matches!(trigger, Trigger::Mandate | Trigger::Random)),
            Channel::Green => panic!("the fail-safe is orange"),
        }
        mandated += u32::from(trigger == Trigger::Mandate);
    }
    assert_eq!(mandated, 15);
}
