//! A hundred broken bodies: always a problem with a pointer, never a failure, and nothing stored.

use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{App, test};
use lifecycle::ProcessClock;
use rest::{Access, KeySet, Limits, Principal, Role, ServiceConfig};
use serde_json::{Value, json};

fn good() -> Value {
    serde_json::to_value(crate::world::numbered(1)).unwrap()
}

fn changed(pointer: &str, value: Value) -> Vec<u8> {
    let mut declaration = good();
    *declaration.pointer_mut(pointer).unwrap() = value;
    declaration.to_string().into_bytes()
}

fn without(field: &str) -> Vec<u8> {
    let mut declaration = good();
    declaration.as_object_mut().unwrap().remove(field).unwrap();
    declaration.to_string().into_bytes()
}

fn bodies() -> Vec<Vec<u8>> {
    let text = good().to_string();
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    // Truncations, evenly spread.
    bodies.extend((0..40).map(|part| {
        let mut end = text.len() * part / 40;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.as_bytes()[..end].to_vec()
    }));
    let wrong = [json!(7), json!(true), json!([]), json!({}), Value::Null, json!("")];
    for pointer in ["/declarant", "/items", "/items/0/valuation", "/acceptanceDateTime", "/direction", "/office"] {
        for value in &wrong {
            let emptied = matches!(pointer, "/items") && value == &json!([]);
            let empty_office = pointer == "/office" && value == &json!("");
            // Without goods, or without an office's name: readable, or refused elsewhere.
            if !emptied && !empty_office {
                bodies.push(changed(pointer, value.clone()));
            }
        }
    }
    for field in ["reference", "declarant", "office", "acceptanceDateTime", "direction", "modality", "form"] {
        bodies.push(without(field));
    }
    bodies.push(text.replacen("{\"", "{\"office\":\"118\",\"", 1).into_bytes());
    bodies.push(changed("/items/0/sequence", json!("@@")));
    let marked = String::from_utf8(changed("/items/0/sequence", json!("@@"))).unwrap();
    for literal in ["NaN", "Infinity", "-Infinity", "1e999", "-1", "1.5", "99999999999999999999", "0x10", "'1'"] {
        bodies.push(marked.replace("\"@@\"", literal).into_bytes());
    }
    for amount in ["NaN", "1,5", "twelve", "1e400", ""] {
        bodies.push(changed("/items/0/valuation/fob/amount", json!(amount)));
    }
    bodies.push(changed("/items/0/description", json!("x".repeat(20_000))));
    bodies.push(format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes());
    bodies.push(text.replacen('{', &format!("{{\"deep\":{}{},", "[".repeat(500), "]".repeat(500)), 1).into_bytes());
    bodies.push(text.replace("\"office\"", "\"office\u{0}\"").into_bytes());
    bodies.push([text.as_bytes(), b" trailing"].concat());
    bodies.push([b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat());
    bodies.push(b"\xff\xfe{\0}\0".to_vec());
    bodies.push(text.replacen("2026", "20\u{d7}26", 1).replace('\u{d7}', "\\ud800").into_bytes());
    bodies.push(b"null".to_vec());
    bodies.push(b"[]".to_vec());
    bodies
}

#[actix_web::test]
async fn broken_bodies_are_problems_with_pointers_and_nothing_is_stored() {
    let folder = testkit::Home::new();
    let deps = testkit::deps().await;
    let service = declaration_intake::Service::build(crate::world::settings(&folder), deps).await.unwrap();
    let routes = service.routes();
    let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
    let app = App::new()
        .app_data(Access::local(keys.clone()))
        .app_data(Limits { raw_bytes: 1_000_000, ..Limits::default() })
        .configure(|config| routes(&mut ServiceConfig::new(config)));
    let app = test::init_service(app).await;
    let principal = Principal::new("x", [Role::CustomsSystem]);
    let bearer = format!("Bearer {}", keys.issue(&principal, Duration::from_mins(1)));
    let post = |body: Vec<u8>| {
        test::TestRequest::post()
            .uri("/v1/declarations")
            .insert_header((header::AUTHORIZATION, bearer.clone()))
            .insert_header((header::CONTENT_TYPE, "application/json"))
            .set_payload(body)
            .to_request()
    };
    let bodies = bodies();
    assert!(bodies.len() >= 100, "{} bodies", bodies.len());
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(160)]).into_owned();
        let response = test::call_service(&app, post(body)).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{shown}");
        assert_eq!(response.headers().get(header::CONTENT_TYPE).unwrap(), rest::problem::MEDIA_TYPE);
        let problem: Value = test::read_body_json(response).await;
        assert_eq!(problem["code"], "declaration-unreadable", "{shown}");
        let errors = problem["errors"].as_array().unwrap();
        assert!(!errors.is_empty() && errors.iter().all(|error| error["pointer"].is_string()), "{shown}: {problem}");
    }
    let huge = test::call_service(&app, post(vec![b' '; 1_000_001])).await;
    assert_eq!(huge.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let stored = service.workers()[0].step().await.unwrap();
    assert_eq!(stored, 0, "something was announced");
}
