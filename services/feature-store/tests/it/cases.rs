//! Past cases: what was found in goods like these, as known at a moment.

use actix_web::http::{Method, StatusCode};
use customs::Timestamp;
use rest::Role;
use serde_json::Value;

use crate::world::{Case, World, day};

const TRADER: &str = "20555555551";
const OTHER: &str = "20555555552";

async fn similar(world: &World, of: &Case, before: Timestamp) -> Value {
    let path = format!("/v1/cases/similar?declaration={}&before={before}&items=1", of.id());
    let (status, told) = world.request(Role::Analyst, Method::GET, &path, None).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    told["items"][0].clone()
}

#[actix_web::test]
async fn cases_like_an_item_are_found_as_known_at_a_moment() {
    let world = World::new().await;
    let (same, other, own) = (Case::new(1, TRADER, 0), Case::new(2, OTHER, 0), Case::new(3, TRADER, 20));
    let served = world.served(&same, 0.5).await;
    world.hear(&[same.accepted(), served, other.accepted(), own.accepted()]).await;
    world.hear(&[other.resulted("physical", 1, "final", true, 4)]).await;
    world.hear(&[same.resulted("physical", 1, "final", true, 5), own.resulted("physical", 1, "final", true, 25)]).await;

    assert_eq!(similar(&world, &own, day(4)).await["known"]["cases"], 0);
    assert_eq!(similar(&world, &own, day(5)).await["known"]["cases"], 1);
    let item = similar(&world, &own, day(30)).await;
    // Its own finding is no case like it.
    assert_eq!(item["similar"].as_array().unwrap().len(), 2);
    assert_eq!(item["similar"][0]["declaration"], same.id().to_string());
    assert_eq!((&item["similar"][0]["similarity"], &item["similar"][0]["item"]), (&1.0.into(), &1.into()));
    assert!(!item["similar"][1]["shared"].as_array().unwrap().contains(&"trader".into()));
    assert_eq!(item["similar"][0]["kinds"], serde_json::json!(["undervaluation"]));
    // Each counts once, at the narrowest level at which it is like the item.
    let levels: Vec<&Value> = item["known"]["levels"].as_array().unwrap().iter().collect();
    let groups: Vec<_> = levels.iter().map(|level| level["group"].as_str().unwrap()).collect();
    assert_eq!(groups, ["tuple", "traderHeading"]);
    assert!(levels.iter().all(|level| level["kinds"][0]["findings"] == 1));
}

#[actix_web::test]
async fn a_case_that_is_struck_down_is_none_from_then_on() {
    let world = World::new().await;
    let (struck, own) = (Case::new(1, TRADER, 0), Case::new(2, TRADER, 50));
    world.hear(&[struck.accepted(), own.accepted()]).await;
    // Whatever comes first.
    world.hear(&[struck.resulted("physical", 2, "annulled", true, 30)]).await;
    world.hear(&[struck.resulted("physical", 1, "final", true, 5)]).await;
    assert_eq!(similar(&world, &own, day(20)).await["known"]["cases"], 1);
    assert_eq!(similar(&world, &own, day(40)).await["known"]["cases"], 0);
}

#[actix_web::test]
async fn a_case_may_be_known_before_its_declaration_and_images_are_none() {
    let world = World::new().await;
    let (early, seen, own) = (Case::new(1, TRADER, 0), Case::new(2, OTHER, 0), Case::new(3, TRADER, 20));
    world.hear(&[early.resulted("physical", 1, "final", true, 5)]).await;
    world.hear(&[early.accepted(), seen.accepted(), own.accepted()]).await;
    world.hear(&[seen.resulted("scan", 1, "final", true, 6)]).await;
    let item = similar(&world, &own, day(30)).await;
    assert_eq!(item["known"]["cases"], 1);
    assert_eq!(item["similar"][0]["similarity"], 1.0);
}

#[actix_web::test]
async fn redelivered_results_are_one_case() {
    let world = World::new().await;
    let (case, own) = (Case::new(1, TRADER, 0), Case::new(2, TRADER, 20));
    let envelopes = [case.accepted(), case.resulted("physical", 1, "final", true, 5), own.accepted()];
    world.hear(&envelopes).await;
    let before = similar(&world, &own, day(30)).await;
    let world = world.restarted().await;
    world.hear(&envelopes).await;
    assert_eq!(similar(&world, &own, day(30)).await, before);
}

#[actix_web::test]
async fn cases_are_not_for_officers_and_not_of_declarations_nobody_lodged() {
    let world = World::new().await;
    let case = Case::new(1, TRADER, 0);
    let path = format!("/v1/cases/similar?declaration={}", case.id());
    assert_eq!(world.request(Role::Officer, Method::GET, &path, None).await.0, StatusCode::FORBIDDEN);
    assert_eq!(world.request(Role::Service, Method::GET, &path, None).await.0, StatusCode::NOT_FOUND);
    world.hear(&[case.accepted()]).await;
    let (_, told) = world.request(Role::Service, Method::GET, &path, None).await;
    assert_eq!((told["version"].as_u64(), told["items"].as_array().unwrap().len()), (Some(1), 2));
    let wrong = format!("{path}&items=one");
    assert_eq!(world.request(Role::Service, Method::GET, &wrong, None).await.0, StatusCode::BAD_REQUEST);
}
