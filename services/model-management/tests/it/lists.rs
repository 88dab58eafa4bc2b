//! Lists: compartments, four eyes, what scoring hears, and who looked.

use actix_web::http::{Method, StatusCode};
use events::erasure::pseudonym;
use events::{Envelope, FiltersChanged, PersonErased};
use queue::{NewMessage, Stream};
use rest::Role;
use serde_json::{Value, json};

use crate::support::Running;

fn list(entries: &[&str]) -> Value {
    json!({
        "name": "watch_2026", "kind": "party", "title": "Importers under watch", "compartment": "intelligence",
        "readers": {"subjects": ["ana", "ben"]}, "validFrom": "2026-01-01T05:00:00Z", "entries": entries
    })
}

fn filter(expression: &str) -> Value {
    json!({
        "code": "WATCH", "expression": expression, "area": "party", "verify": "Everything", "risk": "R-1",
        "action": {"method": "physical", "mandatory": true, "weight": 1.0}, "validFrom": "2026-01-01T00:00:00Z"
    })
}

const WATCHED: &str = "declaration.trader.id in lists.watch_2026";

async fn last_heard(running: &Running) -> Option<FiltersChanged> {
    running.heard().await.last().map(|message| message.decode().unwrap())
}

async fn looks(running: &Running) -> Vec<(String, String, Option<String>)> {
    let trail = running.get("/v1/lists/watch_2026/events").await.body;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let event =
        |event: &Value| (text(&event["subject"]).unwrap(), text(&event["action"]).unwrap(), text(&event["reason"]));
    trail["items"].as_array().unwrap().iter().map(event).collect()
}

#[actix_web::test]
async fn a_list_reaches_scoring_when_a_second_reader_approved_it() {
    let running = Running::new().await;
    let drafted = running.post("/v1/lists", "ana", Role::Analyst, &list(&["20555555551", "20123456786"])).await;
    assert_eq!(drafted.status, StatusCode::CREATED, "{}", drafted.body);
    let again = running.post("/v1/lists", "ana", Role::Analyst, &list(&["20123456786", "20555555551"])).await;
    assert_eq!(again.status, StatusCode::OK);
    let approve = |subject: &'static str, role: Role| {
        let running = &running;
        async move { running.post("/v1/lists/watch_2026/approvals", subject, role, &json!({"version": 1})).await }
    };
    assert_eq!(approve("ana", Role::Approver).await.code(), "four-eyes");
    assert_eq!(approve("ben", Role::Analyst).await.code(), "approver-needed");
    assert_eq!(approve("zoe", Role::Approver).await.code(), "list-forbidden");
    assert!(last_heard(&running).await.is_none());

    assert_eq!(approve("ben", Role::Approver).await.status, StatusCode::CREATED);
    let told = last_heard(&running).await.unwrap();
    assert_eq!((told.epoch, told.lists.len(), told.lists[0].entries.len()), (1, 1, 2));
    assert_eq!(approve("ben", Role::Approver).await.status, StatusCode::OK);
    assert!(last_heard(&running).await.is_none());

    // Another version holds beside it.
    let content = json!({"validFrom": "2026-02-01T05:00:00Z", "entries": ["20666666661"]});
    let path = "/v1/lists/watch_2026/versions";
    assert_eq!(running.post(path, "zoe", Role::Analyst, &content).await.code(), "list-forbidden");
    assert_eq!(running.post(path, "ben", Role::Analyst, &content).await.status, StatusCode::CREATED);
    assert_eq!(running.post(path, "ben", Role::Analyst, &content).await.status, StatusCode::OK);
    let body = json!({"version": 2});
    let second = running.post("/v1/lists/watch_2026/approvals", "ana", Role::Approver, &body).await;
    assert_eq!(second.status, StatusCode::CREATED, "{}", second.body);
    let versions: Vec<u32> = last_heard(&running).await.unwrap().lists.iter().map(|list| list.version).collect();
    assert_eq!(versions, [1, 2]);
}

#[actix_web::test]
async fn every_look_is_in_the_trail_and_a_refused_one_too() {
    let running = Running::new().await;
    running.post("/v1/lists", "ana", Role::Analyst, &list(&["20123456786"])).await;
    let path = "/v1/lists/watch_2026/entries?reason=case%2017";
    let seen = running.call(Method::GET, path, "ben", Role::Analyst, &Value::Null).await;
    assert_eq!((seen.status, &seen.body["entries"]), (StatusCode::OK, &json!(["20123456786"])));
    let refused =
        running.call(Method::GET, "/v1/lists/watch_2026/entries", "audrey", Role::Auditor, &Value::Null).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "list-forbidden"));
    assert_eq!(refused.body["entries"], Value::Null);
    let told: Vec<_> = looks(&running).await;
    let expected = [("ana", "drafted", None), ("ben", "looked", Some("case 17")), ("audrey", "look refused", None)];
    let expected = expected.map(|(who, what, why)| (who.to_owned(), what.to_owned(), why.map(str::to_owned)));
    assert_eq!(told, expected);

    // Who may not see it learns that it is there, and neither its entries nor its readers.
    let shown = running.get("/v1/lists").await.body;
    assert_eq!(shown["items"][0]["versions"][0]["size"], 1);
    assert_eq!(shown["items"][0]["readers"], Value::Null);
    assert!(!shown.to_string().contains("20123456786"));
    assert_eq!(shown["items"][0]["versions"][0]["digest"], Value::Null, "few entries can be guessed from it");
    let own = running.call(Method::GET, "/v1/lists", "ben", Role::Analyst, &Value::Null).await.body;
    assert_eq!(own["items"][0]["versions"][0]["digest"].as_str().map(str::len), Some(64), "{own}");
    let other = running.post("/v1/lists", "zoe", Role::Analyst, &list(&["20123456786"])).await;
    assert_eq!(other.code(), "list-name-taken", "a guess is not confirmed");
}

#[actix_web::test]
async fn a_filter_names_lists_that_are_there_and_acts_with_those_in_force() {
    let running = Running::registered().await;
    let unknown = running
        .post("/v1/filters", "ana", Role::Analyst, &filter(&format!("item.hs4 == '6109' &&\n  {WATCHED}")))
        .await;
    assert_eq!((unknown.status, unknown.code()), (StatusCode::UNPROCESSABLE_ENTITY, "filter-invalid"));
    assert_eq!(unknown.body["expressionErrors"][0]["line"], 2, "{}", unknown.body);

    running.post("/v1/lists", "ana", Role::Analyst, &list(&["20123456786"])).await;
    let drafted = running.post("/v1/filters", "ana", Role::Analyst, &filter(WATCHED)).await;
    assert_eq!(drafted.status, StatusCode::CREATED, "{}", drafted.body);
    let path = format!("/v1/filters/{}/approvals", drafted.body["id"].as_str().unwrap());
    let early = running.post(&path, "ben", Role::Approver, &json!({"version": 1})).await;
    assert_eq!((early.status, early.code()), (StatusCode::CONFLICT, "list-not-in-force"));

    let approvals = "/v1/lists/watch_2026/approvals";
    running.post(approvals, "ben", Role::Approver, &json!({"version": 1})).await;
    let active = running.post(&path, "ben", Role::Approver, &json!({"version": 1})).await;
    assert_eq!(active.status, StatusCode::CREATED, "{}", active.body);
    let told = last_heard(&running).await.unwrap();
    assert_eq!((told.filters.len(), told.lists.len()), (1, 1));

    let retire = json!({"version": 1, "state": "retired"});
    let asked = running.post(approvals, "ben", Role::Approver, &retire).await;
    assert_eq!(asked.status, StatusCode::CREATED);
    let in_use = running.post(approvals, "ana", Role::Analyst, &retire).await;
    assert_eq!((in_use.status, in_use.code()), (StatusCode::CONFLICT, "list-in-use"));
    running.post(&path, "ben", Role::Approver, &retire).await;
    running.post(&path, "ana", Role::Analyst, &retire).await;
    assert_eq!(running.post(approvals, "ana", Role::Analyst, &retire).await.status, StatusCode::CREATED);
    let told = last_heard(&running).await.unwrap();
    assert_eq!((told.filters.len(), told.lists.len()), (0, 0));
    let back = running.post(approvals, "ben", Role::Approver, &json!({"version": 1})).await;
    assert_eq!(back.code(), "list-retired");
}

#[actix_web::test]
async fn an_erased_person_leaves_drafts_and_what_is_in_force_is_told_to_its_readers() {
    const PERSON: &str = "20123456786";
    let running = Running::new().await;
    running.post("/v1/lists", "ana", Role::Analyst, &list(&["20555555551", PERSON])).await;
    running.post("/v1/lists/watch_2026/approvals", "ben", Role::Approver, &json!({"version": 1})).await;
    let second = json!({"validFrom": "2026-02-01T05:00:00Z", "entries": [PERSON]});
    let drafted = running.post("/v1/lists/watch_2026/versions", "ana", Role::Analyst, &second).await;
    assert_eq!(drafted.status, StatusCode::CREATED, "{}", drafted.body);

    let erasure = uuid::Uuid::from_u128(4);
    let body = PersonErased {
        erasure,
        person: PERSON.to_owned(),
        texts: Vec::new(),
        pseudonym: pseudonym(erasure),
        declarations: Vec::new(),
    };
    let envelope = Envelope::new(&[b"4"], crate::support::start(), 0, None, body).into_raw();
    let stream = Stream::of(events::Service::ModelManagement);
    running.queue.publish(&[NewMessage { stream, envelope }]).await.unwrap();
    running.settle().await;
    let entries = |version: u32| {
        let (running, path) = (&running, format!("/v1/lists/watch_2026/entries?version={version}"));
        async move { running.call(Method::GET, &path, "ana", Role::Analyst, &Value::Null).await.body["entries"].clone() }
    };
    assert_eq!(entries(1).await, json!([PERSON, "20555555551"]), "two people put it in force");
    assert_eq!(entries(2).await, json!([pseudonym(erasure)]));
    let asked: Vec<_> = looks(&running).await.into_iter().filter(|(_, action, _)| action == "erasure asked").collect();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].2.as_ref().is_some_and(|reason| !reason.contains(PERSON)));
}
