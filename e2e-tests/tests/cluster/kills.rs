//! Every pod is killed at random under load, database and Redis too: nothing is lost, and nothing done twice.

use std::time::{Duration, Instant};

use e2e_tests::Cluster;
use serde_json::Value;

use super::report::counted;

const PATIENCE: Duration = Duration::from_mins(5);
/// How long pods are killed, and how often.
const KILLING: (Duration, Duration) = (Duration::from_mins(5), Duration::from_secs(10));
/// Declarations, and how many a second: for as long as pods are killed.
const LOAD: (u64, u64) = (3_000, 10);

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask e2e"]
async fn kills() -> anyhow::Result<()> {
    let Some(cluster) = Cluster::open("kills")? else { return Ok(()) };
    cluster.install(&["services.scoring.replicas=2"], PATIENCE).await?;
    let (declarations, rate) = (LOAD.0.to_string(), LOAD.1.to_string());
    // Who waits for a channel waits as long as a database takes to come back.
    let load = ["--declarations", &declarations, "--rate", &rate, "--examine", "--patience-seconds", "300"];
    cluster.load("under-fire", &load)?;

    let (started, mut chance, mut killed) = (Instant::now(), 20_261_123_u64, Vec::new());
    while started.elapsed() < KILLING.0 {
        tokio::time::sleep(KILLING.1).await;
        let pods = cluster.get(&["pods", "--selector", "app.kubernetes.io/part-of=aforo"])?;
        let running: Vec<(&str, bool)> = pods
            .iter()
            .filter(|pod| pod["status"]["phase"] == "Running" && pod["metadata"]["deletionTimestamp"].is_null())
            .filter_map(|pod| Some((pod["metadata"]["name"].as_str()?, has_files(pod))))
            .collect();
        if running.is_empty() {
            continue;
        }
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (victim, has_files) = running[(chance >> 33) as usize % running.len()];
        // By force, but not where files are: a name that is free at once is given to a second server, which opens the files
        // that the first still writes.
        let how: &[&str] =
            if has_files { &["--grace-period=1", "--wait=false"] } else { &["--grace-period=0", "--force"] };
        cluster.kubectl(&[&["delete", "pod", victim], how].concat())?;
        killed.push(victim.to_owned());
    }
    cluster.say(&format!("killed {}: {}", killed.len(), killed.join(" ")));
    cluster.ready(PATIENCE).await?;

    let outcome = cluster.loaded("under-fire", PATIENCE).await?;
    assert_eq!((&outcome["declarations"], &outcome["lost"], &outcome["twice"]), (&LOAD.0.into(), &0.into(), &0.into()));

    assert_eq!(counted(&cluster).await?, LOAD.0, "one selection of each declaration is in the report");
    Ok(())
}

/// Whether the pod's successor has its name and its volumes.
fn has_files(pod: &Value) -> bool {
    pod["metadata"]["ownerReferences"][0]["kind"] == "StatefulSet"
}
