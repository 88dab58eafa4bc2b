use std::time::Duration;

use actix_web::http::{Method, StatusCode, header};
use actix_web::{App, test};
use lifecycle::ProcessClock;
use rest::{Access, KeySet, Limits, Principal, Problem, Role, ServiceConfig};

use crate::sample;

struct Answer {
    status: StatusCode,
    problem: Option<Problem>,
}

async fn ask(method: Method, path: &str, role: Option<Role>, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
    let app = App::new()
        .app_data(Access::local(keys.clone()))
        .app_data(Limits { json_bytes: 2_000, raw_bytes: 2_000 })
        .configure(|config| sample::routes(&mut ServiceConfig::new(config)));
    let app = test::init_service(app).await;
    let mut request = test::TestRequest::with_uri(path).method(method).set_payload(body.to_vec());
    if let Some(role) = role {
        let principal = Principal::new("x", [role]).only_for(["118".into()]);
        let token = keys.issue(&principal, Duration::from_mins(1));
        request = request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
    }
    for header in headers {
        request = request.insert_header(*header);
    }
    let response = test::call_service(&app, request.to_request()).await;
    let status = response.status();
    let is_problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes() == rest::problem::MEDIA_TYPE.as_bytes());
    let body = test::read_body(response).await;
    Answer { status, problem: is_problem.then(|| serde_json::from_slice(&body).unwrap()) }
}

async fn post(body: &[u8]) -> Answer {
    ask(Method::POST, "/v1/parcels", Some(Role::CustomsSystem), &[("content-type", "application/json")], body).await
}

#[actix_web::test]
async fn good_request_passes() {
    assert_eq!(post(br#"{"office":"118","lines":[{"weight":3}]}"#).await.status, StatusCode::OK);
    let read = ask(Method::GET, "/v1/parcels/7?limit=2", Some(Role::Officer), &[], b"").await;
    assert_eq!(read.status, StatusCode::OK);
}

#[actix_web::test]
async fn caller_is_judged_before_the_request() {
    let answer = ask(Method::POST, "/v1/parcels", None, &[], b"nonsense").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.problem.unwrap().code, "token-missing");
    let answer = ask(Method::POST, "/v1/parcels", Some(Role::Auditor), &[], b"nonsense").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.problem.unwrap().code, "role-missing");
    let answer = post(br#"{"office":"235"}"#).await;
    assert_eq!(answer.problem.unwrap().code, "office-forbidden");
}

#[actix_web::test]
async fn fault_of_a_body_is_told_with_its_pointer() {
    for (body, code, pointer) in [
        (&br#"{"office":"118","lines":[{"weight":3},{"weight":"x"}]}"#[..], "body-malformed", "/lines/1/weight"),
        (br#"{"office":"118","lines":[{"weight":-1}]}"#, "body-malformed", "/lines/0/weight"),
        (br#"{"office":"118","lines":[{"weight":NaN}]}"#, "body-malformed", "/lines/0/weight"),
        (br#"{"office":7}"#, "body-malformed", "/office"),
        (br#"{"office":"118","office":"118"}"#, "body-malformed", "/office"),
        (br#"{"office":"118"} x"#, "body-malformed", ""),
        (b"", "body-malformed", ""),
        (b"{\"office\":\"\xff\"}", "body-not-utf8", ""),
    ] {
        let answer = post(body).await;
        let shown = String::from_utf8_lossy(body).into_owned();
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{shown}");
        let problem = answer.problem.expect("a problem");
        assert_eq!(problem.code, code, "{shown}");
        assert_eq!(problem.errors[0].pointer, pointer, "{shown}: {problem}");
    }
}

#[actix_web::test]
async fn deep_nesting_is_a_fault_and_not_a_crash() {
    let answer = post(format!("{{\"office\":\"118\",\"lines\":{}", "[".repeat(1_500)).as_bytes()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.problem.is_some());
}

#[actix_web::test]
async fn size_and_media_type_are_refused_by_their_own_status() {
    let answer = post(&vec![b' '; 3_000]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.problem.unwrap().code, "body-too-large");
    let answer =
        ask(Method::POST, "/v1/parcels", Some(Role::CustomsSystem), &[("content-type", "text/xml")], b"<a/>").await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(answer.problem.unwrap().code, "media-type-unsupported");
}

#[actix_web::test]
async fn path_and_query_are_refused_as_problems() {
    let answer = ask(Method::GET, "/v1/parcels/seven", Some(Role::Officer), &[], b"").await;
    assert_eq!(answer.problem.unwrap().code, "path-invalid");
    let answer = ask(Method::GET, "/v1/parcels/7?limit=many", Some(Role::Officer), &[], b"").await;
    let problem = answer.problem.unwrap();
    assert_eq!((problem.code.as_str(), problem.errors[0].pointer.as_str()), ("query-invalid", "/limit"));
    let answer = ask(Method::GET, "/v1/parcels/7?limt=3", Some(Role::Officer), &[], b"").await;
    assert_eq!(answer.problem.unwrap().code, "query-invalid");
}
