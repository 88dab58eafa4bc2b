use std::sync::Arc;

use customs::{FindingKind, Selection};
use explanation::known::LevelGroup;
use explanation::{Case, CaseFinding, Known, Profile};
use features::{EntityState, Group, History, Values, keys};
use online_store::{EmbeddedOnlineStore, OnlineStore};
use rest::{Principal, Role};
use scoring::ItemCases;
use serde_json::Value;

use crate::reading::Served;
use crate::tables::model;
use crate::world::{World, accepted, cancelled, capacity, filter, filters, lodged, routing};

/// An online store that knows what others declare: four times what the test declarations do, per kilogram.
async fn others_declare_more() -> Arc<dyn OnlineStore> {
    let online = EmbeddedOnlineStore::new();
    let mut values = Values::default();
    for _ in 0..30 {
        values.merge(&Values::of((50_f64.log2() * 65_536.0).round() as i32));
    }
    let declaration = lodged(3).declaration;
    let list = keys(&declaration).list().to_vec();
    let known = list.into_iter().filter_map(|key| match EntityState::empty(key) {
        EntityState::Values(_) => Some((key, EntityState::Values(values))),
        EntityState::History(_) => None,
    });
    online.fill(1, Box::new(known)).await.unwrap();
    Arc::new(online)
}

/// Thirty cases of the same heading: undervalued.
fn recorded() -> ItemCases {
    let profile = Profile { hs2: 1, hs4: 2, ..Profile::default() };
    let cases: Vec<Case> = (0..30_u8)
        .map(|n| Case {
            control: customs::ControlId::derive(testkit::noon(), &[&[n]]),
            item: 1,
            declaration: customs::DeclarationId::derive(testkit::noon(), &[&[n]]),
            known_at: testkit::noon(),
            stage: customs::ResultStage::Final,
            method: customs::Method::Physical,
            profile,
            declared_value: Some(1_000.0),
            findings: vec![CaseFinding {
                kind: FindingKind::Undervaluation,
                field: Some("valuation".to_owned()),
                declared: Some("1000".to_owned()),
                found: Some("2000".to_owned()),
                duty: Some(160.0),
                currency: Some("USD".to_owned()),
            }],
        })
        .collect();
    ItemCases { item: 1, known: Known::gather(&profile, &cases), similar: Vec::new() }
}

/// A world with a champion in which everything that is lodged is ordered to be examined.
async fn world(seed: u64) -> World {
    let world = World::with(256, others_declare_more().await).await;
    *world.cases.told.lock().unwrap() = Some(recorded());
    let artefact = model(seed);
    world.artefacts.0.lock().unwrap().insert(artefact.digest().to_owned(), artefact.to_bytes());
    let mandate = vec![filter("M-1", "declaration.regime == '10'", true)];
    world.handle(&[capacity(1, 5.0), filters(1, mandate), routing(1, artefact.digest())]).await;
    world.handle(&[accepted(&lodged(3))]).await;
    world
}

async fn explanation(served: &Served, roles: &[Role], selection: &Selection, query: &str) -> Value {
    let caller = Principal::new("somebody", roles.iter().copied());
    let (status, told) = served.get(&caller, &format!("/v1/selections/{}/explanation{query}", selection.id)).await;
    assert_eq!(status, 200, "{told}");
    told
}

#[tokio::test]
async fn every_item_that_drove_a_selection_is_explained_in_words() {
    let world = world(1).await;
    let selection = world.selections().await.remove(0);
    let served = Served::new(&world);
    let told = explanation(&served, &[Role::Analyst], &selection, "").await;
    let explained: Vec<_> = selection.scores.iter().filter(|score| !score.contributions.is_empty()).collect();
    assert!(!explained.is_empty());
    assert_eq!(told["items"].as_array().unwrap().len(), explained.len());
    for (item, score) in told["items"].as_array().unwrap().iter().zip(explained) {
        assert_eq!(item["item"], score.item);
        assert_eq!(item["features"].as_array().unwrap().len(), score.contributions.len());
        for (feature, (name, contribution)) in item["features"].as_array().unwrap().iter().zip(&score.contributions) {
            assert_eq!(
                (feature["name"].as_str(), feature["contribution"].as_f64()),
                (Some(name.as_str()), Some(*contribution))
            );
            assert_eq!(feature["effect"], if *contribution > 0.0 { "raises" } else { "lowers" });
            assert!(!feature["label"].as_str().unwrap().is_empty() && !feature["value"].as_str().unwrap().is_empty());
        }
    }
    assert_eq!((&told["contributions"], &told["cases"]), (&Value::from("path"), &Value::from(30)));
    assert!(told["reasons"][0].as_str().unwrap().contains("filter M-1 holds"), "{told}");
    served.stop().await;
}

#[tokio::test]
async fn what_a_finding_would_be_is_told_with_the_likely_value_and_the_duty() {
    let world = world(1).await;
    let selection = world.selections().await.remove(0);
    let served = Served::new(&world);
    let told = explanation(&served, &[Role::Auditor], &selection, "").await;
    let item = &told["items"][0];
    let undervalued = &item["kinds"][0];
    assert_eq!(undervalued["kind"], "undervaluation");
    let (probability, share) = (item["probability"].as_f64().unwrap(), undervalued["share"].as_f64().unwrap());
    assert!((undervalued["probability"].as_f64().unwrap() - probability * share).abs() < 1e-9);
    // Others declare four times as much, findings corrected to twice: somewhere between.
    let likely = &undervalued["likely"][0];
    let number = |value: &Value| value.as_str().unwrap().parse::<f64>().unwrap();
    let ratio = number(&likely["value"]) / number(&likely["declared"]);
    assert!((1.9..4.2).contains(&ratio), "{likely}");
    let duty = number(&undervalued["dutyIfFound"]["amount"]);
    let rate = duty / (number(&likely["value"]) - number(&likely["declared"]));
    assert!((0.15..0.2).contains(&rate), "{rate}");
    // Only what was known when it was decided was asked for.
    let asked = world.cases.asked.lock().unwrap().clone();
    assert_eq!((asked[0].before, asked[0].version), (selection.decided_at, 1));
    served.stop().await;
}

#[tokio::test]
async fn officers_read_what_to_look_for_and_never_why() {
    let world = world(1).await;
    let selection = world.selections().await.remove(0);
    let served = Served::new(&world);
    let told = explanation(&served, &[Role::Officer], &selection, "?exact=true").await;
    for hidden in ["triggers", "matches", "probabilityOfFinding"] {
        assert!(told.get(hidden).is_none(), "{hidden}");
    }
    for hidden in ["probability", "margin", "start"] {
        assert!(told["items"][0].get(hidden).is_none(), "{hidden}");
    }
    assert!(told["items"][0]["features"][0].get("contribution").is_none());
    let kind = &told["items"][0]["kinds"][0];
    assert!(kind.get("probability").is_none() && kind.get("expectedDuty").is_none());
    assert!(kind["share"].as_f64().unwrap() > 0.5 && !kind["likely"].as_array().unwrap().is_empty());
    assert!(!told.to_string().contains("M-1"), "{told}");
    assert_eq!(told["verify"], serde_json::json!(selection.orders[0].verify));

    let officer = Principal::new("officer", [Role::Officer]);
    let (status, by_declaration) =
        served.get(&officer, &format!("/v1/declarations/{}/explanation", selection.declaration)).await;
    assert_eq!((status, &by_declaration["selection"]), (200, &told["selection"]));
    let elsewhere = officer.clone().only_for(["235".into()]);
    let path = format!("/v1/selections/{}/explanation", selection.id);
    assert_eq!(served.get(&elsewhere, &path).await.0, 403);
    let customs = Principal::new("asycuda", [Role::CustomsSystem]);
    assert_eq!(served.get(&customs, &path).await.0, 403);
    let absent = format!("/v1/selections/{}/explanation", selection.declaration);
    assert_eq!(served.get(&officer, &absent).await.0, 404);
    served.stop().await;
}

#[tokio::test]
async fn exact_contributions_are_those_of_the_artefact_that_decided() {
    let world = world(1).await;
    let selection = world.selections().await.remove(0);
    // Another champion decides since, and nothing is kept of the first here.
    let second = model(2);
    world.artefacts.0.lock().unwrap().insert(second.digest().to_owned(), second.to_bytes());
    world.handle(&[routing(2, second.digest()), accepted(&lodged(7))]).await;
    let world = world.restarted().await;
    let served = Served::new(&world);
    let told = explanation(&served, &[Role::DataScientist], &selection, "?exact=true").await;
    assert_eq!(told["contributions"], "shapley");
    let first = model(1);
    let bytes =
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &selection.vectors[0].values).unwrap();
    let vector = features::vector_from_bytes(&bytes).unwrap();
    let (start, by_feature) = first.shapley(&vector);
    let item = &told["items"][0];
    assert!((item["start"].as_f64().unwrap() - start).abs() < 1e-9);
    assert!((item["margin"].as_f64().unwrap() - first.margin(&vector)).abs() < 1e-9);
    for feature in item["features"].as_array().unwrap() {
        let at = first.names().iter().position(|name| feature["name"] == name.as_str()).unwrap();
        assert!((feature["contribution"].as_f64().unwrap() - by_feature[at]).abs() < 1e-9);
    }
    // What is not told one by one is told together: nothing of the score is missing.
    let features = item["features"].as_array().unwrap();
    let shown: f64 = features.iter().map(|feature| feature["contribution"].as_f64().unwrap()).sum();
    let added = item["start"].as_f64().unwrap() + shown + item["rest"].as_f64().unwrap();
    assert!((added - item["margin"].as_f64().unwrap()).abs() < 1e-12, "{item}");
    let moving = by_feature.iter().filter(|contribution| **contribution != 0.0).count();
    assert!(moving > features.len(), "the model of this test has more to tell than is told");
    assert_eq!(item["restFeatures"], moving - features.len());
    let lines = told["reasons"].as_array().unwrap();
    assert!(lines.iter().any(|line| line.as_str().unwrap().contains("features told")), "{told}");
    let officer = explanation(&served, &[Role::Officer], &selection, "?exact=true").await;
    assert!(officer["items"][0]["rest"].is_null() && !officer["reasons"].to_string().contains("features told"));
    // Nobody has it any more: the recorded contributions can still be told.
    world.artefacts.0.lock().unwrap().clear();
    let path = format!("/v1/selections/{}/explanation", selection.id);
    let scientist = Principal::new("scientist", [Role::DataScientist]);
    assert_eq!(served.get(&scientist, &format!("{path}?exact=true")).await.0, 503);
    assert_eq!(served.get(&scientist, &path).await.0, 200);
    served.stop().await;
}

#[tokio::test]
async fn without_the_feature_store_the_record_still_explains() {
    let world = world(1).await;
    *world.cases.told.lock().unwrap() = None;
    let selection = world.selections().await.remove(0);
    let served = Served::new(&world);
    let told = explanation(&served, &[Role::Supervisor], &selection, "").await;
    assert!(told.get("cases").is_none());
    assert!(!told["items"][0]["features"].as_array().unwrap().is_empty());
    let kinds = told["items"][0]["kinds"].as_array().unwrap();
    assert_eq!((kinds.len(), kinds[0]["likely"][0]["source"].as_str()), (1, Some("typicalValue")));
    assert!(told.get("matches").is_none() && told.get("triggers").is_some());
    served.stop().await;
}

#[tokio::test]
async fn a_new_trader_is_flagged_in_the_record() {
    let world = World::with(256, past(1_000, 30).await).await;
    world.handle(&[capacity(1, 5.0), accepted(&lodged(1)), cancelled(&lodged(1))]).await;
    let novelty = world.selections().await.remove(0).novelty.unwrap();
    assert_eq!(novelty.reasons[0], "newTrader");
    assert!(novelty.degree >= 0.5);
    // Hardly anything was examined.
    assert!(novelty.reasons.iter().all(|reason| !reason.starts_with("unexamined")), "{novelty:?}");
    // Taken again it is as new as it was, also when nothing is any more.
    let served = Served::new(&world);
    let auditor = Principal::new("auditor", [Role::Auditor]);
    let (_, page) = served.get(&auditor, "/v1/selections/verification?limit=10").await;
    assert_eq!((&page["verified"], &page["equal"]), (&Value::from(1), &Value::from(1)), "{page}");
    served.stop().await;
}

#[tokio::test]
async fn nobody_is_new_where_everybody_is() {
    for (declared, days) in [(0, 0), (999, 400), (100_000, 29)] {
        let world = World::with(256, past(declared, days).await).await;
        let mut messages = vec![capacity(1, 5.0)];
        messages.extend((0..20).map(|n| accepted(&lodged(n))));
        world.handle(&messages).await;
        let selections = world.selections().await;
        assert!(selections.len() == 20 && selections.iter().all(|selection| selection.novelty.is_none()));
        let served = Served::new(&world);
        let auditor = Principal::new("auditor", [Role::Auditor]);
        let (_, page) = served.get(&auditor, "/v1/selections/verification?limit=100").await;
        assert_eq!((&page["verified"], &page["equal"]), (&Value::from(20), &Value::from(20)), "{page}");
        served.stop().await;
    }
}

/// An online store that knows of so many goods items of the direction, the first one so many days ago, and nothing else.
async fn past(declared: u32, days: u16) -> Arc<dyn OnlineStore> {
    let online = EmbeddedOnlineStore::new();
    let today = (testkit::noon().as_second() / 86_400) as u16;
    let keys = keys(&lodged(1).declaration);
    let (_, everything) = keys.item(0).find(|(group, _)| *group == Group::Everything).unwrap();
    let history = History { declared, first_day: today - days, ..History::seen(today) };
    let known = (declared > 0).then_some((keys.list()[everything], EntityState::History(history)));
    online.fill(1, Box::new(known.into_iter())).await.unwrap();
    Arc::new(online)
}

#[test]
fn levels_are_told_by_name() {
    assert_eq!(serde_json::to_value(LevelGroup::SubheadingOrigin).unwrap(), "subheadingOrigin");
}
