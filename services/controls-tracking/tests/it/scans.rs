//! Scanner images before and after the declaration.

use customs::Method;
use events::{ControlOrdered, ControlResulted};
use serde_json::{Value, json};

use crate::world::{World, accepted, auditor, declaration, officer, scanner, selected, states};

const CONTAINER: &str = "MSKU1234565";

fn scan(verdict: &str, hours_before: i64) -> Value {
    json!({
        "office": "118", "scanner": "DPW-2", "container": CONTAINER, "verdict": verdict,
        "takenAt": accepted() - jiff::SignedDuration::from_hours(hours_before), "image": "pacs://4711",
    })
}

#[actix_web::test]
async fn scan_before_the_declaration_is_linked_when_it_comes() {
    let world = World::new().await;
    let (status, answer) = world.post(&scanner(), "/v1/scans", scan("suspicious", 48)).await;
    assert_eq!((status, answer.get("declaration")), (201, None), "{answer}");
    assert_eq!(world.told::<ControlResulted>().await[0].control.declaration, None);

    world.hear([selected(1, 1, &[], &[CONTAINER])]).await;
    let (_, detail) = world.get(&auditor(), &format!("/v1/controls/{}", answer["control"].as_str().unwrap())).await;
    assert_eq!(detail["declaration"], declaration(1).to_string());
    assert_eq!(detail["scans"][0]["image"], "pacs://4711");
    let told = world.told::<ControlResulted>().await;
    assert_eq!((told.len(), told[0].control.declaration), (1, Some(declaration(1))));
    assert!(told[0].result.result.has_finding());
    // A suspicious image asks for the goods.
    let worklist = world.worklist().await;
    assert_eq!((worklist.len(), &worklist[0]["method"]), (1, &json!("physical")));

    // It belongs to that declaration now; the container's next journey has nothing to do with it.
    world.hear([selected(2, 1, &[], &[CONTAINER])]).await;
    assert!(world.told::<ControlResulted>().await.is_empty());
    let (status, again) = world.post(&scanner(), "/v1/scans", scan("suspicious", 48)).await;
    assert_eq!((status, &again["declaration"]), (200, &json!(declaration(1))));
}

#[actix_web::test]
async fn suspicious_scan_of_a_declaration_opens_its_goods_once() {
    let world = World::new().await;
    world.hear([selected(1, 1, &[], &[CONTAINER])]).await;
    world.told::<ControlOrdered>().await;
    let (_, answer) = world.post(&scanner(), "/v1/scans", scan("suspicious", 0)).await;
    let told = world.told::<ControlOrdered>().await;
    let opened = told.iter().find(|one| one.control.order.method == Method::Physical).unwrap();
    assert_eq!((opened.control.declaration, opened.control.selection), (Some(declaration(1)), None));
    assert_eq!(json!(opened.escalated_from), answer["control"]);
    assert!(opened.control.order.over_plan);
    let (_, detail) = world.get(&auditor(), &format!("/v1/controls/{}", opened.control.id)).await;
    assert_eq!((&detail["orderedBy"], &detail["escalatedFrom"]), (&json!("system"), &answer["control"]));
    // Another image, or an officer who asks for the same, finds it.
    world.post(&scanner(), "/v1/scans", scan("suspicious", 1)).await;
    let path = format!("/v1/controls/{}/escalation", answer["control"].as_str().unwrap());
    let (status, again) = world.post(&officer(), &path, json!({"reason": "voids"})).await;
    assert_eq!((status, &again["id"]), (200, &json!(opened.control.id)));
    assert!(world.told::<ControlOrdered>().await.iter().all(|one| one.control.order.method == Method::Scan));
}

#[actix_web::test]
async fn goods_that_are_examined_anyway_are_not_opened_twice() {
    let world = World::new().await;
    world.post(&scanner(), "/v1/scans", scan("suspicious", 2)).await;
    world.hear([selected(1, 1, &[Method::Physical], &[CONTAINER])]).await;
    world.post(&scanner(), "/v1/scans", scan("suspicious", 0)).await;
    world.post(&scanner(), "/v1/scans", scan("conforming", 1)).await;
    assert_eq!(world.worklist().await.len(), 1);
}

#[actix_web::test]
async fn scan_of_another_journey_is_not_linked() {
    let world = World::new().await;
    world.post(&scanner(), "/v1/scans", scan("conforming", 24 * 60)).await;
    world.hear([selected(1, 1, &[], &[CONTAINER])]).await;
    assert_eq!(world.record().await[0].get("declaration"), None);
}

#[actix_web::test]
async fn scan_answers_the_scan_that_was_ordered() {
    let world = World::new().await;
    world.hear([selected(1, 1, &[Method::Scan], &[CONTAINER])]).await;
    let ordered = world.worklist().await[0]["id"].clone();
    let (status, answer) = world.post(&officer(), "/v1/scans", scan("conforming", 0)).await;
    assert_eq!((status, &answer["control"]), (201, &ordered));
    assert_eq!(states(&world.record().await), [("resulted", 1)].into());
    assert_eq!(world.told::<ControlOrdered>().await.len(), 1);
    // A second image is a control of its own, of the same declaration.
    let (_, second) = world.post(&scanner(), "/v1/scans", scan("notConclusive", -1)).await;
    assert_ne!(second["control"], ordered);
    assert_eq!(second["declaration"], json!(declaration(1)));
}

#[actix_web::test]
async fn repeated_scan_is_the_same_and_a_contradiction_is_refused() {
    let world = World::new().await;
    assert_eq!(world.post(&scanner(), "/v1/scans", scan("conforming", 1)).await.0, 201);
    assert_eq!(world.post(&scanner(), "/v1/scans", scan("conforming", 1)).await.0, 200);
    let (status, problem) = world.post(&scanner(), "/v1/scans", scan("suspicious", 1)).await;
    assert_eq!((status, &problem["code"]), (409, &json!("identity-conflict")));
    let (status, problem) = world.post(&scanner(), "/v1/scans", scan("conforming", -2)).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!("/takenAt")));
    assert_eq!(world.told::<ControlResulted>().await.len(), 1);
    for (field, value) in [("office", "1 1 8".to_owned()), ("scanner", "x".repeat(101)), ("image", "x".repeat(2_001))] {
        let mut wrong = scan("conforming", 1);
        wrong[field] = json!(value);
        let (status, problem) = world.post(&scanner(), "/v1/scans", wrong).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!(format!("/{field}"))), "{problem}");
    }
}
