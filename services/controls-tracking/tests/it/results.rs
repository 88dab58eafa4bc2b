//! Results: versions, validation, repetition, bulk.

use customs::Method;
use events::{ControlResulted, LabelOrigin};
use serde_json::{Value, json};

use crate::world::{World, auditor, cancelled, officer, selected, stranger};

fn result(version: u32, stage: &str) -> Value {
    json!({
        "version": version, "stage": stage, "examinedAt": testkit::noon() - jiff::SignedDuration::from_mins(30),
        "establishedAt": testkit::noon(), "items": [
            {"sequence": 1, "outcome": "conform"},
            {"sequence": 2, "outcome": "finding", "findings": [{"kind": "quantity", "nature": "error"}]},
        ],
    })
}

async fn world() -> (World, String) {
    let world = World::new().await;
    world.hear([selected(1, 1, &[Method::Physical], &[])]).await;
    let id = world.worklist().await[0]["id"].as_str().unwrap().to_owned();
    (world, id)
}

#[actix_web::test]
async fn result_is_recorded_told_and_closes_the_control() {
    let (world, id) = world().await;
    let (status, answer) = world.post(&officer(), &format!("/v1/controls/{id}/results"), result(1, "final")).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(answer["knownAt"], json!(testkit::noon()));
    assert!(world.worklist().await.is_empty());
    let told = world.told::<ControlResulted>().await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].control.id.to_string(), told[0].result.result.version), (id.clone(), 1));
    assert_eq!((told[0].result.known_at, told[0].origin), (testkit::noon(), LabelOrigin::Selected));
    let (_, detail) = world.get(&auditor(), &format!("/v1/controls/{id}")).await;
    assert_eq!((&detail["state"], &detail["resultStage"]), (&json!("resulted"), &json!("final")));
    assert_eq!(detail["results"][0]["items"][1]["findings"][0]["kind"], "quantity");
}

#[actix_web::test]
async fn repeated_post_changes_nothing_and_other_content_is_refused() {
    let (world, id) = world().await;
    let path = format!("/v1/controls/{id}/results");
    let (_, first) = world.post(&officer(), &path, result(1, "final")).await;
    world.deps.clock.advance_to(testkit::noon() + jiff::SignedDuration::from_hours(5)).unwrap();
    let world = world.restarted().await;
    let (status, again) = world.post(&officer(), &path, result(1, "final")).await;
    assert_eq!((status, &again), (200, &first));
    let mut other = result(1, "final");
    other["remarks"] = json!("other");
    let (status, problem) = world.post(&officer(), &path, other).await;
    assert_eq!((status, &problem["code"]), (409, &json!("result-version-conflict")));
    let (status, problem) = world.post(&officer(), &path, result(3, "appealed")).await;
    assert_eq!((status, &problem["code"]), (409, &json!("result-version-conflict")));
    assert_eq!(world.told::<ControlResulted>().await.len(), 1);
}

#[actix_web::test]
async fn versions_follow_each_other_to_the_end_of_the_appeal() {
    let (world, id) = world().await;
    let path = format!("/v1/controls/{id}/results");
    for (version, stage) in [(1, "preliminary"), (2, "final"), (3, "appealed"), (4, "annulled")] {
        let (status, answer) = world.post(&officer(), &path, result(version, stage)).await;
        assert_eq!(status, 201, "{stage}: {answer}");
    }
    let (status, problem) = world.post(&officer(), &path, result(5, "final")).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!("/stage")));
    let told = world.told::<ControlResulted>().await;
    assert_eq!(told.len(), 4);
    assert!(told[2].result.result.has_finding() && !told[3].result.result.has_finding());
    assert!(told.iter().all(|one| one.result.id == told[0].result.id));
    let (_, detail) = world.get(&auditor(), &format!("/v1/controls/{id}")).await;
    assert_eq!(detail["results"].as_array().unwrap().len(), 4);
}

#[actix_web::test]
async fn what_cannot_be_is_told_with_its_place() {
    let (world, id) = world().await;
    let path = format!("/v1/controls/{id}/results");
    let mut bad = result(1, "confirmed");
    bad["items"][0]["sequence"] = json!(7);
    bad["items"][1]["findings"] = json!([]);
    bad["establishedAt"] = json!(testkit::noon() + jiff::SignedDuration::from_secs(1));
    let (status, problem) = world.post(&officer(), &path, bad).await;
    assert_eq!((status, &problem["code"]), (422, &json!("result-invalid")));
    let pointers: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/establishedAt", "/items/0/sequence", "/items/1/findings", "/stage"]);
    // Undeclared goods belong to no item.
    let mut undeclared = result(1, "final");
    undeclared["items"][1]["sequence"] = json!(0);
    assert_eq!(world.post(&officer(), &path, undeclared).await.0, 201);
}

#[actix_web::test]
async fn only_officers_of_the_office_report() {
    let (world, id) = world().await;
    let path = format!("/v1/controls/{id}/results");
    let (status, problem) = world.post(&stranger(), &path, result(1, "final")).await;
    assert_eq!((status, &problem["code"]), (403, &json!("office-forbidden")));
    let nobody = "/v1/controls/00000000-0000-7000-8000-000000000000/results";
    assert_eq!(world.post(&officer(), nobody, result(1, "final")).await.0, 404);
}

#[actix_web::test]
async fn what_officers_found_is_kept_though_the_control_was_withdrawn() {
    let (world, id) = world().await;
    world.hear([cancelled(1)]).await;
    let path = format!("/v1/controls/{id}/results");
    assert_eq!(world.post(&officer(), &path, result(1, "final")).await.0, 201);
    assert_eq!(world.told::<ControlResulted>().await.len(), 1);
}

#[actix_web::test]
async fn bulk_answers_every_line_in_order() {
    let world = World::new().await;
    world.hear((1..=600).map(|number| selected(number, 1, &[Method::Physical], &[]))).await;
    let record = world.record().await;
    let mut lines: Vec<Value> = record
        .iter()
        .map(|control| json!({"control": control["id"], "officer": "officer-3", "result": result(1, "preliminary")}))
        .collect();
    lines.push(json!({"control": record[0]["id"], "result": result(2, "final")}));
    lines.push(json!({"control": record[1]["id"], "result": result(1, "preliminary")}));
    lines.push(json!({"control": "00000000-0000-7000-8000-000000000000", "result": result(1, "final")}));
    lines.push(json!({"control": 1}));
    let answers = world.post_lines(&officer(), "/v1/results/bulk", &lines).await;
    assert_eq!(answers.len(), 604);
    assert!(answers.iter().enumerate().all(|(index, answer)| answer["line"] == index + 1));
    assert!(answers[..601].iter().all(|answer| answer["status"] == "created"), "{}", answers[600]);
    assert_eq!((&answers[600]["version"], &answers[601]["status"]), (&json!(2), &json!("repeated")));
    assert_eq!((&answers[602]["status"], &answers[602]["problem"]["status"]), (&json!("refused"), &json!(404)));
    assert_eq!(answers[603]["problem"]["code"], "body-malformed");
    assert_eq!(world.told::<ControlResulted>().await.len(), 601);

    let again = world.post_lines(&officer(), "/v1/results/bulk", &lines[..601]).await;
    assert!(again.iter().all(|answer| answer["status"] == "repeated"));
    assert_eq!(world.told::<ControlResulted>().await.len(), 0);
    let (_, detail) = world.get(&auditor(), &format!("/v1/controls/{}", record[0]["id"].as_str().unwrap())).await;
    assert_eq!(detail["results"].as_array().unwrap().len(), 2);
}
