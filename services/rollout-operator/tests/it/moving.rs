//! Moving a model on a real API server.

use std::time::{Duration, Instant};

use kube::ResourceExt;
use kube::api::{DeleteParams, ListParams, PostParams};
use rollout::{Phase, Status};
use rollout_operator::crd::GateEvaluation;
use serde_json::json;

use crate::stand::Stand;

fn writes(rendered: &str) -> u64 {
    let counts = rendered.lines().filter(|line| line.starts_with("rollout_operator_writes_total"));
    counts.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_model_becomes_champion_with_an_approval_and_at_rest_nothing_is_written() {
    let Some(stand) = Stand::new("good").await else { return };
    let operator = stand.operator("one");
    stand.create().await;
    stand.until_waiting("AwaitingApproval").await;
    assert_eq!(stand.system.lock().unwrap().written.iter().map(|line| line.2).collect::<Vec<_>>(), [0, 2_500]);
    stand.approve("mia", 2).await;
    let before = writes(&operator.metrics.render().unwrap());
    tokio::time::sleep(Duration::from_secs(12)).await;
    let written = writes(&operator.metrics.render().unwrap()) - before;
    assert!(written <= 1, "{written} writes in 12 s of rest");
    let rollout = stand.rollouts().get("second").await.unwrap();
    assert_eq!(rollout.status.unwrap().phase, Phase::Progressing, "nobody approves what they asked for");
    stand.approve("ben", 2).await;
    stand.until_phase(Phase::Settled).await;
    let status = stand.rollouts().get("second").await.unwrap().status.unwrap();
    assert_eq!(Status::replay(&status.history), status.state);
    assert_eq!(stand.system.lock().unwrap().champion, stand.digest);
    // Each word is on record once, the one that did not count as well.
    let said = |person: &str| ("second".to_owned(), person.to_owned());
    assert_eq!(stand.system.lock().unwrap().recorded, [said("mia"), said("ben")]);
    let epochs: Vec<u64> = stand.system.lock().unwrap().written.iter().map(|line| line.0).collect();
    assert!(epochs.windows(2).all(|pair| pair[0] < pair[1]));
    let evaluations = stand.api::<GateEvaluation>().list(&ListParams::default()).await.unwrap();
    assert!(!evaluations.items.is_empty());
    assert!(operator.stop().await);
    stand.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_the_yield_goes_back_by_itself_with_the_list_and_begins_again_on_a_retry() {
    let Some(stand) = Stand::new("half").await else { return };
    let operator = stand.operator("one");
    stand.create().await;
    stand.until_waiting("AwaitingApproval").await;
    stand.system.lock().unwrap().found = (20, 120);
    stand.until_phase(Phase::RolledBack).await;
    stand
        .until("the list", async || {
            let status = stand.rollouts().get("second").await.unwrap().status.unwrap();
            status.let_through.is_some_and(|list| list.declarations == 1)
        })
        .await;
    let status = stand.rollouts().get("second").await.unwrap().status.unwrap();
    let back = status.conditions.iter().find(|condition| condition.type_ == "RolledBack").unwrap();
    assert_eq!((back.status.as_str(), status.weight.as_str()), ("True", "0%"));
    assert!(stand.system.lock().unwrap().trials.is_empty());
    stand.system.lock().unwrap().found = (10, 30);
    stand.merge(json!({"retryNonce": "again"})).await;
    stand.until_waiting("AwaitingApproval").await;
    assert_eq!(stand.rollouts().get("second").await.unwrap().status.unwrap().state.run, 1);
    stand.merge(json!({"abort": "enough"})).await;
    stand.until_phase(Phase::Aborted).await;
    operator.stop().await;
    stand.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_dies_between_intent_and_routing_is_succeeded_by_another_with_a_higher_token() {
    let Some(stand) = Stand::new("dies").await else { return };
    stand.system.lock().unwrap().refuse = 1_000_000;
    let (first, second) = (stand.operator("one"), stand.operator("two"));
    stand.create().await;
    stand.until_intent().await;
    assert!(stand.system.lock().unwrap().written.is_empty());
    first.kill();
    stand.system.lock().unwrap().refuse = 0;
    stand.until_waiting("AwaitingApproval").await;
    let written = stand.each_decision_once();
    assert!(written.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1), "{written:?}");
    second.stop().await;
    stand.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_step_counts_before_every_scorer_serves_it_and_then_within_seconds() {
    let Some(stand) = Stand::new("slow").await else { return };
    stand.system.lock().unwrap().scorers_follow = false;
    let operator = stand.operator("one");
    stand.create().await;
    stand.until_waiting("WaitingForScorers").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(stand.system.lock().unwrap().written.len(), 1);
    let begun = Instant::now();
    stand.system.lock().unwrap().scorers_follow = true;
    stand.until("the next step", async || stand.system.lock().unwrap().written.len() == 2).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    operator.stop().await;
    stand.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_slept_through_its_lease_changes_nothing_and_ends() {
    let Some(stand) = Stand::new("sleeps").await else { return };
    stand.system.lock().unwrap().refuse = 1_000_000;
    let mut first = stand.process("one");
    stand.create().await;
    stand.until_intent().await;
    first.signal("STOP");
    stand.system.lock().unwrap().refuse = 0;
    let second = stand.process("two");
    stand.until_waiting("AwaitingApproval").await;
    first.signal("CONT");
    assert!(!first.ended().await, "it says that its lease is lost");
    let written = stand.each_decision_once();
    assert!(written.iter().all(|line| line.1 == written[0].1), "all are the second's: {written:?}");
    assert!(written.windows(2).all(|pair| pair[0].0 < pair[1].0), "{written:?}");
    drop(second);
    stand.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_rollout_gives_the_champion_everything_and_never_waits_for_ever() {
    let Some(stand) = Stand::new("delete").await else { return };
    let operator = stand.operator("one");
    stand.create().await;
    stand.until_waiting("AwaitingApproval").await;
    stand.rollouts().delete("second", &DeleteParams::default()).await.unwrap();
    stand.until("it is gone", async || stand.rollouts().get_opt("second").await.unwrap().is_none()).await;
    assert!(stand.system.lock().unwrap().trials.is_empty());

    stand.rollouts().create(&PostParams::default(), &stand.rollout(|_| {})).await.unwrap();
    stand.until_waiting("AwaitingApproval").await;
    stand.system.lock().unwrap().refuse = 1_000_000;
    stand.rollouts().delete("second", &DeleteParams::default()).await.unwrap();
    let begun = Instant::now();
    stand.until("it is gone", async || stand.rollouts().get_opt("second").await.unwrap().is_none()).await;
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    operator.stop().await;
    stand.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_whose_bytes_are_others_never_moves() {
    let Some(stand) = Stand::new("bytes").await else { return };
    let operator = stand.operator("one");
    let mut version = stand.version();
    version.spec.artefact.sha256 = "0".repeat(64);
    stand.api().create(&PostParams::default(), &version).await.unwrap();
    stand.rollouts().create(&PostParams::default(), &stand.rollout(|_| {})).await.unwrap();
    stand.until_waiting("ArtefactNotReady").await;
    stand
        .until("it is told", async || {
            let version: rollout_operator::crd::ModelVersion = stand.api().get("second").await.unwrap();
            version.status.is_some_and(|status| status.verified == Some(false) && status.message.contains("SHA-256"))
        })
        .await;
    assert!(stand.system.lock().unwrap().written.is_empty());
    assert_eq!(version.name_any(), "second");
    operator.stop().await;
    stand.gone().await;
}
