//! What results teach: the next vectors, and training sets as known at a time.

use actix_web::http::{Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use features::{contract, vector_from_bytes};
use rest::{Principal, Role};

use crate::world::{Case, World, day, value};

const OFFENDER: &str = "20555555551";

#[actix_web::test]
async fn a_result_changes_the_next_vector_of_the_same_importer_within_one_step() {
    let world = World::new().await;
    let case = Case::new(1, OFFENDER, 0);
    let next = Case::new(2, OFFENDER, 8).declaration;
    world.hear(&[case.accepted()]).await;
    let (before, _) = world.vectors(&next).await;
    world.hear(&[case.resulted("physical", 1, "final", true, 5)]).await;
    let (after, sequence) = world.vectors(&next).await;
    assert_eq!(sequence, 2);
    assert!(value(&before[0], "traderExamined").abs() < 1e-9);
    assert!((value(&after[0], "traderExamined") - 1.0).abs() < 1e-9);
    for name in ["traderRate", "hs6TupleRate", "combinedRate"] {
        assert!(value(&after[0], name) > value(&before[0], name), "{name}");
    }
}

#[actix_web::test]
async fn a_result_may_come_before_its_declaration() {
    let (early, late) = (World::new().await, World::new().await);
    let case = Case::new(1, OFFENDER, 0);
    let result = case.resulted("physical", 1, "final", true, 5);
    early.hear(std::slice::from_ref(&result)).await;
    early.hear(&[case.accepted()]).await;
    late.hear(&[case.accepted(), result]).await;
    let next = Case::new(2, OFFENDER, 8).declaration;
    let rates = [&early, &late].map(|world| async { value(&world.vectors(&next).await.0[0], "traderRate").to_bits() });
    let [early, late] = rates;
    assert_eq!(early.await, late.await);
}

#[actix_web::test]
async fn vectors_as_versions_before_told_them_are_kept_all_the_same() {
    let case = Case::new(1, OFFENDER, 0);
    let worlds = [World::new().await, World::new().await, World::new().await];
    let told = [
        worlds[0].served(&case, 0.25).await,
        worlds[1].served_singly(&case, 0.25).await,
        worlds[2].selected(&case, 0.25).await,
    ];
    let mut sets = Vec::new();
    for (world, told) in worlds.iter().zip(told) {
        world.hear(&[case.accepted(), told]).await;
        world.hear(&[case.resulted("physical", 1, "final", true, 5)]).await;
        sets.push(world.training_set(day(30)).await);
    }
    assert_eq!(sets[0]["items"], serde_json::json!([1, 2]));
    assert!(sets.iter().all(|set| *set == sets[0]));
}

#[actix_web::test]
async fn a_training_set_holds_what_was_served_and_what_was_known() {
    let world = World::new().await;
    let case = Case::new(1, OFFENDER, 0);
    let selected = world.served(&case, 0.25).await;
    let (served, _) = world.vectors(&case.declaration).await;
    world.hear(&[case.accepted(), selected]).await;
    world.hear(&[case.resulted("physical", 1, "final", false, 5)]).await;
    world.hear(&[case.resulted("physical", 2, "final", true, 20)]).await;
    world.hear(&[case.resulted("physical", 3, "annulled", true, 60)]).await;

    assert_eq!(world.training_set(day(4)).await["count"], 0);
    for (known, labels) in [(10, [false, false]), (30, [true, false]), (70, [false, false])] {
        let set = world.training_set(day(known)).await;
        assert_eq!(set["labels"], serde_json::json!(labels), "day {known}");
        assert_eq!(set["items"], serde_json::json!([1, 2]));
    }
    let set = world.training_set(day(30)).await;
    assert_eq!(set["contractHash"], contract().hash.as_str());
    assert_eq!(set["weights"], serde_json::json!([4.0, 4.0]));
    let rows = vector_from_bytes(&STANDARD.decode(set["rows"].as_str().unwrap()).unwrap()).unwrap();
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    // Facts that came after the decision changed nothing in it.
    assert_eq!(bits(&rows), bits(&served.concat()));
}

#[actix_web::test]
async fn documents_count_for_what_they_show_and_a_sample_of_those_that_agree_is_kept() {
    let world = World::new().await;
    let mut kept = 0;
    for number in 1..=30 {
        let case = Case::new(number, OFFENDER, 0);
        let found = number == 30;
        let selected = world.served(&case, 0.0001).await;
        world.hear(&[case.accepted(), selected, case.resulted("documentary", 1, "final", found, 2)]).await;
        kept += usize::from(!found && case.id().0.as_bytes()[15].is_multiple_of(5));
    }
    let set = world.training_set(day(3)).await;
    let (labels, weights) = (set["labels"].as_array().unwrap(), set["weights"].as_array().unwrap());
    let conform = labels.iter().zip(weights).filter(|(label, _)| **label == false);
    assert!(kept > 0 && kept < 29, "{kept}");
    // Two items each.
    assert_eq!(conform.clone().count(), 2 * kept + usize::from(last_is_sampled()));
    assert!(conform.clone().all(|(_, weight)| *weight == 1.5), "{weights:?}");
    let found: Vec<_> = labels.iter().zip(weights).filter(|(label, _)| **label == true).collect();
    assert!(found.len() == 1 && *found[0].1 == 1.0, "{found:?}");
}

/// Whether the other item of the declaration with the finding stands for others.
fn last_is_sampled() -> bool {
    Case::new(30, OFFENDER, 0).id().0.as_bytes()[15].is_multiple_of(5)
}

#[actix_web::test]
async fn served_values_are_told_by_name() {
    let world = World::new().await;
    let case = Case::new(1, OFFENDER, 0);
    let selected = world.served(&case, 0.25).await;
    world.hear(&[case.accepted(), selected]).await;
    let path = format!("/v1/features/{}", case.id());
    let (status, told) = world.request(Role::Auditor, Method::GET, &path, None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(told["items"][0]["values"]["items"], 2.0);
    assert!(told["items"][0]["values"]["expressCategory"].is_null());
    assert_eq!((&told["sequence"], &told["history"]), (&serde_json::json!(0), &serde_json::json!(false)));
}

#[actix_web::test]
async fn the_latest_rows_come_with_whole_declarations_and_whole_moments() {
    let world = World::new().await;
    // Three declarations a day, which were decided at one moment; two rows each.
    for number in 0..30 {
        let case = Case::new(number, OFFENDER, i64::from(number / 3));
        let selected = world.served(&case, 0.5).await;
        let result = case.resulted("physical", 1, "final", number % 4 == 0, i64::from(number / 3) + 1);
        world.hear(&[case.accepted(), selected, result]).await;
    }
    let ask = async |bounds: serde_json::Value| {
        let mut body = serde_json::json!({"direction": "in", "asOf": day(40)});
        body.as_object_mut().unwrap().extend(bounds.as_object().unwrap().clone());
        let (status, set) = world.request(Role::Service, Method::POST, "/v1/training-sets", Some(&body)).await;
        assert_eq!(status, StatusCode::OK, "{set}");
        set
    };
    let all = ask(serde_json::json!({})).await;
    assert_eq!(all["count"], 60);
    let times: Vec<i64> = all["times"].as_array().unwrap().iter().map(|time| time.as_i64().unwrap()).collect();
    assert!(times.is_sorted());
    let tail = |column: &str, rows: usize| all[column].as_array().unwrap()[60 - rows..].to_vec();
    let values = STANDARD.decode(all["rows"].as_str().unwrap()).unwrap();
    for (asked, rows) in [(6, 6), (7, 12), (12, 12), (13, 18), (1_000, 60)] {
        let set = ask(serde_json::json!({"latestRows": asked})).await;
        for column in ["groups", "items", "times", "labels", "weights", "probabilities", "random", "knownAt"] {
            assert_eq!(set[column], serde_json::json!(tail(column, rows)), "{asked} {column}");
        }
        let own = STANDARD.decode(set["rows"].as_str().unwrap()).unwrap();
        assert_eq!(own, values[values.len() - own.len()..]);
        assert_eq!(own.len() / contract().names.len() / 4, rows);
    }
    // At most so many, whatever that cuts.
    let three = ask(serde_json::json!({"maxRows": 3})).await;
    assert_eq!((&three["count"], &three["items"]), (&3.into(), &serde_json::json!([2, 1, 2])));
    let early = ask(serde_json::json!({"decidedBefore": day(2), "latestRows": 1})).await;
    assert_eq!((&early["count"], &early["times"][0]), (&6.into(), &day(1).as_microsecond().into()));
}

#[actix_web::test]
async fn a_token_for_some_offices_gets_no_training_set() {
    let world = World::new().await;
    let body = serde_json::json!({"direction": "in", "asOf": "2026-03-02T05:00:00Z"});
    let scientist = Principal::new("sam", [Role::DataScientist]);
    let ask = async |caller: Principal| world.request_as(&caller, Method::POST, "/v1/training-sets", Some(&body)).await;
    assert_eq!(ask(scientist.clone()).await.0, StatusCode::OK);
    let (status, problem) = ask(scientist.only_for(["118".into()])).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &serde_json::json!("office-forbidden")));
    assert!(problem["detail"].as_str().unwrap().contains("all offices") && problem["rows"].is_null(), "{problem}");
}
