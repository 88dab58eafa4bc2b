//! Scaling on a real API server: the numbers that are set, and that they are held when nothing is known.

use k8s_openapi::api::apps::v1::Deployment;
use kube::Api;
use kube::api::PostParams;
use rollout_operator::crd::PortWorkload;
use serde_json::json;

use crate::stand::Stand;

#[tokio::test(flavor = "multi_thread")]
async fn scorers_follow_the_backlog_and_are_held_when_it_is_not_known() {
    let Some(stand) = Stand::new("ports").await else { return };
    let deployments: Api<Deployment> = stand.api();
    let deployment: Deployment = serde_json::from_value(json!({
        "metadata": {"name": "aforo-scoring"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "s"}}, "template": {
            "metadata": {"labels": {"app": "s"}},
            "spec": {"schedulingGates": [{"name": "aforo.io/never"}], "containers": [{"name": "s", "image": "s"}]}}},
    }))
    .unwrap();
    deployments.create(&PostParams::default(), &deployment).await.unwrap();
    let workload: PortWorkload = serde_json::from_value(json!({
        "apiVersion": "aforo.io/v1alpha1", "kind": "PortWorkload", "metadata": {"name": "callao"},
        "spec": {"offices": {"codes": ["118"]}, "minReplicas": 1, "maxReplicas": 6,
            "target": {"oldestAgeSeconds": 5, "backlogPerReplica": 100}},
    }))
    .unwrap();
    let workloads: Api<PortWorkload> = stand.api();
    workloads.create(&PostParams::default(), &workload).await.unwrap();
    stand.system.lock().unwrap().backlog = Some(450);
    let operator = stand.operator("one");
    let asked = async |number: i32| {
        let found = deployments.get("aforo-scoring").await.unwrap();
        found.spec.unwrap().replicas == Some(number)
    };
    stand.until("five scorers", async || asked(5).await).await;
    stand.system.lock().unwrap().backlog = None;
    stand
        .until("the reason is told", async || {
            let status = workloads.get("callao").await.unwrap().status;
            status.is_some_and(|status| status.reason == "FigureMissing" && status.desired == 5)
        })
        .await;
    assert!(asked(5).await);
    operator.stop().await;
    stand.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_without_its_deployment_says_what_to_do() {
    let Some(stand) = Stand::new("nopool").await else { return };
    let operator = stand.operator("one");
    let workload: PortWorkload = serde_json::from_value(json!({
        "apiVersion": "aforo.io/v1alpha1", "kind": "PortWorkload", "metadata": {"name": "callao"},
        "spec": {"offices": {"codes": ["118"]}, "pool": "dedicated"},
    }))
    .unwrap();
    let workloads: Api<PortWorkload> = stand.api();
    workloads.create(&PostParams::default(), &workload).await.unwrap();
    stand
        .until("it is told", async || {
            let status = workloads.get("callao").await.unwrap().status.unwrap_or_default();
            status.conditions.iter().any(|condition| condition.message.contains("pools in the chart's values"))
        })
        .await;
    operator.stop().await;
    stand.gone().await;
}
