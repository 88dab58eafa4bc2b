//! Who answers for a mined draft, and who puts it in force: two people, whoever asked for the search.

use actix_web::http::StatusCode;
use rest::Role;
use serde_json::{Value, json};

use crate::{
    replays::with_past,
    support::{Answer, Running},
};

/// The path of a filter that a search drafted, which `subject` asked for.
async fn mined(running: &Running, subject: &str) -> String {
    mined_with(running, subject, &json!({"fields": ["item.origin", "item.hs4"], "area": "origin", "risk": "R-1"})).await
}

/// The same of a search like this.
async fn mined_with(running: &Running, subject: &str, body: &Value) -> String {
    let asked = running.post("/v1/filters/proposals", subject, Role::Analyst, body).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
    running.settle().await;
    let done = running.get(&format!("/v1/filters/proposals/{}", asked.body["id"].as_str().unwrap())).await.body;
    format!("/v1/filters/{}", done["result"]["drafts"][0]["filter"].as_str().unwrap())
}

/// A version that a person writes of a draft.
fn rewritten(draft: &Value, verify: &str) -> Value {
    let mut content = json!({"verify": verify});
    for field in ["code", "expression", "area", "risk", "action", "samplingShare", "validFrom", "scope"] {
        content[field] = draft[field].clone();
    }
    content
}

async fn say(running: &Running, path: &str, subject: &str, role: Role, state: &str) -> Answer {
    let body = json!({"version": 1, "state": state});
    running.post(&format!("{path}/approvals"), subject, role, &body).await
}

fn told(answer: &Answer) -> (StatusCode, &Value) {
    (answer.status, &answer.body["state"])
}

#[actix_web::test]
async fn one_person_who_asked_a_service_for_the_search_does_not_put_its_draft_in_force() {
    for asked_by in ["aforo-filters", "ana"] {
        let running = with_past(6_000).await;
        let path = mined(&running, asked_by).await;
        for state in ["active", "shadow"] {
            for _ in 0..2 {
                let first = say(&running, &path, "ana", Role::Approver, state).await;
                assert_eq!(told(&first), (StatusCode::CREATED, &json!("draft")), "asked by {asked_by}");
            }
        }
        assert!(running.heard().await.is_empty(), "nobody hears of it");
        let second = say(&running, &path, "ben", Role::Analyst, "active").await;
        assert_eq!(told(&second), (StatusCode::CREATED, &json!("active")), "asked by {asked_by}");
        assert!(!running.heard().await.is_empty());
        let trail = running.get(&path).await.body["changes"].clone();
        let acts: Vec<&str> = trail.as_array().unwrap().iter().map(|act| act["action"].as_str().unwrap()).collect();
        assert_eq!(acts, ["drafted", "asked", "asked", "asked", "asked", "activated"]);
    }
}

#[actix_web::test]
async fn two_analysts_are_not_enough_and_what_an_analyst_wrote_anew_has_an_author() {
    let running = with_past(6_000).await;
    let path = mined(&running, "aforo-filters").await;
    for subject in ["ana", "cy"] {
        let answer = say(&running, &path, subject, Role::Analyst, "active").await;
        assert_eq!(told(&answer), (StatusCode::CREATED, &json!("draft")));
    }
    let draft = running.get(&path).await.body["versions"][0].clone();
    let content = rewritten(&draft, "Invoice and certificate of origin");
    let written = running.post(&format!("{path}/versions"), "ana", Role::Approver, &content).await;
    assert_eq!((written.status, &written.body["provenance"]), (StatusCode::CREATED, &json!("written")));
    let approve = |subject: &'static str| {
        let (running, path) = (&running, format!("{path}/approvals"));
        async move { running.post(&path, subject, Role::Approver, &json!({"version": 2})).await }
    };
    assert_eq!(approve("ana").await.code(), "four-eyes");
    assert_eq!(told(&approve("ben").await), (StatusCode::CREATED, &json!("active")));
}

#[actix_web::test]
async fn a_word_that_waits_for_another_does_not_make_room_for_a_second_emergency_order() {
    let running = with_past(6_000).await;
    let path = mined(&running, "ana").await;
    say(&running, &path, "ana", Role::Approver, "active").await;
    let order = |version: u32| json!({"version": version, "hours": 10, "reason": "alert 17"});
    let ordered = running.post(&format!("{path}/emergency"), "ana", Role::Approver, &order(1)).await;
    assert_eq!(told(&ordered), (StatusCode::CREATED, &json!("active")), "{}", ordered.body);
    assert_eq!(say(&running, &path, "ana", Role::Approver, "active").await.code(), "four-eyes");
    running.advance(11);
    running.settle().await;
    let draft = running.get(&path).await.body["versions"][0].clone();
    assert_eq!(draft["state"], "retired");
    let content = rewritten(&draft, "Everything");
    running.post(&format!("{path}/versions"), "ana", Role::Approver, &content).await;
    let again = running.post(&format!("{path}/emergency"), "ana", Role::Approver, &order(2)).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "emergency-repeated"));
}

#[actix_web::test]
async fn who_ordered_a_mined_draft_in_an_emergency_is_one_of_the_two() {
    let running = with_past(6_000).await;
    let path = mined(&running, "aforo-filters").await;
    let order = json!({"version": 1, "hours": 10, "reason": "alert 17"});
    running.post(&format!("{path}/emergency"), "ben", Role::Approver, &order).await;
    assert_eq!(say(&running, &path, "ben", Role::Approver, "active").await.code(), "four-eyes");
    let confirmed = say(&running, &path, "ana", Role::Analyst, "active").await;
    assert_eq!(told(&confirmed), (StatusCode::CREATED, &json!("active")), "{}", confirmed.body);
    assert_eq!(confirmed.body["emergency"], false, "it stands for good");
}

#[actix_web::test]
async fn who_asks_for_a_search_may_say_who_answers_for_its_drafts() {
    let running = with_past(6_000).await;
    let body = json!({"fields": ["item.origin", "item.hs4"], "owner": "origin desk"});
    let path = mined_with(&running, "aforo-filters", &body).await;
    let draft = running.get(&path).await.body["versions"][0].clone();
    assert_eq!(draft["owner"], "origin desk", "{draft}");
}
