//! Rollouts driven by this service, and the routing that they change.

use actix_web::http::{Method, StatusCode};
use events::RoutingChanged;
use model_management::Driver;
use rest::Role;
use rollout::{FindingsAtWeight, Phase, Report, Scorer, Status};
use serde_json::{Value, json};

use crate::support::Running;
use crate::training::rows;

/// A champion, and the digest of a candidate beside it.
async fn with_candidate(driver: Driver) -> (Running, String, String) {
    let running = Running::changed(|settings| settings.rollout.driver = driver).await;
    for _ in 0..2 {
        let mut set = rows(running.clock.now(), 120, 2_000, 0.2);
        set.contract_hash.clone_from(&features::contract().hash);
        *running.rows.set.lock().unwrap() = Some(set);
        let run = running.post("/v1/training-runs", "dora", Role::DataScientist, &json!({"direction": "in"})).await;
        assert!(run.status.is_success(), "{}", run.body);
        running.advance(1);
    }
    let models = running.get("/v1/models").await.body;
    let digest = |state: &str| {
        let versions = models[0]["versions"].as_array().unwrap();
        let found = versions.iter().find(|version| version["state"] == state).unwrap();
        found["digest"].as_str().unwrap().to_owned()
    };
    let (champion, candidate) = (digest("champion"), digest("candidate"));
    running.heard().await;
    (running, champion, candidate)
}

fn asked(candidate: &str) -> Value {
    json!({
        "name": "second", "direction": "in", "requestedBy": "nobody",
        "candidate": {"name": "second", "digest": candidate},
        "steps": [{"kind": "shadow"}, {"kind": "canary", "weightPercent": 25.0}, {"kind": "approval"}, {"kind": "promote"}],
        "gates": [{"name": "harm", "family": "outcome", "fail": {"metric": "outcome.harm", "above": 20.0},
            "requiredFromStep": 1, "onInconclusive": "hold", "onMissing": "hold"}],
        "rollback": {"keepChampionSeconds": 3600},
    })
}

/// What was found so far: of the candidate and of the champion, at a quarter.
fn found(running: &Running, candidate: u64, champion: u64) {
    *running.rows.report.lock().unwrap() = Some(Report {
        rollout: "second".into(),
        as_of: running.clock.now(),
        candidate: rollout::ArmReport::default(),
        champion: rollout::ArmReport::default(),
        examinations: 0,
        matured_labels: 0,
        findings: vec![FindingsAtWeight { weight: 2_500, candidate, champion }],
        scores: Vec::new(),
    });
}

/// Scoring serves what was last told, and the rollout goes on as far as it can.
async fn go_on(running: &Running) -> Value {
    for _ in 0..6 {
        running.settle().await;
        let epoch = running.get("/v1/routing").await.body["epoch"].as_u64().unwrap();
        *running.rows.scorers.lock().unwrap() = vec![Scorer { name: "one".into(), epoch }];
    }
    running.get("/v1/rollouts/second").await.body
}

#[actix_web::test]
async fn a_candidate_goes_from_shadow_to_champion_with_another_persons_approval() {
    let (running, champion, candidate) = with_candidate(Driver::Worker).await;
    found(&running, 10, 30);
    let created = running.post("/v1/rollouts", "mia", Role::ModelManager, &asked(&candidate)).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let again = running.post("/v1/rollouts", "mia", Role::ModelManager, &asked(&candidate)).await;
    assert_eq!(again.status, StatusCode::OK);
    let rollout = go_on(&running).await;
    assert_eq!(rollout["waiting"], "AwaitingApproval", "{rollout}");
    assert_eq!(rollout["status"]["served"]["weight"], 2_500);
    let heard: Vec<RoutingChanged> = running.heard().await.iter().map(|envelope| envelope.decode().unwrap()).collect();
    let shares: Vec<u16> = heard.iter().map(|told| told.routes[0].trials[0].target.weight).collect();
    assert_eq!(shares, [0, 2_500]);
    assert!(heard.windows(2).all(|pair| pair[0].epoch < pair[1].epoch));

    let approve = json!({"reason": "it holds"});
    let own = running.post("/v1/rollouts/second/approvals", "mia", Role::ModelManager, &approve).await;
    assert_eq!((own.status, own.code()), (StatusCode::FORBIDDEN, "four-eyes"));
    let other = running.post("/v1/rollouts/second/approvals", "ben", Role::Approver, &approve).await;
    assert_eq!(other.status, StatusCode::OK, "{}", other.body);
    let rollout = go_on(&running).await;
    assert_eq!(rollout["status"]["phase"], "promoted", "{rollout}");
    let routing = running.get("/v1/routing").await.body;
    assert_eq!(routing["routes"][0]["championDigest"], candidate.as_str());
    assert_eq!(routing["routes"][0]["challengers"][0][1], champion.as_str(), "the former champion is kept loaded");
    running.advance(1);
    let rollout = go_on(&running).await;
    assert_eq!(rollout["status"]["phase"], "settled", "{rollout}");
    assert!(running.get("/v1/routing").await.body["routes"][0].get("trials").is_none());
    let history: Vec<rollout::Dated> = serde_json::from_value(rollout["history"].clone()).unwrap();
    let status: Status = serde_json::from_value(rollout["status"].clone()).unwrap();
    assert_eq!(Status::replay(&history), status);
}

#[actix_web::test]
async fn a_candidate_of_half_the_yield_is_withdrawn_by_itself_and_stays_so() {
    let (running, champion, candidate) = with_candidate(Driver::Worker).await;
    found(&running, 10, 30);
    running.post("/v1/rollouts", "mia", Role::ModelManager, &asked(&candidate)).await;
    go_on(&running).await;
    found(&running, 20, 120);
    let rollout = go_on(&running).await;
    assert_eq!(rollout["status"]["phase"], "rolledBack", "{rollout}");
    assert_eq!(rollout["status"]["cause"]["gate"], "harm");
    let routing = running.get("/v1/routing").await.body;
    assert_eq!(routing["routes"][0]["championDigest"], champion.as_str());
    assert!(routing["routes"][0].get("trials").is_none());
    found(&running, 100, 120);
    let body = json!({});
    let late = running.post("/v1/rollouts/second/approvals", "ben", Role::Approver, &body).await;
    assert_eq!(late.code(), "rollout-over");
    assert_eq!(go_on(&running).await["status"]["phase"], "rolledBack");
    running.post("/v1/rollouts/second/retry", "mia", Role::ModelManager, &json!({"nonce": "2"})).await;
    let rollout = go_on(&running).await;
    assert_eq!((&rollout["status"]["run"], &rollout["status"]["phase"]), (&json!(1), &json!("progressing")));
    running.post("/v1/rollouts/second/abort", "mia", Role::ModelManager, &json!({"reason": "enough"})).await;
    assert_eq!(go_on(&running).await["status"]["phase"], Phase::Aborted.as_str());
}

#[actix_web::test]
async fn evidence_that_cannot_be_had_holds_a_rollout_and_fails_nothing() {
    let (running, _, candidate) = with_candidate(Driver::Worker).await;
    running.post("/v1/rollouts", "mia", Role::ModelManager, &asked(&candidate)).await;
    let rollout = go_on(&running).await;
    assert_eq!((&rollout["waiting"], &rollout["gates"][0]["state"]), (&json!("WaitingForGates"), &json!("missing")));
}

#[actix_web::test]
async fn every_fault_of_a_rollout_is_told_with_its_place() {
    let (running, _, candidate) = with_candidate(Driver::Worker).await;
    let mut body = asked(&candidate);
    body["name"] = json!("Second One");
    body["steps"][1]["weightPercent"] = json!(0.0);
    let refused = running.post("/v1/rollouts", "mia", Role::ModelManager, &body).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "rollout-invalid"));
    let places: Vec<&str> =
        refused.body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(places, ["/name", "/steps/1/weightPercent"]);
}

/// The intent whose number is the epoch it expects, unless told otherwise.
fn intent(candidate: &str, expected_epoch: u64, token: u64, stage: &str, weight: u16) -> Value {
    json!({
        "driver": "operator", "token": token, "expectedEpoch": expected_epoch, "number": expected_epoch, "direction": "in",
        "candidateDigest": candidate, "target": {"stage": stage, "weight": weight}, "assignment": {"salt": "x"},
    })
}

#[actix_web::test]
async fn a_deposed_operator_and_one_that_decided_on_an_older_routing_change_nothing() {
    let (running, champion, candidate) = with_candidate(Driver::Operator).await;
    let put =
        async |body: &Value| running.call(Method::PUT, "/v1/routing/trials/second", "o", Role::Service, body).await;
    let first = put(&intent(&candidate, 1, 7, "shadow", 0)).await;
    assert_eq!((first.status, &first.body["epoch"]), (StatusCode::OK, &json!(2)), "{}", first.body);
    let late = put(&intent(&candidate, 1, 7, "canary", 5_000)).await;
    assert_eq!((late.status, late.code()), (StatusCode::CONFLICT, "routing-moved"));
    let deposed = put(&intent(&candidate, 2, 6, "canary", 5_000)).await;
    assert_eq!((deposed.status, deposed.code()), (StatusCode::CONFLICT, "rollout-deposed"));
    let next = put(&intent(&candidate, 2, 8, "champion", 10_000)).await;
    assert_eq!(next.body["epoch"], 3);
    assert_eq!(running.get("/v1/routing").await.body["routes"][0]["championDigest"], candidate.as_str());
    let back = put(&intent(&candidate, 3, 8, "withdrawn", 0)).await;
    assert_eq!(back.body["epoch"], 4);
    assert_eq!(running.get("/v1/routing").await.body["routes"][0]["championDigest"], champion.as_str());
    let mut overtaken = intent(&candidate, 4, 8, "canary", 5_000);
    overtaken["number"] = json!(2);
    let refused = put(&overtaken).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "intent-overtaken"));
    let seen = {
        let path = "/v1/routing/trials/second?direction=in";
        running.call(Method::GET, path, "o", Role::Service, &Value::Null).await.body
    };
    assert_eq!((&seen["epoch"], &seen["written"], seen.get("trial")), (&json!(4), &json!(3), None), "{seen}");
    let mut other = intent(&candidate, 4, 9, "shadow", 0);
    other["driver"] = json!("worker");
    assert_eq!(put(&other).await.code(), "rollout-driver");
    let asked = running.post("/v1/rollouts", "mia", Role::ModelManager, &asked(&candidate)).await;
    assert_eq!(asked.code(), "rollout-driver");
}

#[actix_web::test]
async fn a_word_said_on_kubernetes_is_taken_from_the_operator_in_the_name_of_who_said_it() {
    let word = json!({
        "approver": "ben", "step": 2, "at": "2026-03-02T17:00:00Z", "expiresAt": "2026-03-03T17:00:00Z",
    });
    let path = "/v1/routing/trials/second/approvals/0b0f9a3e";
    let running = Running::changed(|settings| settings.rollout.driver = Driver::Operator).await;
    let put = async |running: &Running, person: &str, role| running.call(Method::PUT, path, person, role, &word).await;
    let taken = put(&running, "ben", Role::Service).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    assert_eq!(put(&running, "ben", Role::Approver).await.status, StatusCode::FORBIDDEN);
    let other = put(&running, "mia", Role::Service).await;
    assert_eq!((other.status, other.code()), (StatusCode::FORBIDDEN, "others-word"));
    assert!(other.body["detail"].as_str().is_some_and(|told| told.contains("ben's") && told.contains("mia's")));
    let driven = Running::changed(|settings| settings.rollout.driver = Driver::Worker).await;
    assert_eq!(put(&driven, "ben", Role::Service).await.code(), "rollout-driver");
}
