//! The risk register, and what covers each risk.

use actix_web::http::{Method, StatusCode};
use model_management::FilterFigures;
use rest::Role;
use serde_json::{Value, json};

use crate::support::{Running, risk};

fn filter(code: &str, risk: &str) -> Value {
    json!({
        "code": code, "expression": "item.origin == 'CN'", "area": "value", "verify": "Invoice", "risk": risk,
        "action": {"method": "physical", "mandatory": false, "weight": 0.2}, "validFrom": "2026-01-01T00:00:00Z"
    })
}

#[actix_web::test]
async fn a_risk_is_written_once_and_changed_in_versions() {
    let running = Running::new().await;
    let created = running.post("/v1/risks", "ana", Role::Analyst, &risk("R-1")).await;
    assert_eq!((created.status, &created.body["rating"]), (StatusCode::CREATED, &json!(16)), "{}", created.body);
    assert_eq!(running.post("/v1/risks", "ana", Role::Analyst, &risk("R-1")).await.status, StatusCode::OK);
    let mut other = risk("R-1");
    other["consequence"] = json!("severe");
    let taken = running.post("/v1/risks", "ana", Role::Analyst, &other).await;
    assert_eq!((taken.status, taken.code()), (StatusCode::CONFLICT, "risk-code-taken"));

    let changed = running.call(Method::PUT, "/v1/risks/R-1", "ben", Role::Analyst, &other).await;
    assert_eq!((changed.status, &changed.body["version"]), (StatusCode::OK, &json!(2)));
    let again = running.call(Method::PUT, "/v1/risks/R-1", "ben", Role::Analyst, &other).await;
    assert_eq!(again.body["version"], 2);
    let versions = running.get("/v1/risks/R-1").await.body;
    assert_eq!((&versions[0]["rating"], &versions[1]["rating"]), (&json!(16), &json!(20)));
    assert_eq!((&versions[0]["author"], &versions[1]["author"]), (&json!("ana"), &json!("ben")));
    assert_eq!(running.get("/v1/risks").await.body["items"].as_array().unwrap().len(), 1);

    let mut wrong = risk("r 2");
    wrong["owner"] = json!("");
    let refused = running.post("/v1/risks", "ana", Role::Analyst, &wrong).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "risk-invalid"));
    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 2);
    assert_eq!(running.get("/v1/risks/R-9").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_filter_names_a_risk_that_is_open_and_the_definition_tells_it() {
    let running = Running::new().await;
    let unknown = running.post("/v1/filters", "ana", Role::Analyst, &filter("F-1", "R-1")).await;
    assert_eq!((unknown.status, unknown.code()), (StatusCode::UNPROCESSABLE_ENTITY, "filter-invalid"));
    assert_eq!(unknown.body["errors"][0]["pointer"], "/risk");

    running.post("/v1/risks", "ana", Role::Analyst, &risk("R-1")).await;
    let drafted = running.post("/v1/filters", "ana", Role::Analyst, &filter("F-1", "R-1")).await;
    assert_eq!((drafted.status, &drafted.body["risk"]), (StatusCode::CREATED, &json!("R-1")));
    let path = format!("/v1/filters/{}", drafted.body["id"].as_str().unwrap());
    running.post(&format!("{path}/approvals"), "ben", Role::Approver, &json!({"version": 1})).await;

    let close = || running.call(Method::DELETE, "/v1/risks/R-1", "ben", Role::Approver, &Value::Null);
    let in_use = close().await;
    assert_eq!((in_use.status, in_use.code()), (StatusCode::CONFLICT, "risk-in-use"));
    let retire = json!({"version": 1, "state": "retired"});
    running.post(&format!("{path}/approvals"), "ben", Role::Approver, &retire).await;
    running.post(&format!("{path}/approvals"), "ana", Role::Analyst, &retire).await;
    let closed = close().await;
    assert_eq!((closed.status, &closed.body["closedBy"]), (StatusCode::OK, &json!("ben")));
    let changed = running.call(Method::PUT, "/v1/risks/R-1", "ana", Role::Analyst, &risk("R-1")).await;
    assert_eq!((changed.status, changed.code()), (StatusCode::CONFLICT, "risk-closed"));
    let late = running.post("/v1/filters", "ana", Role::Analyst, &filter("F-2", "R-1")).await;
    assert_eq!(late.body["errors"][0]["code"], "unknown-risk");
}

#[actix_web::test]
async fn what_leaves_its_draft_names_an_open_risk() {
    let running = Running::new().await;
    running.post("/v1/risks", "ana", Role::Analyst, &risk("R-1")).await;
    let mut without = filter("F-1", "R-1");
    without.as_object_mut().unwrap().remove("risk");
    let drafted = running.post("/v1/filters", "ana", Role::Analyst, &without).await;
    assert_eq!(drafted.status, StatusCode::CREATED, "a draft may have none: {}", drafted.body);
    let path = format!("/v1/filters/{}", drafted.body["id"].as_str().unwrap());
    let (approvals, order) = (format!("{path}/approvals"), format!("{path}/emergency"));
    let versions = format!("{path}/versions");
    let ways = |version: u32| {
        [
            (&approvals, json!({"version": version, "state": "active"})),
            (&approvals, json!({"version": version, "state": "shadow"})),
            (&order, json!({"version": version, "hours": 2, "reason": "alert 17"})),
        ]
    };
    for (path, body) in ways(1) {
        let refused = running.post(path, "ben", Role::Approver, &body).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "risk-needed"), "{body}");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.starts_with("version 1 of filter F-1 names no risk: "), "{detail}");
        assert!(detail.contains("POST /v1/risks") && detail.contains(&format!("POST {versions}")), "{detail}");
    }
    assert!(running.heard().await.is_empty(), "nothing came into force");

    // One that names a risk which was closed meanwhile is no better.
    assert_eq!(running.post(&versions, "ana", Role::Analyst, &filter("F-1", "R-1")).await.status, StatusCode::CREATED);
    running.call(Method::DELETE, "/v1/risks/R-1", "ben", Role::Approver, &Value::Null).await;
    for (path, body) in ways(2) {
        let refused = running.post(path, "ben", Role::Approver, &body).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "risk-needed"), "{body}");
        assert!(refused.body["detail"].as_str().unwrap().contains("risk R-1, which is closed"), "{}", refused.body);
    }
    running.post("/v1/risks", "ana", Role::Analyst, &risk("R-2")).await;
    assert_eq!(running.post(&versions, "ana", Role::Analyst, &filter("F-1", "R-2")).await.status, StatusCode::CREATED);
    let body = json!({"version": 3, "state": "shadow"});
    let shadowed = running.post(&approvals, "ben", Role::Approver, &body).await;
    assert_eq!(shadowed.status, StatusCode::CREATED, "{}", shadowed.body);
    // Withdrawing asks for nothing.
    let withdrawn = running.post(&approvals, "ana", Role::Analyst, &json!({"version": 1, "state": "retired"})).await;
    assert_eq!(withdrawn.status, StatusCode::CREATED, "{}", withdrawn.body);
}

#[actix_web::test]
async fn coverage_tells_filters_by_state_and_what_they_brought_together() {
    let running = Running::new().await;
    for code in ["R-1", "R-2"] {
        running.post("/v1/risks", "ana", Role::Analyst, &risk(code)).await;
    }
    for (code, approved) in [("F-1", true), ("F-2", true), ("F-3", false)] {
        let drafted = running.post("/v1/filters", "ana", Role::Analyst, &filter(code, "R-1")).await;
        if approved {
            let path = format!("/v1/filters/{}/approvals", drafted.body["id"].as_str().unwrap());
            running.post(&path, "ben", Role::Approver, &json!({"version": 1})).await;
        }
    }
    for (code, figures) in [("F-1", (100, 40, 30, 6)), ("F-2", (50, 20, 10, 2)), ("OTHER", (9, 9, 9, 9))] {
        let (matches, selections, examined, findings) = figures;
        let figures = FilterFigures::of(matches, selections, examined, findings);
        running.rows.figures.lock().unwrap().insert(code.to_owned(), figures);
    }
    let coverage = running.get("/v1/risks/coverage").await.body;
    let filters: Vec<_> =
        coverage[0]["filters"].as_array().unwrap().iter().map(|f| (&f["code"], &f["state"])).collect();
    let told =
        [("F-1", "active"), ("F-2", "active"), ("F-3", "draft")].map(|(code, state)| (json!(code), json!(state)));
    assert_eq!(filters, told.iter().map(|(code, state)| (code, state)).collect::<Vec<_>>());
    let figures = &coverage[0]["figures"];
    assert_eq!((&figures["matches"], &figures["examined"], &figures["yield"]), (&json!(150), &json!(40), &json!(0.2)));
    assert!(figures["yieldLow"].as_f64().unwrap() > 0.08 && figures["yieldHigh"].as_f64().unwrap() < 0.36);
    assert_eq!((&coverage[0]["covered"], &coverage[1]["covered"]), (&json!(true), &json!(false)));

    // What was measured is missing when nobody tells it; what covers is still told.
    *running.rows.broken.lock().unwrap() = true;
    let coverage = running.get("/v1/risks/coverage").await;
    assert_eq!((coverage.status, &coverage.body[0]["figures"]), (StatusCode::OK, &Value::Null));
    assert_eq!(coverage.body[0]["filters"].as_array().unwrap().len(), 3);
}
