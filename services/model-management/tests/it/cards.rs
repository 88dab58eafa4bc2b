//! Cards of model versions, and which features they use.

use actix_web::http::{Method, StatusCode};
use rest::Role;
use risk_model::TrainingSet;
use serde_json::{Value, json};

use crate::support::Running;
use crate::training::rows;

async fn text(running: &Running, path: &str) -> (StatusCode, String) {
    let answer = running.call(Method::GET, path, "audrey", Role::Auditor, &Value::Null).await;
    (answer.status, String::from_utf8(answer.bytes).unwrap())
}

/// Rows of the real contract, of which the first three features are used.
fn of_contract(running: &Running) -> TrainingSet {
    let narrow = rows(running.clock.now(), 120, 2_000, 0.29);
    let contract = features::contract();
    let names: Vec<String> = contract.names.iter().map(|name| (*name).to_owned()).collect();
    let places = ["traderRate", "combinedRate", "hs6Rate"].map(|name| contract.position(name).unwrap());
    let mut set = TrainingSet { contract_hash: contract.hash.clone(), names, ..TrainingSet::default() };
    for at in 0..narrow.len() {
        let mut values = vec![f32::NAN; contract.names.len()];
        for (place, value) in places.iter().zip(narrow.row(at)) {
            values[*place] = *value;
        }
        set.push(&values, narrow.labels[at], narrow.weights[at], narrow.groups[at], narrow.times[at]);
    }
    set
}

#[actix_web::test]
async fn a_version_has_its_card_and_plot_from_its_training_on() {
    let running = Running::new().await;
    *running.rows.set.lock().unwrap() = Some(of_contract(&running));
    let run = running.post("/v1/training-runs", "dora", Role::DataScientist, &json!({"direction": "in"})).await.body;
    assert_eq!(run["record"]["outcome"], "promoted", "{run}");
    let version = running.get("/v1/models").await.body[0]["champion"].as_str().unwrap().to_owned();

    let (status, card) = text(&running, &format!("/v1/models/{version}/card")).await;
    assert_eq!(status, StatusCode::OK);
    let algorithm = run["record"]["best"].as_str().unwrap();
    for part in [
        format!("# {algorithm}, direction in, 2026-01-01\n"),
        "| Label cutoff | 2026-01-01T05:00:00Z; declarations lodged less than 14 days before it were left out |".into(),
        "| Declarations from | 2025-09-".into(),
        "## Calibration\n\n![What was said against what came](calibration.svg)".into(),
        "| area under the ROC curve | 0.".into(),
        "| traderRate | ".into(),
        "* It scores declarations of direction in, and no others.".into(),
        "| rows that count once: examined for certain, or with what probability is not known | 100.0 % |".into(),
        "`GET /v1/data-quality?from=2025-09-".into(),
    ] {
        assert!(card.contains(&part), "{part}\n{card}");
    }
    let (status, plot) = text(&running, &format!("/v1/models/{version}/calibration.svg")).await;
    assert!(status == StatusCode::OK && plot.starts_with("<svg") && plot.contains("<circle"));
    let unknown = "/v1/models/019b0000-0000-7000-8000-000000000001/card";
    assert_eq!(text(&running, unknown).await.0, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn features_lead_from_events_to_the_models_that_use_them() {
    let running = Running::new().await;
    assert_eq!(running.get("/v1/models/features").await.body["versions"], json!([]));
    *running.rows.set.lock().unwrap() = Some(of_contract(&running));
    running.post("/v1/training-runs", "dora", Role::DataScientist, &json!({"direction": "in"})).await;
    let told = running.get("/v1/models/features").await.body;
    assert_eq!(
        (&told["contract"], &told["versions"][0]["state"]),
        (&json!(features::contract().hash), &json!("champion"))
    );
    let of = |name: &str| told["features"][features::contract().position(name).unwrap()].clone();
    let used = of("traderRate");
    assert_eq!(used["models"], json!([told["versions"][0]["id"]]));
    assert!(used["sources"]["events"].as_array().unwrap().contains(&json!("control.resulted")));
    assert_eq!(used["sources"]["states"][0]["group"], "trader");
    // Missing in every row, so no model can use it.
    assert_eq!(of("officeRate")["models"], Value::Null);
}
