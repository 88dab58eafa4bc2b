//! Scaling on a real API server: the numbers that are set, and that they are held when nothing is known.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Node, Pod};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use rollout_operator::crd::PortWorkload;
use serde_json::json;

use crate::stand::Stand;

#[tokio::test(flavor = "multi_thread")]
async fn scorers_follow_the_backlog_and_are_held_when_it_is_not_known() {
    let Some(stand) = Stand::new("ports").await else { return };
    let deployments = shared(&stand).await;
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
    let reason = async |reason: &str| {
        let status = workloads.get("callao").await.unwrap().status;
        status.is_some_and(|status| status.reason == reason && status.desired == 5)
    };
    // No scorer is taken away before the cooldown is over, however often it is looked at.
    stand.system.lock().unwrap().backlog = Some(0);
    stand.until("it cools down", async || reason("CoolingDown").await).await;
    tokio::time::sleep(std::time::Duration::from_secs(12)).await;
    assert!(asked(5).await);
    stand.system.lock().unwrap().backlog = None;
    stand.until("the reason is told", async || reason("FigureMissing").await).await;
    assert!(asked(5).await);
    operator.stop().await;
    stand.gone().await;
}

/// Shared scorers that no node runs before it is let.
async fn shared(stand: &Stand) -> Api<Deployment> {
    let deployments: Api<Deployment> = stand.api();
    let labels = json!({"app.kubernetes.io/component": "scoring"});
    let image = idle_image(stand).await.unwrap_or_else(|| "none".to_owned());
    let deployment: Deployment = serde_json::from_value(json!({
        "metadata": {"name": "aforo-scoring"},
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": {
            "metadata": {"labels": labels},
            "spec": {"schedulingGates": [{"name": "aforo.io/never"}], "terminationGracePeriodSeconds": 0,
                "containers": [{"name": "s", "image": image, "imagePullPolicy": "Never"}]}}},
    }))
    .unwrap();
    deployments.create(&PostParams::default(), &deployment).await.unwrap();
    deployments
}

/// What a node has at hand that does nothing; none where there is no node.
async fn idle_image(stand: &Stand) -> Option<String> {
    let nodes = Api::<Node>::all(stand.client.clone()).list(&ListParams::default()).await.unwrap();
    let images = nodes.items.into_iter().filter_map(|node| node.status?.images).flatten();
    let mut names = images.filter_map(|image| image.names).flatten();
    names.find(|name| name.contains("/pause:"))
}

/// Lets nodes run the scorers of `deployment`; where none can, says in their place that they are ready.
async fn let_run(stand: &Stand, nodes: bool, deployments: &Api<Deployment>, deployment: &str) {
    if !nodes {
        let ready = json!({"status": {"replicas": 2, "readyReplicas": 2, "availableReplicas": 2}});
        deployments.patch_status(deployment, &PatchParams::default(), &Patch::Merge(&ready)).await.unwrap();
        return;
    }
    let pods: Api<Pod> = stand.api();
    let begins = format!("{deployment}-");
    let gated = |pod: &Pod| pod.spec.as_ref().is_some_and(|spec| spec.scheduling_gates.is_some());
    for pod in pods.list(&ListParams::default()).await.unwrap() {
        if pod.name_any().starts_with(&begins) && gated(&pod) {
            let open = Patch::Merge(json!({"spec": {"schedulingGates": null}}));
            pods.patch(&pod.name_any(), &PatchParams::default(), &open).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn offices_go_to_scorers_of_their_own_when_these_are_ready_and_leave_before_they_go() {
    let Some(stand) = Stand::new("own").await else { return };
    let deployments = shared(&stand).await;
    let operator = stand.operator("one");
    let workload: PortWorkload = serde_json::from_value(json!({
        "apiVersion": "aforo.io/v1alpha1", "kind": "PortWorkload", "metadata": {"name": "callao"},
        "spec": {"offices": {"codes": ["118"]}, "pool": "dedicated", "minReplicas": 2, "maxReplicas": 3},
    }))
    .unwrap();
    let workloads: Api<PortWorkload> = stand.api();
    workloads.create(&PostParams::default(), &workload).await.unwrap();
    stand
        .until("they are made", async || {
            let made = deployments.get_opt("aforo-scoring-callao").await.unwrap();
            made.is_some_and(|made| made.spec.unwrap().replicas == Some(2))
        })
        .await;
    stand
        .until("it is told what it waits for", async || {
            let status = workloads.get("callao").await.unwrap().status.unwrap_or_default();
            status.conditions.iter().any(|condition| condition.message.contains("no scorer of aforo-scoring-callao"))
        })
        .await;
    assert!(stand.system.lock().unwrap().shards.is_empty(), "nobody goes where nobody decides");
    let told = async |offices: serde_json::Value| stand.system.lock().unwrap().shards == [offices];
    let nodes = idle_image(&stand).await.is_some();
    stand
        .until("the offices go there", async || {
            let_run(&stand, nodes, &deployments, "aforo-scoring-callao").await;
            told(json!({"shard": 1, "offices": ["118"]})).await
        })
        .await;

    stand.system.lock().unwrap().backlog = Some(7);
    workloads.delete("callao", &DeleteParams::default()).await.unwrap();
    stand.until("the offices leave", async || told(json!({"shard": 1, "offices": []})).await).await;
    stand.system.lock().unwrap().backlog = Some(0);
    stand.until("the workload is gone", async || workloads.get_opt("callao").await.unwrap().is_none()).await;
    assert!(stand.system.lock().unwrap().shards.is_empty());
    operator.stop().await;
    stand.gone().await;
}
