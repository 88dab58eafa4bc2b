//! Who gets a control.

use actix_web::http::Method as Verb;
use customs::Method;
use serde_json::{Value, json};

use crate::world::{World, auditor, officer, selected, stranger, supervisor};

fn office() -> Value {
    json!({
        "name": "Callao", "timeZone": "America/Lima",
        "shifts": [
            {"name": "day", "fromHour": 6, "toHour": 20, "officers": ["ana", "bea", "carla", "dora"]},
            {"name": "night", "fromHour": 20, "toHour": 6, "officers": ["elsa"]},
        ],
        "officers": [
            {"id": "carla", "skills": ["physical"], "conflicts": ["20123456786"]},
            {"id": "dora", "skills": ["documentary"]},
        ],
    })
}

async fn world() -> (World, Vec<String>) {
    let world = World::new().await;
    assert_eq!(world.call(&supervisor(), Verb::PUT, "/v1/offices/118", office()).await.0, 201);
    world.hear((1..=40).map(|number| selected(number, 1, &[Method::Physical], &[]))).await;
    let ids = world.worklist().await.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    (world, ids)
}

async fn assign(world: &World, id: &str, body: Value) -> (u16, Value) {
    world.post(&supervisor(), &format!("/v1/controls/{id}/assignment"), body).await
}

#[actix_web::test]
async fn lottery_gives_the_same_again_and_never_to_who_may_not() {
    let (world, ids) = world().await;
    let mut drawn = Vec::new();
    for id in &ids {
        let (status, answer) = assign(&world, id, json!({})).await;
        assert_eq!((status, &answer["assignedBy"]), (201, &json!("system")), "{answer}");
        drawn.push(answer["officer"].as_str().unwrap().to_owned());
    }
    // Carla is in conflict, Dora cannot, Elsa works at night.
    assert!(drawn.iter().all(|officer| officer == "ana" || officer == "bea"), "{drawn:?}");
    assert!(drawn.contains(&"ana".to_owned()) && drawn.contains(&"bea".to_owned()));
    assert_eq!(assign(&world, &ids[0], json!({})).await.0, 200);
    let item = world.worklist().await[0].clone();
    assert_eq!((&item["state"], &item["officer"]), (&json!("assigned"), &json!(drawn[0])));

    let (other, same_ids) = self::world().await;
    assert_eq!(same_ids, ids);
    for (id, officer) in ids.iter().zip(&drawn) {
        assert_eq!(assign(&other, id, json!({})).await.1["officer"], json!(officer));
    }
}

#[actix_web::test]
async fn supervisor_names_an_officer_with_a_reason_that_is_kept() {
    let (world, ids) = world().await;
    assert_eq!(assign(&world, &ids[0], json!({"officer": "dora"})).await.0, 422);
    let body = json!({"officer": "dora", "reason": "learns"});
    assert_eq!(assign(&world, &ids[0], json!({})).await.0, 201);
    let (status, answer) = assign(&world, &ids[0], body.clone()).await;
    assert_eq!((status, &answer["assignedBy"]), (201, &json!("supervisor-1")));
    assert_eq!(assign(&world, &ids[0], body.clone()).await.0, 200);
    let (_, detail) = world.get(&auditor(), &format!("/v1/controls/{}", ids[0])).await;
    assert_eq!(detail["assignments"].as_array().unwrap().len(), 2);
    assert_eq!((&detail["assignments"][1]["reason"], &detail["officer"]), (&json!("learns"), &json!("dora")));

    let (status, problem) = assign(&world, &ids[1], json!({"officer": "carla", "reason": "knows them"})).await;
    assert_eq!((status, &problem["code"]), (422, &json!("officer-conflicted")));
    let (status, problem) = assign(&world, &ids[1], json!({"officer": "zoe", "reason": "x"})).await;
    assert_eq!((status, &problem["code"]), (422, &json!("no-officer-available")));
    let path = format!("/v1/controls/{}/assignment", ids[1]);
    assert_eq!(world.post(&officer(), &path, body).await.1["code"], "supervisor-only");
    assert_eq!(world.post(&stranger(), &path, json!({})).await.1["code"], "office-forbidden");
}

#[actix_web::test]
async fn nobody_is_drawn_where_nobody_can() {
    let (world, ids) = world().await;
    world.hear([selected(50, 1, &[Method::Audit], &[])]).await;
    let mut alone = office();
    alone["shifts"][0]["officers"] = json!(["dora"]);
    assert_eq!(world.call(&supervisor(), Verb::PUT, "/v1/offices/118", alone).await.0, 200);
    let (status, problem) = assign(&world, &ids[0], json!({})).await;
    assert_eq!((status, &problem["code"]), (422, &json!("no-officer-available")));
    assert_eq!(problem["errors"][0]["pointer"], "/officer");
}

#[actix_web::test]
async fn office_is_created_once_and_then_changed() {
    let (world, _) = world().await;
    assert_eq!(world.call(&supervisor(), Verb::PUT, "/v1/offices/118", office()).await.0, 200);
    assert_eq!(world.call(&supervisor(), Verb::PUT, "/v1/offices/235", office()).await.0, 403);
    let (status, read) = world.get(&supervisor(), "/v1/offices/118").await;
    assert_eq!((status, &read["shifts"]), (200, &office()["shifts"]));
    assert_eq!(world.get(&auditor(), "/v1/offices/235").await.0, 404);
    let mut bad = office();
    bad["timeZone"] = json!("Lima");
    let (status, problem) = world.call(&supervisor(), Verb::PUT, "/v1/offices/118", bad).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!("/timeZone")));
    // The shared shape of an office is enough.
    let plain = customs::Office {
        code: "118".into(),
        name: "Callao".to_owned(),
        time_zone: "America/Lima".to_owned(),
        shifts: vec![customs::Shift { name: "day".into(), from_hour: 0, to_hour: 24, officers: vec!["ana".into()] }],
    };
    let plain = serde_json::to_value(plain).unwrap();
    assert_eq!(world.call(&supervisor(), Verb::PUT, "/v1/offices/118", plain).await.0, 200);
    // What can be no office is told with its place.
    for (body, pointer) in [
        (json!({"name": "x".repeat(201), "timeZone": "UTC", "shifts": []}), "/name"),
        (
            json!({"name": "x", "timeZone": "UTC", "shifts": [], "officers": [{"id": "o".repeat(101), "skills": []}]}),
            "/officers/0/id",
        ),
    ] {
        let (status, problem) = world.call(&supervisor(), Verb::PUT, "/v1/offices/118", body).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!(pointer)));
    }
}
