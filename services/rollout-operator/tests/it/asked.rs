//! What is asked of a rollout beside its steps: in an emergency, in a freeze window, beside another one.

use std::time::Duration;

use kube::api::{ListParams, Patch, PatchParams};
use rollout::Phase;
use rollout_operator::crd::{GateEvaluation, ModelRollout};
use serde_json::json;

use crate::stand::Stand;

/// Long enough for an operator to act, had it a reason to.
const A_WHILE: Duration = Duration::from_secs(4);

async fn told(stand: &Stand, name: &str) -> ModelRollout {
    stand.rollouts().get(name).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_promote_in_an_emergency_and_neither_one_nor_the_requester_does() {
    let Some(stand) = Stand::new("emergency").await else { return };
    let operator = stand.operator("one");
    stand
        .create_as(|body| {
            body["spec"]["steps"][0]["minSeconds"] = json!(1_000_000);
            body["spec"]["emergency"] = json!({"reason": "the champion refuses everything"});
        })
        .await;
    stand.until_waiting("MinimumDuration").await;
    stand.approve_for("emergency", "mia", 0).await;
    stand.approve_for("emergency", "ben", 0).await;
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(told(&stand, "second").await.status.unwrap().phase, Phase::Progressing);
    assert_ne!(stand.system.lock().unwrap().champion, stand.digest);
    stand.approve_for("emergency", "eva", 0).await;
    stand.until_phase(Phase::Settled).await;
    assert_eq!(stand.system.lock().unwrap().champion, stand.digest);
    let history = serde_json::to_value(told(&stand, "second").await.status.unwrap().history).unwrap();
    let dated = history.as_array().unwrap().iter().find(|dated| dated["change"] == "emergencyPromoted").unwrap();
    assert_eq!(dated["approvers"], json!(["ben", "eva"]), "{dated}");
    operator.stop().await;
    stand.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_share_rises_in_a_freeze_window_and_what_is_bad_goes_back_in_it() {
    let Some(stand) = Stand::new("frozen").await else { return };
    let operator = stand.operator("one");
    let window = |from: &str, until: &str| json!([{"from": from, "until": until}]);
    stand
        .create_as(|body| body["spec"]["freezeWindows"] = window("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"))
        .await;
    stand.until_waiting("Frozen").await;
    assert_eq!(stand.system.lock().unwrap().written.iter().map(|line| line.2).collect::<Vec<_>>(), [0]);
    stand.system.lock().unwrap().now = "2026-03-03T00:00:00Z".parse().unwrap();
    stand.until_waiting("AwaitingApproval").await;
    stand.merge(json!({"freezeWindows": window("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z")})).await;
    stand.approve("ben", 2).await;
    stand.until_waiting("Frozen").await;
    stand.system.lock().unwrap().found = (20, 120);
    stand.until_phase(Phase::RolledBack).await;
    assert!(stand.system.lock().unwrap().trials.is_empty());
    operator.stop().await;
    stand.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_rollout_does_not_advance_and_goes_back_all_the_same() {
    let Some(stand) = Stand::new("suspended").await else { return };
    let operator = stand.operator("one");
    stand.create().await;
    stand.until_waiting("AwaitingApproval").await;
    stand.merge(json!({"suspend": true})).await;
    stand.approve("ben", 2).await;
    stand.until_waiting("Suspended").await;
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(told(&stand, "second").await.status.unwrap().phase, Phase::Progressing);
    stand.system.lock().unwrap().found = (20, 120);
    stand.until_phase(Phase::RolledBack).await;
    operator.stop().await;
    stand.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_rollout_is_refused_waits_or_takes_the_place() {
    let Some(stand) = Stand::new("beside").await else { return };
    let operator = stand.operator("one");
    stand.create().await;
    stand.until_waiting("AwaitingApproval").await;

    stand.create_beside("refused", "reject").await;
    stand.until_phase_of("refused", Phase::Rejected).await;
    let reason = told(&stand, "refused").await.status.unwrap().state.reason;
    assert!(reason.contains("second") && reason.contains("concurrency"), "{reason}");

    stand.create_beside("queued", "queue").await;
    stand.until_waiting_of("queued", "Queued").await;
    assert_eq!(stand.system.lock().unwrap().trials.keys().collect::<Vec<_>>(), ["second"]);
    stand.merge(json!({"abort": "enough"})).await;
    stand.until_phase(Phase::Aborted).await;
    stand.until_waiting_of("queued", "AwaitingApproval").await;

    stand.create_beside("taking", "supersede").await;
    stand.until_phase_of("queued", Phase::Superseded).await;
    stand.until_waiting_of("taking", "AwaitingApproval").await;
    assert_eq!(stand.system.lock().unwrap().trials.keys().collect::<Vec<_>>(), ["taking"]);
    let reason = told(&stand, "queued").await.status.unwrap().state.reason;
    assert!(reason.contains("taking"), "{reason}");
    operator.stop().await;
    stand.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_records_of_decisions_are_kept_and_none_can_be_changed() {
    const KEPT: usize = 2;
    let Some(stand) = Stand::new("records").await else { return };
    let operator = stand.operator("one");
    stand.create_as(|body| body["spec"]["historyLimit"] = json!(KEPT)).await;
    stand.until_waiting("AwaitingApproval").await;
    for nonce in ["once", "twice"] {
        stand.system.lock().unwrap().found = (20, 120);
        stand.until_phase(Phase::RolledBack).await;
        stand.system.lock().unwrap().found = (10, 30);
        stand.merge(json!({"retryNonce": nonce})).await;
        stand.until_waiting("AwaitingApproval").await;
    }
    let evaluations = stand.api::<GateEvaluation>();
    let listed = evaluations.list(&ListParams::default()).await.unwrap().items;
    assert_eq!(listed.len(), KEPT, "{listed:?}");
    let name = listed[0].metadata.name.as_deref().unwrap();
    let patch = Patch::Merge(json!({"spec": {"rollout": "another"}}));
    let refused = evaluations.patch(name, &PatchParams::default(), &patch).await.unwrap_err();
    assert!(matches!(&refused, kube::Error::Api(status) if status.code == 422), "{refused}");
    operator.stop().await;
    stand.gone().await;
}
