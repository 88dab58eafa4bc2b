//! A flood on one port that has scorers of its own: these grow and shrink, and the other offices hardly notice.

use std::time::Duration;

use e2e_tests::{Cluster, until};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_mins(5);
/// The port with a pool of its own.
const PORT: &str = "PORT";
/// The others, and how many declarations a second they lodge together.
const OTHERS: [&str; 4] = ["118", "235", "046", "172"];
const USUAL: &str = "30";
/// Declarations of the others before and during the flood: forty seconds.
const BESIDE: &str = "1200";
/// Twenty times what one of these lodges, for eighty seconds.
const FLOOD: (&str, &str) = ("150", "12000");
/// What the others' median may become: so many times what it was, or so many milliseconds more.
const SLOWER: (f64, f64) = (1.5, 50.0);

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask e2e"]
async fn floods() -> anyhow::Result<()> {
    let Some(cluster) = Cluster::open("floods")? else { return Ok(()) };
    if cluster.kubectl(&["get", "customresourcedefinition", "scaledobjects.keda.sh"]).is_err() {
        eprintln!("skipped: floods: the cluster has no KEDA");
        return Ok(());
    }
    let pool = format!("pools[0].offices={{{PORT}}}");
    let set = [
        "autoscaling.mode=keda",
        "autoscaling.maxReplicas=1",
        "autoscaling.keda.pollingSeconds=2",
        "pools[0].name=port",
        &pool,
        "pools[0].replicas=1",
        "pools[0].minReplicas=1",
        "pools[0].maxReplicas=3",
        "pools[0].backlogPerReplica=1",
    ];
    cluster.install(&set, PATIENCE).await?;

    let others: Vec<&str> = OTHERS.iter().flat_map(|office| ["--office", office]).collect();
    let usual = |name| cluster.load(name, &[&["--declarations", BESIDE, "--rate", USUAL], &others[..]].concat());
    usual("before")?;
    let before = cluster.loaded("before", PATIENCE).await?;

    cluster.say("the flood begins");
    usual("during")?;
    cluster.load("flood", &["--declarations", FLOOD.1, "--rate", FLOOD.0, "--office", PORT])?;
    until("the port's scorers are more", PATIENCE, async || {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok((scorers(&cluster)? > 1).then_some(()))
    })
    .await?;
    cluster.say("the port's scorers are more");
    let during = cluster.loaded("during", PATIENCE).await?;
    let flood = cluster.loaded("flood", PATIENCE).await?;
    for outcome in [&before, &during, &flood] {
        assert_eq!((&outcome["lost"], &outcome["twice"]), (&0.into(), &0.into()), "{outcome}");
    }
    let (was, is) = (median(&before), median(&during));
    assert!(is <= was * SLOWER.0 || is <= was + SLOWER.1, "the others' median was {was} ms and became {is} ms");

    until("the port's scorers are as few as before", PATIENCE, async || {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok((scorers(&cluster)? == 1).then_some(()))
    })
    .await?;
    cluster.say(&format!("the others' median: {was} ms before, {is} ms during the flood"));
    Ok(())
}

fn scorers(cluster: &Cluster) -> anyhow::Result<u64> {
    Ok(cluster.get(&["deployment", "aforo-scoring-port"])?[0]["spec"]["replicas"].as_u64().unwrap_or_default())
}

fn median(outcome: &Value) -> f64 {
    outcome["medianMs"].as_f64().unwrap_or(f64::NAN)
}
