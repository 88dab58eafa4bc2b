//! What officers see, and what they never see.

use customs::Method;
use serde_json::{Value, json};

use crate::world::{World, auditor, officer, selected, stranger, supervisor};

/// Every name and every text in a value.
fn words(value: &Value, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            all.push(name.clone());
            words(value, all);
        }),
        Value::Array(values) => values.iter().for_each(|value| words(value, all)),
        Value::String(text) => all.push(text.clone()),
        _ => {}
    }
}

fn assert_tells_no_reason(answer: &Value) {
    let mut all = Vec::new();
    words(answer, &mut all);
    let secret = ["trigger", "random", "selection", "score", "filter", "overPlan", "probability", "draw", "basis"];
    for word in all {
        assert!(!secret.contains(&word.as_str()), "{word} in {answer}");
    }
}

#[actix_web::test]
async fn officer_never_sees_why() {
    let world = World::new().await;
    world.hear([selected(1, 1, &[Method::Physical, Method::Documentary], &[])]).await;
    let (_, page) = world.get(&officer(), "/v1/worklists/118").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!(page["items"][0]["verify"], json!(["origin"]));
    assert_tells_no_reason(&page);

    let documentary = page["items"].as_array().unwrap().iter().find(|item| item["method"] == "documentary").unwrap();
    let path = format!("/v1/controls/{}", documentary["id"].as_str().unwrap());
    let (status, answer) =
        world.post(&officer(), &format!("{path}/escalation"), json!({"reason": "two invoices"})).await;
    assert_eq!((status, &answer["method"]), (201, &json!("physical")));
    assert_tells_no_reason(&answer);
    let body = json!({"reference": "1", "office": "118", "subject": {"type": "vehicle", "id": "A1B-123"},
        "method": "physical", "reason": "seen before"});
    let (status, answer) = world.post(&officer(), "/v1/controls", body).await;
    assert_eq!(status, 201);
    assert_tells_no_reason(&answer);
    // The record is not for officers; for auditors it tells all.
    assert_eq!(world.get(&officer(), &path).await.0, 403);
    assert_eq!(world.get(&officer(), "/v1/controls").await.0, 403);
    assert_eq!(world.get(&auditor(), &path).await.1["order"]["trigger"], "random");
}

#[actix_web::test]
async fn each_reader_is_told_as_much_of_the_reasons_as_is_theirs() {
    let world = World::new().await;
    world.hear([selected(1, 1, &[Method::Physical], &[])]).await;
    let because = async |caller: &rest::Principal, path: &str| {
        let (status, answer) = world.get(caller, path).await;
        assert_eq!(status, 200, "{answer}");
        answer["items"][0].clone()
    };
    let list = "/v1/worklists/118";
    let stands_out = "Item 1: Net mass: 3 kg";
    let item = because(&officer(), list).await;
    assert_eq!(item["because"], json!([stands_out]));
    assert_tells_no_reason(&item);
    assert_eq!(because(&supervisor(), list).await["because"], json!(["Drawn for the random stratum", stands_out]));
    let texts = |item: &Value| item["order"]["because"].as_array().unwrap().len();
    assert_eq!(texts(&because(&supervisor(), "/v1/controls").await), 2);
    assert_eq!(texts(&because(&auditor(), "/v1/controls").await), 3);
}

#[actix_web::test]
async fn worklist_is_for_its_office_and_in_pages() {
    let world = World::new().await;
    world.hear((1..=7).map(|number| selected(number, 1, &[Method::Physical], &[]))).await;
    assert_eq!(world.get(&stranger(), "/v1/worklists/118").await.0, 403);
    assert_eq!(world.get(&supervisor(), "/v1/worklists/118").await.0, 200);
    let mut seen = Vec::new();
    let mut path = "/v1/worklists/118?limit=3".to_owned();
    loop {
        let (status, page) = world.get(&officer(), &path).await;
        assert_eq!(status, 200, "{page}");
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/worklists/118?limit=3&after={next}");
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.is_sorted_by(|a, b| a < b));
    assert_eq!(world.get(&officer(), "/v1/worklists/118?place=DPW-3").await.1["items"].as_array().unwrap().len(), 7);
    assert_eq!(world.get(&officer(), "/v1/worklists/118?place=DPW-4").await.1["items"], json!([]));
    assert_eq!(world.get(&officer(), "/v1/worklists/118?after=x").await.0, 400);
}

#[actix_web::test]
async fn feed_goes_on_where_it_was_left() {
    let world = World::new().await;
    world.hear((1..=3).map(|number| selected(number, 1, &[Method::Physical], &[]))).await;
    let (_, first) = world.get(&auditor(), "/v1/controls?limit=2").await;
    let (_, second) = world.get(&auditor(), &format!("/v1/controls?after={}", first["next"].as_str().unwrap())).await;
    assert_eq!((first["items"].as_array().unwrap().len(), second["items"].as_array().unwrap().len()), (2, 1));
    let path = format!("/v1/controls?after={}", second["next"].as_str().unwrap());
    assert_eq!(world.get(&auditor(), &path).await.1["items"], json!([]));
    world.hear([selected(4, 1, &[Method::Physical], &[])]).await;
    assert_eq!(world.get(&auditor(), &path).await.1["items"].as_array().unwrap().len(), 1);
    // Whoever is bound to another office sees nothing of it.
    let bound = auditor().only_for(["235".into()]);
    assert_eq!(world.get(&bound, "/v1/controls").await.1["items"], json!([]));
}
