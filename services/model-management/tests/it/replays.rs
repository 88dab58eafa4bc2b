//! Filters tried over the past, and searches of the past for filters.

use actix_web::http::{Method, StatusCode};
use clients::{HistoryItem, HistoryLine};
use jiff::SignedDuration;
use lifecycle::Clock;
use rest::Role;
use serde_json::{Value, json};
use testkit::{Changes, declaration};

use crate::support::{Running, start};

/// So many declarations, one an hour before the tests begin; every third has Japanese goods in its first item, of which
/// half hide something; of the others one in ten does. Every second is examined.
fn past(count: u64) -> Vec<HistoryLine> {
    (0..count)
        .map(|number| {
            let at = start() - SignedDuration::from_hours((count - number) as i64);
            let mut declared = declaration().with_reference(&format!("2025-{number:06}")).with_accepted_at(at);
            let japanese = number % 3 == 0;
            declared.items[0].origin_country = if japanese { "JP".into() } else { "CN".into() };
            let chance = (number * 2_654_435_761) % 100;
            let found = chance < if japanese { 50 } else { 10 };
            let examined = HistoryItem { item: declared.items[0].sequence, found, random: false, known_at: at };
            HistoryLine {
                sequence: number + 1,
                id: declared.id(at),
                version: 1,
                office: declared.office.clone(),
                accepted_at: at,
                history: false,
                notes: Vec::new(),
                features: None,
                probability: Some(0.5),
                examined: if number % 2 == 0 { vec![examined] } else { Vec::new() },
                declaration: declared,
            }
        })
        .collect()
}

pub async fn with_past(count: u64) -> Running {
    let running = Running::registered().await;
    *running.rows.past.lock().unwrap() = past(count);
    running
}

async fn draft(running: &Running, expression: &str) -> String {
    let body = json!({
        "code": "JP-1", "expression": expression, "area": "value", "verify": "Invoice", "risk": "R-1",
        "action": {"method": "physical", "mandatory": false, "weight": 0.2}, "validFrom": "2026-01-01T00:00:00Z"
    });
    let answer = running.post("/v1/filters", "ana", Role::Analyst, &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

async fn ask(running: &Running, filter: &str, body: &Value) -> (StatusCode, Value) {
    let answer = running.post(&format!("/v1/filters/{filter}/replay"), "ana", Role::Analyst, body).await;
    (answer.status, answer.body)
}

async fn told(running: &Running, id: &Value) -> Value {
    running.get(&format!("/v1/filters/replays/{}", id.as_str().unwrap())).await.body
}

#[actix_web::test]
async fn a_draft_is_tried_over_the_past_and_its_report_stays() {
    let running = with_past(4_500).await;
    let filter = draft(&running, "item.origin == 'JP'").await;
    let (status, asked) = ask(&running, &filter, &json!({})).await;
    assert_eq!((status, &asked["state"], &asked["expected"]), (StatusCode::ACCEPTED, &json!("queued"), &json!(4_500)));
    let (status, same) = ask(&running, &filter, &json!({})).await;
    assert_eq!((status, &same["id"]), (StatusCode::OK, &asked["id"]));

    running.worker("model-management-replay").step().await.unwrap();
    let under_way = told(&running, &asked["id"]).await;
    assert_eq!((&under_way["state"], &under_way["done"]), (&json!("running"), &json!(2_000)));
    running.settle().await;
    let done = told(&running, &asked["id"]).await;
    assert_eq!((&done["state"], &done["done"]), (&json!("done"), &json!(4_500)), "{done}");
    let report = &done["report"];
    assert_eq!((&report["declarations"], &report["matchedDeclarations"]), (&json!(4_500), &json!(1_500)));
    let found = &report["examinations"];
    assert_eq!((&found["examined"], &found["matched"]), (&json!(2_250), &json!(750)));
    let matched: u64 =
        report["months"].as_array().unwrap().iter().map(|m| m["matchedDeclarations"].as_u64().unwrap()).sum();
    assert_eq!(matched, 1_500);
    assert!(!report["examples"].as_array().unwrap().is_empty());

    // What is lodged later does not change it.
    running.rows.past.lock().unwrap().clear();
    running.settle().await;
    assert_eq!(told(&running, &asked["id"]).await, done);
    let listed = running.get(&format!("/v1/filters/{filter}/replays")).await.body;
    assert_eq!((&listed[0]["id"], &listed[0]["report"]), (&asked["id"], &Value::Null));
}

#[actix_web::test]
async fn a_period_is_replayed_alone_and_one_that_cannot_be_is_refused() {
    let running = with_past(100).await;
    let filter = draft(&running, "item.origin == 'JP'").await;
    let from = start() - SignedDuration::from_hours(40);
    let until = start() - SignedDuration::from_hours(10);
    let (_, asked) = ask(&running, &filter, &json!({"from": from, "until": until})).await;
    running.settle().await;
    assert_eq!(told(&running, &asked["id"]).await["report"]["declarations"], 30);
    for body in [json!({"from": until, "until": from}), json!({"until": start() + SignedDuration::from_hours(1)})] {
        let (status, refused) = ask(&running, &filter, &body).await;
        assert_eq!((status, &refused["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("replay-invalid")));
    }
    let (status, _) = ask(&running, &filter, &json!({"version": 7})).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_replay_goes_on_after_a_restart_and_after_it_was_broken_off() {
    let home = testkit::Home::new();
    let whole = {
        let running = with_past(5_000).await;
        let filter = draft(&running, "item.origin == 'JP'").await;
        let (_, asked) = ask(&running, &filter, &json!({})).await;
        running.settle().await;
        told(&running, &asked["id"]).await["report"].clone()
    };
    let id = {
        let running = Running::on(home.store(), Clock::driven(start())).await;
        running.register().await;
        *running.rows.past.lock().unwrap() = past(5_000);
        let filter = draft(&running, "item.origin == 'JP'").await;
        let (_, asked) = ask(&running, &filter, &json!({})).await;
        running.worker("model-management-replay").step().await.unwrap();
        asked["id"].clone()
    };
    let running = Running::on(home.store(), Clock::driven(start())).await;
    *running.rows.past.lock().unwrap() = past(5_000);
    let path = format!("/v1/filters/replays/{}", id.as_str().unwrap());
    let cancelled = running.post(&format!("{path}/cancellation"), "ana", Role::Analyst, &json!({})).await.body;
    assert_eq!((&cancelled["state"], &cancelled["done"]), (&json!("cancelled"), &json!(2_000)));
    running.settle().await;
    assert_eq!(told(&running, &id).await["done"], 2_000);
    running.post(&format!("{path}/resumption"), "ana", Role::Analyst, &json!({})).await;
    running.settle().await;
    let done = told(&running, &id).await;
    assert_eq!((&done["state"], &done["done"]), (&json!("done"), &json!(5_000)));
    assert_eq!(done["report"], whole);
}

#[actix_web::test]
async fn what_cannot_be_had_fails_the_replay_and_not_the_worker() {
    let running = with_past(10).await;
    let filter = draft(&running, "item.origin == 'JP'").await;
    let (_, asked) = ask(&running, &filter, &json!({})).await;
    *running.rows.broken.lock().unwrap() = true;
    running.settle().await;
    let failed = told(&running, &asked["id"]).await;
    assert_eq!(failed["state"], "failed");
    assert!(failed["error"].as_str().unwrap().contains("another service"), "{failed}");
}

#[actix_web::test]
async fn where_it_is_demanded_only_what_was_replayed_is_activated() {
    let demand = |settings: &mut model_management::Settings| settings.filters.replay_before_activation = true;
    let running = Running::changed(demand).await;
    running.register().await;
    *running.rows.past.lock().unwrap() = past(10);
    let filter = draft(&running, "item.origin == 'JP'").await;
    let path = format!("/v1/filters/{filter}");
    let (approvals, body) = (format!("{path}/approvals"), json!({"version": 1}));
    let approve = || running.post(&approvals, "ben", Role::Approver, &body);
    let early = approve().await;
    assert_eq!((early.status, early.body["code"].as_str()), (StatusCode::CONFLICT, Some("replay-needed")));
    let (_, asked) = ask(&running, &filter, &json!({})).await;
    running.settle().await;
    assert_eq!(approve().await.status, StatusCode::CREATED);
    let trail = running.get(&path).await.body["changes"].clone();
    let detail = trail.as_array().unwrap().last().unwrap()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(asked["id"].as_str().unwrap()), "the evidence is named: {detail}");
}

#[actix_web::test]
async fn who_may_not_see_a_list_does_not_try_filters_that_name_it() {
    let running = with_past(20).await;
    let watched = past(1)[0].declaration.trader().unwrap().id.clone();
    let list = json!({
        "name": "watch", "kind": "party", "title": "Under watch", "compartment": "intelligence",
        "readers": {"subjects": ["ana"]}, "validFrom": "2026-06-01T05:00:00Z", "entries": [&watched]
    });
    running.post("/v1/lists", "ana", Role::Analyst, &list).await;
    let filter = draft(&running, "declaration.trader.id in lists.watch").await;
    let path = format!("/v1/filters/{filter}/replay");
    let refused = running.post(&path, "zoe", Role::Analyst, &json!({})).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "list-forbidden"));
    let (_, asked) = ask(&running, &filter, &json!({})).await;
    running.settle().await;
    let path = format!("/v1/filters/replays/{}", asked["id"].as_str().unwrap());
    let done = running.call(Method::GET, &path, "ana", Role::Analyst, &Value::Null).await.body;
    assert_eq!(done["report"]["matchedDeclarations"], 20, "tried as if it had always held: {done}");
    assert!(!done.to_string().contains(&watched), "a match does not tell what is on the list: {done}");

    // Whoever else asks for it, breaks it off or lets it go on, learns nothing of it.
    let steps = [
        (Method::GET, path.clone(), Role::Auditor),
        (Method::POST, format!("{path}/cancellation"), Role::Analyst),
        (Method::POST, format!("{path}/resumption"), Role::Approver),
    ];
    for (method, path, role) in steps {
        let refused = running.call(method, &path, "zoe", role, &json!({})).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "list-forbidden"), "{path}");
        assert_eq!(refused.body["report"], Value::Null);
    }
    // The same question is another one with other entries, and its digest does not tell them.
    let listed = running.get(&format!("/v1/filters/{filter}/replays")).await.body;
    assert_eq!((&listed[0]["report"], listed[0]["digest"].as_str().map(str::len)), (&Value::Null, Some(64)));

    let trail = running.get("/v1/lists/watch/events").await.body;
    let acts: Vec<(&str, &str)> = trail["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["subject"].as_str().unwrap(), event["action"].as_str().unwrap()))
        .collect();
    let refused = ("zoe", "look refused");
    let expected = [("ana", "drafted"), refused, ("ana", "replayed"), ("ana", "looked"), refused, refused, refused];
    assert_eq!(acts, expected, "{trail}");
    assert!(trail["items"][3]["reason"].as_str().unwrap().contains("of filter JP-1"));
}

#[actix_web::test]
async fn a_search_makes_drafts_of_what_results_suggest() {
    let running = with_past(6_000).await;
    let body = json!({"fields": ["item.origin", "item.hs4"], "area": "origin"});
    let asked = running.post("/v1/filters/proposals", "ana", Role::Analyst, &body).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
    running.settle().await;
    let path = format!("/v1/filters/proposals/{}", asked.body["id"].as_str().unwrap());
    let done = running.get(&path).await.body;
    assert_eq!((&done["state"], &done["result"]["rows"]), (&json!("done"), &json!(3_000)), "{done}");
    let drafts = done["result"]["drafts"].as_array().unwrap();
    assert!(drafts.iter().any(|draft| draft["expression"] == "item.origin == 'JP'"), "{done}");
    let id = drafts[0]["filter"].as_str().unwrap();
    let versions = running.get(&format!("/v1/filters/{id}")).await.body["versions"].clone();
    assert_eq!((&versions[0]["state"], &versions[0]["provenance"]), (&json!("draft"), &json!("mined")));
    assert_eq!((&versions[0]["author"], &versions[0]["owner"]), (&json!("ana"), &json!("unassigned")));

    // The same search later proposes the same drafts.
    running.advance(1);
    let again = running.post("/v1/filters/proposals", "ben", Role::Analyst, &body).await;
    running.settle().await;
    let path = format!("/v1/filters/proposals/{}", again.body["id"].as_str().unwrap());
    assert_eq!(running.get(&path).await.body["result"]["drafts"], done["result"]["drafts"]);
    for wrong in [json!({"fields": ["item.orijin"]}), json!({"owner": " "})] {
        let refused = running.post("/v1/filters/proposals", "ana", Role::Analyst, &wrong).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "replay-invalid"), "{wrong}");
    }
}
