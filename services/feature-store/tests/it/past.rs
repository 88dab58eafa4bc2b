//! The past as it is told: what was lodged, what it was decided with, and what was known of it at a time.

use actix_web::http::{Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use features::{contract, vector_to_bytes};
use rest::Role;
use serde_json::{Value, json};

use crate::world::{Case, World, day};

const TRADER: &str = "20555555551";

async fn lines(world: &World, query: &str) -> Vec<Value> {
    let (status, text) = world.text(Role::Service, &format!("/v1/history?{query}")).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn sequences(lines: &[Value]) -> Vec<u64> {
    lines.iter().map(|line| line["sequence"].as_u64().unwrap()).collect()
}

#[actix_web::test]
async fn a_line_has_what_was_lodged_what_was_served_and_what_was_known() {
    let world = World::new().await;
    let case = Case::new(1, TRADER, 0);
    let (vectors, _) = world.vectors(&case.declaration).await;
    let selected = world.served(&case, 0.25).await;
    world.hear(&[case.accepted(), selected, case.resulted("physical", 1, "final", true, 4)]).await;

    let told = &lines(&world, "").await[0];
    assert_eq!(told["declaration"], serde_json::to_value(&case.declaration).unwrap());
    assert_eq!((&told["office"], &told["probability"], &told["history"]), (&json!("118"), &json!(0.25), &json!(false)));
    let bytes: Vec<u8> = vectors.iter().flat_map(|vector| vector_to_bytes(vector)).collect();
    assert_eq!(told["features"]["contract"], contract().hash);
    assert_eq!(told["features"]["items"], json!([1, 2]));
    assert_eq!(told["features"]["values"], STANDARD.encode(bytes));
    let found: Vec<_> = told["examined"].as_array().unwrap().iter().map(|item| item["found"].clone()).collect();
    assert_eq!(found, [json!(true), json!(false)]);

    let before = &lines(&world, &format!("asOf={}", day(3))).await[0];
    assert_eq!(before["examined"], Value::Null, "nothing was known yet");
}

#[actix_web::test]
async fn pages_follow_each_other_and_a_fixed_end_stays_fixed() {
    let world = World::new().await;
    let cases: Vec<Case> = (0..5).map(|number| Case::new(number, TRADER, i64::from(number))).collect();
    world.hear(&cases[..2].iter().map(Case::accepted).collect::<Vec<_>>()).await;
    world.hear(&cases[2..].iter().map(Case::accepted).collect::<Vec<_>>()).await;

    let all = lines(&world, "").await;
    assert_eq!(sequences(&all), [1, 2, 3, 4, 5]);
    let first = lines(&world, "limit=3").await;
    assert_eq!(sequences(&first), [1, 2, 3]);
    assert_eq!(sequences(&lines(&world, "limit=3&after=3").await), [4, 5]);
    assert_eq!(sequences(&lines(&world, "upTo=2").await), [1, 2]);
    let period = format!("from={}&until={}", day(1), day(4));
    assert_eq!(sequences(&lines(&world, &period).await), [2, 3, 4]);

    let path = "/v1/history/extent";
    let (_, extent) = world.request(Role::DataScientist, Method::GET, path, None).await;
    assert_eq!((&extent["lastSequence"], &extent["declarations"]), (&json!(5), &json!(5)));
    assert_eq!(extent["contract"], contract().hash);
    // What is delivered again is told once.
    world.hear(&[cases[0].accepted()]).await;
    assert_eq!(lines(&world, "").await, all);
}
