//! The operator beside the system: one of two acts, a port gets scorers of its own without losing a declaration, and nobody
//! approves in another's name.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use e2e_tests::{Cluster, until};
use serde_json::{Value, json};

use super::report::counted;

const PATIENCE: Duration = Duration::from_mins(3);
/// Declarations, and how many a second: longer than it takes to make scorers and to give them up.
const LOAD: (&str, &str) = ("1400", "20");

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask e2e"]
async fn operates() -> anyhow::Result<()> {
    let Some(cluster) = Cluster::open("operates")? else { return Ok(()) };
    cluster.definitions()?;
    cluster.install(&["autoscaling.mode=operator", "operator.enabled=true", "operator.replicas=2"], PATIENCE).await?;

    // A port gets scorers of its own, and gives them up again, while it lodges.
    cluster.load("moving", &["--declarations", LOAD.0, "--rate", LOAD.1, "--office", "CALLAO", "--office", "118"])?;
    cluster.apply(&json!({
        "apiVersion": "aforo.io/v1alpha1", "kind": "PortWorkload", "metadata": {"name": "callao"},
        "spec": {"offices": {"codes": ["CALLAO"]}, "pool": "dedicated", "minReplicas": 2, "maxReplicas": 3},
    }))?;
    let status = || cluster.get(&["portworkload", "callao"]).map(|mut found| found.remove(0)["status"].take());
    until("the port is decided by the fewest scorers that it is to have", PATIENCE, async || {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let status = status()?;
        let there = status["deployment"] == "aforo-scoring-callao" && status["shard"] != "0" && status["current"] == 2;
        let moved = status["conditions"].as_array().into_iter().flatten();
        let moved = moved.into_iter().any(|one| one["type"] == "Scalable" && one["status"] == "True");
        Ok((there && moved).then_some(()))
    })
    .await
    .with_context(|| cluster.failing_pods())?;
    cluster.say(&format!("a port has two scorers of its own: shard {}", status()?["shard"]));
    tokio::time::sleep(Duration::from_secs(10)).await;
    cluster.kubectl(&["delete", "portworkload", "callao", "--timeout=120s"])?;
    until("its scorers are gone", PATIENCE, async || {
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(cluster.kubectl(&["get", "deployment", "aforo-scoring-callao"]).is_err().then_some(()))
    })
    .await?;
    cluster.say("it gave them up again");
    let outcome = cluster.loaded("moving", PATIENCE).await?;
    assert_eq!((&outcome["lost"], &outcome["twice"]), (&0.into(), &0.into()), "{outcome}");
    let lodged: u64 = LOAD.0.parse()?;
    assert_eq!(counted(&cluster).await?, lodged, "one selection of each declaration is in the report");

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
