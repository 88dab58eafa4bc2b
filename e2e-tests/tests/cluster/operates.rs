//! The operator beside the system: one of two acts, scorers follow a port's need, and nobody approves in another's name.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use e2e_tests::{Cluster, until};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_mins(3);

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask e2e"]
async fn operates() -> anyhow::Result<()> {
    let Some(cluster) = Cluster::open("operates")? else { return Ok(()) };
    cluster.definitions()?;
    let set = [
        "autoscaling.mode=operator",
        "operator.enabled=true",
        "operator.replicas=2",
        "pools[0].name=callao",
        "pools[0].offices={CALLAO}",
        "pools[0].replicas=1",
    ];
    cluster.install(&set, PATIENCE).await?;

    cluster.apply(&json!({
        "apiVersion": "aforo.io/v1alpha1", "kind": "PortWorkload", "metadata": {"name": "callao"},
        "spec": {"offices": {"codes": ["CALLAO"]}, "pool": "dedicated", "minReplicas": 2, "maxReplicas": 3},
    }))?;
    until("the port has the fewest scorers that it is to have", PATIENCE, async || {
        let workload = cluster.get(&["portworkload", "callao"])?.remove(0);
        let scorers = cluster.get(&["deployment", "aforo-scoring-callao"])?.remove(0);
        let (status, ready) = (&workload["status"], &scorers["status"]["readyReplicas"]);
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok((status["deployment"] == "aforo-scoring-callao" && status["desired"] == 2 && *ready == 2).then_some(()))
    })
    .await
    .with_context(|| cluster.failing_pods())?;
    cluster.say("a port has two scorers of its own");
    cluster.load("flood", &["--declarations", "500", "--rate", "50", "--office", "CALLAO"])?;
    let outcome = cluster.loaded("flood", PATIENCE).await?;
    assert_eq!((&outcome["lost"], &outcome["twice"]), (&0.into(), &0.into()), "{outcome}");

    let approval =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../k8s/examples/rolloutapproval.yaml"))?;
    assert!(cluster.judge(&approval).is_err(), "an approval in another's name is refused");

    let holder = holder(&cluster)?;
    let pod = holder.as_str().context("somebody holds the lease")?;
    cluster.kubectl(&["delete", "pod", pod, "--grace-period=0", "--force"])?;
    until("another operator acts", PATIENCE, async || {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = self::holder(&cluster)?;
        Ok((now.is_string() && now != holder).then_some(()))
    })
    .await?;
    cluster.say("the operator was killed, and another acts");
    Ok(())
}

/// Who holds the operator's lease.
fn holder(cluster: &Cluster) -> anyhow::Result<Value> {
    Ok(cluster.get(&["lease", "aforo-rollout-operator"])?[0]["spec"]["holderIdentity"].clone())
}
