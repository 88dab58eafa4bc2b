//! Controls that people order: extraordinary ones and escalations.

use customs::Method;
use events::{ControlOrdered, ControlResulted};
use serde_json::{Value, json};

use crate::world::{World, accepted, auditor, declaration, officer, selected, stranger, supervisor};

fn order() -> Value {
    json!({"reference": "2026-118-0042", "office": "118", "place": "gate 3", "method": "physical",
        "subject": {"type": "vehicle", "id": "A1B-123"}, "reason": "came back loaded", "openedAt": accepted()})
}

#[actix_web::test]
async fn extraordinary_control_runs_like_any_other_and_is_linked_later() {
    let world = World::new().await;
    world.hear([selected(1, 1, &[], &[])]).await;
    let (status, opened) = world.post(&officer(), "/v1/controls", order()).await;
    assert_eq!(status, 201, "{opened}");
    let path = format!("/v1/controls/{}", opened["id"].as_str().unwrap());
    assert_eq!(world.worklist().await[0]["id"], opened["id"]);
    let result = json!({"version": 1, "stage": "final", "examinedAt": accepted(), "establishedAt": testkit::noon(),
        "items": [{"sequence": 0, "outcome": "finding", "findings": [{"kind": "contraband", "nature": "suspectedFraud"}]}]});
    assert_eq!(world.post(&officer(), &format!("{path}/results"), result).await.0, 201);
    let told = world.told::<ControlResulted>().await;
    assert_eq!((told.len(), told[0].control.declaration, told[0].control.selection), (1, None, None));

    let link = |id: String| json!({"declaration": id});
    let path_of_link = format!("{path}/declaration");
    let (status, problem) = world.post(&officer(), &path_of_link, link(declaration(9).to_string())).await;
    assert_eq!((status, &problem["code"]), (422, &json!("declaration-unknown")));
    assert_eq!(world.post(&officer(), &path_of_link, link(declaration(1).to_string())).await.0, 201);
    assert_eq!(world.post(&officer(), &path_of_link, link(declaration(1).to_string())).await.0, 200);
    assert_eq!(world.post(&officer(), &path_of_link, link(declaration(9).to_string())).await.0, 409);
    let told = world.told::<ControlResulted>().await;
    assert_eq!((told.len(), told[0].control.declaration), (1, Some(declaration(1))));
    let (_, detail) = world.get(&auditor(), &path).await;
    assert_eq!((&detail["basis"], &detail["order"]["trigger"]), (&json!("extraordinary"), &json!("officer")));
    assert_eq!((&detail["orderedBy"], &detail["reason"]), (&json!("officer-7"), &json!("came back loaded")));
}

#[actix_web::test]
async fn repeated_order_opens_nothing_and_a_contradiction_is_refused() {
    let world = World::new().await;
    let (_, first) = world.post(&officer(), "/v1/controls", order()).await;
    let (status, again) = world.post(&officer(), "/v1/controls", order()).await;
    assert_eq!((status, &again), (200, &first));
    let mut other = order();
    other["place"] = json!("gate 4");
    let (status, problem) = world.post(&officer(), "/v1/controls", other).await;
    assert_eq!((status, &problem["code"]), (409, &json!("identity-conflict")));
    // Without a reference, subject, method and time are the identity.
    let mut unnamed = order();
    unnamed.as_object_mut().unwrap().remove("reference");
    assert_eq!(world.post(&supervisor(), "/v1/controls", unnamed.clone()).await.0, 201);
    assert_eq!(world.post(&supervisor(), "/v1/controls", unnamed.clone()).await.0, 200);
    unnamed.as_object_mut().unwrap().remove("openedAt");
    assert_eq!(world.post(&supervisor(), "/v1/controls", unnamed).await.0, 422);
    assert_eq!(world.told::<ControlOrdered>().await.len(), 2);
    assert_eq!(world.post(&stranger(), "/v1/controls", order()).await.0, 403);
    for (field, value) in [("reason", "x".repeat(2_001)), ("place", "x".repeat(201))] {
        let mut long = order();
        long[field] = json!(value);
        let (status, problem) = world.post(&officer(), "/v1/controls", long).await;
        let expected = json!(format!("/{field}"));
        assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &expected), "{problem}");
    }
    let mut posing = order();
    posing["trigger"] = json!("random");
    posing["reference"] = json!("x");
    let (status, problem) = world.post(&officer(), "/v1/controls", posing).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!("/trigger")));
}

#[actix_web::test]
async fn documents_that_ask_for_it_open_a_physical_control_once() {
    let world = World::new().await;
    world.hear([selected(1, 1, &[Method::Documentary], &[])]).await;
    let documentary = world.worklist().await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/controls/{documentary}/escalation");
    assert_eq!(world.post(&officer(), &path, json!({"reason": " "})).await.0, 422);
    let body = json!({"reason": "two invoices", "verify": ["value"]});
    let (status, physical) = world.post(&officer(), &path, body.clone()).await;
    assert_eq!((status, &physical["method"]), (201, &json!("physical")), "{physical}");
    assert_eq!(world.post(&officer(), &path, body).await.0, 200);
    assert_eq!(world.post(&officer(), &path, json!({"reason": "other"})).await.0, 409);
    assert_eq!(world.post(&supervisor(), &path, json!({"reason": "other"})).await.0, 403);
    let told = world.told::<ControlOrdered>().await;
    assert_eq!((told.len(), told[1].control.order.trigger), (2, customs::Trigger::Officer));
    assert_eq!((told[1].control.declaration, told[1].control.selection), (Some(declaration(1)), None));
    assert_eq!(told[1].escalated_from.map(|id| id.to_string()), Some(documentary.clone()));
    assert_eq!(told[0].escalated_from, None);
    let id = physical["id"].as_str().unwrap();
    let (_, detail) = world.get(&auditor(), &format!("/v1/controls/{id}")).await;
    assert_eq!(detail["escalatedFrom"], documentary);
    let (status, problem) =
        world.post(&officer(), &format!("/v1/controls/{id}/escalation"), json!({"reason": "more"})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("escalation-impossible")));
}
