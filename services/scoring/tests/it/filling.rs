//! What the record and the states know reaches the selection: goods alike, items, hours.

use customs::Selection;
use events::CapacityChanged;
use jiff::SignedDuration;
use selection::{CapacityPlan, Exploration, Prospect, Shift};

use crate::world::{World, accepted, envelope, lodged, plan};

async fn decided(plan: CapacityPlan) -> Vec<Selection> {
    let world = World::new().await;
    let capacity = envelope("capacity", 1, testkit::noon(), CapacityChanged { epoch: 1, plans: vec![plan] });
    let mut messages = vec![capacity];
    messages.extend((0..60).map(|n| accepted(&lodged(n))));
    world.handle(&messages).await;
    world.selections().await
}

#[tokio::test]
async fn what_there_is_to_learn_is_on_record_where_the_policy_adds_it() {
    for exploration in [Exploration::Learning, Exploration::Thompson] {
        let plan = CapacityPlan { exploration, exploration_share: 0.5, exploration_weight: 0.7, ..plan(5.0) };
        let mut seen = 0;
        for selection in decided(plan).await {
            let Some(learning) = selection.learning else { continue };
            seen += 1;
            if exploration == Exploration::Learning {
                // Nothing was declared or examined before: the online store is empty.
                let probability = selection.probability_of_finding.unwrap();
                let prospect = Prospect { probability, ..Prospect::default() };
                let expected = 0.7 * exploration.policy().learning(&prospect, 0.5);
                assert!((learning - expected).abs() < 1e-9, "{learning} {expected}");
                assert!((selection.value - learning - probability).abs() < 1e-9);
            }
        }
        assert!(seen >= 15, "{exploration:?}: {seen}");
    }
    let novelty = CapacityPlan { exploration: Exploration::Novelty, exploration_share: 0.5, ..plan(5.0) };
    assert!(decided(novelty).await.iter().all(|selection| selection.learning.is_none()));
}

#[tokio::test]
async fn in_a_plan_by_shifts_items_and_hours_weigh() {
    let shift = Shift { weekdays: (1..=7).collect(), from_minute: 0, to_minute: 1_440, officers: 2.0 };
    let by_shifts = CapacityPlan { shifts: vec![shift], physical_minutes: (60.0, 20.0), ..plan(5.0) };
    let mut delayed = by_shifts.clone();
    delayed.weights.delay_per_hour = 0.001;
    let (plain, delayed) = (decided(by_shifts).await, decided(delayed).await);
    for (n, (plain, delayed)) in plain.iter().zip(&delayed).enumerate() {
        // Declaration n has 1 + n % 4 items; one item takes 80 minutes, each more another 20.
        let more = (n % 4) as f64;
        let effort = (80.0 + 20.0 * more) / 80.0;
        let probability = plain.probability_of_finding.unwrap();
        assert!((plain.value - probability / effort).abs() < 1e-9, "{n}: {} {probability}", plain.value);
        // Officers are there day and night; near the end of a shift an examination waits for the next.
        let hours = (probability - delayed.value * effort) / 0.001;
        let least = (80.0 + 20.0 * more) / 60.0;
        let local = (lodged(n as u32).accepted_at - SignedDuration::from_hours(5)).as_second().rem_euclid(86_400);
        let left = (86_400 - local) as f64 / 3_600.0;
        let expected = if left >= least { least } else { left + least };
        assert!((hours - expected).abs() < 1e-6, "{n}: {hours} {expected}");
    }
}
