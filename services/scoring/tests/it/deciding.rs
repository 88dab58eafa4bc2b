use customs::{Channel, Method, ReasonFor, Trigger};

use crate::world::{World, accepted, capacity, filter, filters, lodged, routing};

#[tokio::test]
async fn every_declaration_is_decided_with_a_complete_record() {
    let world = World::new().await;
    let mut messages = vec![capacity(3, 5.0), filters(2, vec![filter("F-1", "declaration.regime == '10'", false)])];
    messages.extend((0..200).map(|n| accepted(&lodged(n))));
    world.handle(&messages).await;
    let told = world.told().await;
    assert_eq!(told.len(), 200);
    for (n, told) in told.iter().enumerate() {
        let selection = &told.selection;
        let lodged = lodged(n as u32);
        assert_eq!((selection.declaration, selection.declaration_version), (lodged.id, 1));
        assert_eq!((&selection.office, selection.decided_at), (&lodged.declaration.office, lodged.accepted_at));
        assert_eq!((told.received_at_ms, &told.consignment_key), (lodged.received_at_ms, &lodged.consignment_key));
        assert_eq!(told.summary.items.len(), lodged.declaration.items.len());
        assert!(selection.probability > 0.0 && selection.probability <= 1.0);
        assert!(selection.random_probability > 0.0 && selection.random_probability <= selection.probability);
        assert!((0.0..1.0).contains(&selection.draw));
        assert!(selection.probability_of_finding.is_some_and(|probability| probability > 0.0));
        assert_eq!(selection.vectors.len(), lodged.declaration.items.len());
        assert_eq!(selection.feature_contract.as_deref(), Some(features::contract().hash.as_str()));
        assert_eq!((selection.filters_epoch, selection.capacity_epoch), (2, 3));
        assert_eq!(selection.matches.len(), 1);
        assert!(!selection.degraded && selection.matches[0].acted);
        assert_eq!(selection.orders.is_empty(), selection.channel == Channel::Green);
    }
    let channels = |channel| told.iter().filter(|told| told.selection.channel == channel).count();
    assert!(channels(Channel::Red) > 5 && channels(Channel::Orange) > 5 && channels(Channel::Green) > 100);
}

#[tokio::test]
async fn mandates_are_ordered_for_everyone_they_match() {
    let world = World::new().await;
    let mandate = filter("M-1", "declaration.regime == '10'", true);
    let mut messages = vec![capacity(1, 2.0), filters(1, vec![mandate])];
    messages.extend((0..40).map(|n| accepted(&lodged(n))));
    world.handle(&messages).await;
    let selections = world.selections().await;
    assert!(selections.iter().all(|selection| {
        let order = &selection.orders[0];
        selection.channel == Channel::Red
            && (order.method, order.trigger) == (Method::Physical, Trigger::Mandate)
            && order.verify == ["permit"]
            && (selection.probability - 1.0).abs() < 1e-12
    }));
    assert!(selections.iter().filter(|selection| selection.orders[0].over_plan).count() > 20);
}

#[tokio::test]
async fn an_order_says_why_and_tells_who_examines_nothing_of_what_ordered_it() {
    let world = World::new().await;
    let artefact = crate::tables::model(1);
    world.artefacts.0.lock().unwrap().insert(artefact.digest().to_owned(), artefact.to_bytes());
    let held = filter("F-1", "declaration.regime == '10'", false);
    let mut messages = vec![capacity(1, 40.0), filters(1, vec![held]), routing(1, artefact.digest())];
    messages.extend((0..300).map(|n| accepted(&lodged(n))));
    world.handle(&messages).await;
    let (mut drawn, mut told) = (0, 0);
    for selection in world.selections().await {
        for order in &selection.orders {
            let all = order.because_for(ReasonFor::Analyst);
            let supervisors = order.because_for(ReasonFor::Supervisor);
            let officers = order.because_for(ReasonFor::Officer);
            assert!(all.iter().any(|line| line == "filter F-1 holds: declaration.regime = 10"), "{all:?}");
            assert!(!supervisors.iter().any(|line| line.contains("F-1")), "{supervisors:?}");
            assert_eq!(supervisors.len(), officers.len() + 1);
            assert!(officers.iter().all(|line| line.starts_with("Item ") || line.starts_with("New: ")), "{officers:?}");
            if order.trigger == Trigger::Random {
                drawn += 1;
                assert!(supervisors.contains(&"Drawn for the random stratum".to_owned()));
            }
            told += usize::from(officers.iter().any(|line| line.starts_with("Item ")));
        }
    }
    assert!(drawn > 3 && told > 20, "{drawn} {told}");
}

#[tokio::test]
async fn filters_may_speak_of_features() {
    let world = World::new().await;
    let feature = filter("F-1", "feature.items >= 3.0", false);
    world.handle(&[filters(1, vec![feature]), accepted(&lodged(1)), accepted(&lodged(2))]).await;
    let matches: Vec<usize> = world.selections().await.iter().map(|selection| selection.matches.len()).collect();
    // Declarations of two and three items; a match for each item.
    assert_eq!(matches, [0, 3]);
}
