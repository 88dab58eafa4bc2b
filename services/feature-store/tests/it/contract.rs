//! The API document and the doors.

use actix_web::http::{Method, StatusCode};
use feature_store::openapi;
use rest::Role;
use serde_json::json;

use crate::world::World;

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
