//! The API document and the doors.

use actix_web::http::{Method, StatusCode};
use feature_store::openapi;
use rest::Role;
use serde_json::{Value, json};

use crate::world::{Case, World, day};

#[test]
fn document_is_well_formed() {
    assert_eq!(rest::contract::lint(&openapi()), Vec::<String>::new());
}

#[actix_web::test]
async fn catalogue_explains_every_feature() {
    let world = World::new().await;
    let (status, catalogue) = world.request(Role::Analyst, Method::GET, "/v1/catalogue", None).await;
    assert_eq!(status, StatusCode::OK);
    let listed = catalogue["features"].as_array().unwrap();
    assert_eq!(listed.len(), features::contract().names.len());
    assert!(listed.iter().all(|feature| !feature["description"].as_str().unwrap().is_empty()));
    for feature in listed {
        let (sources, label) = (&feature["sources"], &feature["label"]);
        assert!(!sources["events"].as_array().unwrap().is_empty() && !sources["fields"].as_array().unwrap().is_empty());
        assert!(label["es"] != label["en"] && feature["example"].is_null(), "{feature}");
    }
}

#[actix_web::test]
async fn examples_are_what_was_served_last() {
    let world = World::new().await;
    for number in [2, 1] {
        let case = Case::new(number, "20555555551", i64::from(number));
        let selected = world.served(&case, 0.5).await;
        world.hear(&[case.accepted(), selected]).await;
    }
    let (_, catalogue) = world.request(Role::Auditor, Method::GET, "/v1/catalogue", None).await;
    assert_eq!(catalogue["examplesAt"], json!(day(2)));
    let of = |name: &str| catalogue["features"][features::contract().position(name).unwrap()]["example"].clone();
    assert_eq!((of("items"), of("expressCategory")), (json!(2.0), Value::Null));
}

#[actix_web::test]
async fn vectors_and_labels_are_not_for_everyone() {
    let world = World::new().await;
    let body = json!({"direction": "in", "asOf": "2026-03-02T00:00:00Z"});
    for role in [Role::CustomsSystem, Role::Officer] {
        let (status, _) = world.request(role, Method::POST, "/v1/training-sets", Some(&body)).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
    let path = "/v1/features/019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c";
    assert_eq!(world.request(Role::Officer, Method::GET, path, None).await.0, StatusCode::FORBIDDEN);
    assert_eq!(world.request(Role::Auditor, Method::GET, path, None).await.0, StatusCode::NOT_FOUND);
}
