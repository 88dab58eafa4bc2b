use features::contract;
use risk_model::{Algorithm, Artefact, LogisticParams, TrainingSet};

use crate::world::{World, accepted, capacity, envelope, filter, filters, lodged, routing};

/// Of every second one's examples a third as many were found.
pub fn model(seed: u64) -> Artefact {
    let found = if seed.is_multiple_of(2) { 1 } else { 3 };
    let contract = contract();
    let mut set = TrainingSet {
        contract_hash: contract.hash.clone(),
        names: contract.names.iter().map(|name| (*name).to_owned()).collect(),
        ..TrainingSet::default()
    };
    for n in 0..400_u64 {
        let suspicious = (n * 7 + seed) % 10 < found;
        let row: Vec<f32> = (0..contract.names.len() as u64)
            .map(|column| ((n * 31 + column * 17) % 13) as f32 + if suspicious && column == 2 { 9.0 } else { 0.0 })
            .collect();
        set.push(&row, suspicious, 1.0, n, n as i64 * 3_600_000_000);
    }
    let algorithm = Algorithm::Logistic(LogisticParams { folds: 2, ..LogisticParams::default() });
    risk_model::train(&algorithm, &set, seed).unwrap()
}

#[tokio::test]
async fn a_lower_epoch_is_refused() {
    let world = World::new().await;
    let everything = || vec![filter("F-1", "declaration.regime == '10'", false)];
    world.handle(&[capacity(5, 5.0), filters(4, everything()), accepted(&lodged(1))]).await;
    world.handle(&[capacity(4, 50.0), filters(3, Vec::new()), accepted(&lodged(2))]).await;
    let world = world.restarted().await;
    world.handle(&[capacity(3, 70.0), accepted(&lodged(3))]).await;
    for selection in world.selections().await {
        assert_eq!((selection.capacity_epoch, selection.filters_epoch), (5, 4));
        assert_eq!(selection.matches.len(), 1);
    }
    let metrics = world.deps.metrics.render().unwrap();
    assert!(metrics.contains(r#"scoring_refused_epochs_total{table="capacity"} 1"#), "{metrics}");
}

#[tokio::test]
async fn a_list_comes_with_the_filters_and_holds_from_its_date() {
    let world = World::new().await;
    let watched = || lodged(1).declaration.trader().unwrap().id.clone();
    let list = |version: u32, valid_from: customs::Timestamp, entries: Vec<String>| risk_filters::FilterList {
        name: "watch".to_owned(),
        version,
        kind: risk_filters::CodeKind::Party,
        valid_from,
        valid_to: None,
        entries,
    };
    let told = |epoch, lists| {
        let filters = vec![filter("WATCH", "declaration.trader.id in lists.watch", true)];
        envelope("filters", epoch, testkit::noon(), events::FiltersChanged { epoch, filters, lists })
    };
    let later = lodged(1).accepted_at + jiff::SignedDuration::from_hours(24 * 365);
    let nobody = vec!["20999999999".to_owned()];
    let first = vec![list(1, testkit::noon(), vec![watched()]), list(2, later, nobody.clone())];
    world.handle(&[capacity(1, 5.0), told(1, first), accepted(&lodged(1)), accepted(&lodged(2))]).await;
    // The same filter with another list, after a restart as well.
    let world = world.restarted().await;
    world.handle(&[accepted(&lodged(1 + 37)), told(2, vec![list(1, testkit::noon(), nobody)])]).await;
    world.handle(&[accepted(&lodged(1 + 74))]).await;
    let matched: Vec<usize> = world.selections().await.iter().map(|selection| selection.matches.len()).collect();
    assert_eq!(matched, [1, 0, 1, 0], "the first, and the third of the same trader while it was on the list");
}

#[tokio::test]
async fn who_is_on_a_list_is_told_by_no_record_order_explanation_or_advice() {
    let world = World::new().await;
    let lodged = lodged(1);
    let watched = lodged.declaration.trader().unwrap().id.clone();
    let list = risk_filters::FilterList {
        name: "watch".to_owned(),
        version: 1,
        kind: risk_filters::CodeKind::Party,
        valid_from: testkit::noon(),
        valid_to: None,
        entries: vec![watched.clone()],
    };
    let changed = events::FiltersChanged {
        epoch: 1,
        filters: vec![
            filter("OPEN", "declaration.regime == '10'", true),
            filter("WATCH", "importer.id in lists.watch && declaration.regime == '10'", true),
        ],
        lists: vec![list],
    };
    world.handle(&[capacity(1, 5.0), envelope("filters", 1, testkit::noon(), changed), accepted(&lodged)]).await;
    let selection = world.selections().await.remove(0);
    let listed: Vec<(&str, bool)> = selection.matches.iter().map(|found| (found.code.as_str(), found.listed)).collect();
    assert_eq!(listed, [("OPEN", false), ("WATCH", true)]);
    let record = serde_json::to_string(&selection).unwrap();
    assert!(record.contains("filter WATCH holds") && !record.contains(&watched), "{record}");

    let served = crate::reading::Served::new(&world);
    let analyst = rest::Principal::new("zoe", [rest::Role::Analyst]);
    let (status, told) = served.get(&analyst, &format!("/v1/selections/{}/explanation", selection.id)).await;
    assert!(status == 200 && told.to_string().contains("filter WATCH holds"), "{told}");
    assert!(!told.to_string().contains(&watched), "{told}");
    // Asked about any declaration, the answer is the same whether its importer is on the list or not.
    let advice = served.post(&analyst, "/v1/scores", &lodged.declaration).await;
    let codes: Vec<&str> =
        advice["matches"].as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["OPEN"], "{advice}");
    let mut other = lodged.declaration;
    for party in &mut other.parties {
        party.id = "20999999999".to_owned();
    }
    let of_other = served.post(&analyst, "/v1/scores", &other).await;
    assert_eq!(of_other["value"], advice["value"]);
    served.stop().await;
}

#[tokio::test]
async fn a_champion_scores_and_survives_a_restart_without_anyone() {
    let world = World::new().await;
    let artefact = model(1);
    world.artefacts.0.lock().unwrap().insert(artefact.digest().to_owned(), artefact.to_bytes());
    world.handle(&[capacity(1, 5.0), routing(1, artefact.digest()), accepted(&lodged(3))]).await;
    world.artefacts.0.lock().unwrap().clear();
    let world = world.restarted().await;
    let mut next = lodged(4);
    next.declaration.items = lodged(3).declaration.items;
    world.handle(&[accepted(&next)]).await;
    let selections = world.selections().await;
    for selection in &selections {
        assert_eq!(selection.routing_epoch, 1);
        assert_eq!(selection.scores.len(), 4);
        assert!(selection.scores.windows(2).all(|pair| pair[0].probability >= pair[1].probability));
        assert!(!selection.scores[0].contributions.is_empty() && !selection.degraded);
        assert!(selection.probability_of_finding.is_some());
        // The recorded vector gives the recorded score.
        let vector = &selection.vectors[0];
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &vector.values).unwrap();
        let values = features::vector_from_bytes(&bytes).unwrap();
        assert_eq!(vector.item, selection.scores[0].item);
        assert!((artefact.score(&values) - selection.scores[0].probability).abs() < 1e-9);
    }
}

#[tokio::test]
async fn a_routing_waits_for_its_artefact_while_the_one_before_decides() {
    let world = World::new().await;
    let (first, second) = (model(1), model(2));
    world.artefacts.0.lock().unwrap().insert(first.digest().to_owned(), first.to_bytes());
    world.handle(&[routing(1, first.digest()), accepted(&lodged(1))]).await;
    world.handle(&[routing(2, second.digest()), accepted(&lodged(2))]).await;
    world.artefacts.0.lock().unwrap().insert(second.digest().to_owned(), second.to_bytes());
    world.handle(&[accepted(&lodged(3))]).await;
    // A deposed leader comes late.
    world.handle(&[routing(1, first.digest()), accepted(&lodged(4))]).await;
    let epochs: Vec<u64> = world.selections().await.iter().map(|selection| selection.routing_epoch).collect();
    assert_eq!(epochs, [1, 1, 2, 2]);
}

#[tokio::test]
async fn an_artefact_of_another_contract_is_never_put_in_force() {
    let world = World::new().await;
    let artefact = model(1);
    let mut damaged = artefact.to_bytes();
    let last = damaged.len() - 40;
    damaged[last] ^= 1;
    world.artefacts.0.lock().unwrap().insert(artefact.digest().to_owned(), damaged);
    world.handle(&[routing(1, artefact.digest()), accepted(&lodged(1))]).await;
    let selection = &world.selections().await[0];
    assert_eq!((selection.routing_epoch, selection.degraded), (0, false));
}
