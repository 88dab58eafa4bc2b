//! What the operator costs where there is much to look after. Measured on the binary, as it is released:
//! `AFORO_TEST_OPERATOR=target/image/rollout-operator cargo test -p rollout-operator many -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{ListParams, PostParams};
use rollout_operator::crd::{ModelRollout, PortWorkload};
use serde_json::json;

use crate::stand::Stand;

/// How much there is.
const WORKLOADS: usize = 300;
const ROLLOUTS: usize = 50;
/// The bars: seconds until everything has a status, cores, MiB.
const SETTLED: Duration = Duration::from_mins(1);
const CORES: f64 = 0.1;
const MEMORY: f64 = 150.0;
/// How long it is watched at rest.
const WATCHED: Duration = Duration::from_mins(1);

/// Processor seconds that the process took so far.
fn processor(id: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

/// The most memory that it had, MiB.
fn memory(id: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1_024.0
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes two minutes, and its figures are of the release binary"]
async fn many_workloads_and_rollouts_cost_little() {
    let Some(stand) = Stand::new("many").await else { return };
    let deployment: Deployment = serde_json::from_value(json!({
        "metadata": {"name": "aforo-scoring"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "s"}}, "template": {
            "metadata": {"labels": {"app": "s"}},
            "spec": {"schedulingGates": [{"name": "aforo.io/never"}], "containers": [{"name": "s", "image": "s"}]}}},
    }))
    .unwrap();
    stand.api().create(&PostParams::default(), &deployment).await.unwrap();
    stand.api().create(&PostParams::default(), &stand.version()).await.unwrap();
    for number in 0..WORKLOADS {
        let workload: PortWorkload = serde_json::from_value(json!({
            "apiVersion": "aforo.io/v1alpha1", "kind": "PortWorkload", "metadata": {"name": format!("port-{number}")},
            "spec": {"offices": {"codes": [format!("{number:03}")]}, "minReplicas": 1, "maxReplicas": 6,
                "schedule": [{"days": ["monday"], "from": "07:00", "until": "19:00", "timeZone": "America/Lima",
                    "minReplicas": 1 + number % 3}]},
        }))
        .unwrap();
        stand.api().create(&PostParams::default(), &workload).await.unwrap();
    }
    for number in 0..ROLLOUTS {
        let rollout = stand.rollout(|body| {
            body["metadata"]["name"] = json!(format!("rollout-{number}"));
            body["spec"]["scope"] = json!({"offices": [format!("{number:03}")]});
        });
        stand.rollouts().create(&PostParams::default(), &rollout).await.unwrap();
    }
    let (operator, begun) = (stand.process("one"), Instant::now());
    let counted = async || {
        let workloads: kube::Api<PortWorkload> = stand.api();
        let workloads = workloads.list(&ListParams::default()).await.unwrap().items;
        let rollouts: kube::Api<ModelRollout> = stand.api();
        let rollouts = rollouts.list(&ListParams::default()).await.unwrap().items;
        let scaled =
            workloads.iter().filter(|one| one.status.as_ref().is_some_and(|status| status.desired > 0)).count();
        let waiting =
            |one: &&ModelRollout| one.status.as_ref().is_some_and(|status| status.waiting == "AwaitingApproval");
        (scaled, rollouts.iter().filter(waiting).count())
    };
    stand
        .until("everything is looked after", async || {
            tokio::time::sleep(Duration::from_secs(1)).await;
            counted().await == (WORKLOADS, ROLLOUTS)
        })
        .await;
    let settled = begun.elapsed();
    // What was waited for may have made work.
    tokio::time::sleep(Duration::from_secs(15)).await;
    let (before, at) = (processor(operator.id()), Instant::now());
    tokio::time::sleep(WATCHED).await;
    let cores = (processor(operator.id()) - before) / at.elapsed().as_secs_f64();
    let memory = memory(operator.id());
    eprintln!(
        "{WORKLOADS} workloads, {ROLLOUTS} rollouts: settled after {:.0} s, {cores:.3} cores at rest, {memory:.0} MiB at most",
        settled.as_secs_f64()
    );
    drop(operator);
    stand.gone().await;
    assert!(settled <= SETTLED && cores <= CORES && memory <= MEMORY);
}
