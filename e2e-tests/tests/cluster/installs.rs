//! What a platform team does first: install, use, upgrade, go back, remove.

use std::time::Duration;

use e2e_tests::{Cluster, cluster::DEMO};

use super::report::counted;

/// The bar of an installation.
const INSTALLED: Duration = Duration::from_secs(90);
const PATIENCE: Duration = Duration::from_mins(5);
/// The bars of a system that nobody uses: thousandths of a processor, and MiB.
const IDLE: (f64, f64) = (150.0, 600.0);

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask e2e"]
async fn installs() -> anyhow::Result<()> {
    let Some(cluster) = Cluster::open("installs")? else { return Ok(()) };
    let took = cluster.install(&[], PATIENCE).await?;
    assert!(took <= INSTALLED, "every pod is ready within {} s", INSTALLED.as_secs());
    idle(&cluster).await?;

    cluster.load("first", &["--declarations", "1000", "--rate", "100", "--examine"])?;
    let outcome = cluster.loaded("first", PATIENCE).await?;
    assert_eq!((&outcome["declarations"], &outcome["lost"], &outcome["twice"]), (&1000.into(), &0.into(), &0.into()));
    assert_eq!(outcome["failedRequests"], 0, "{outcome}");
    assert!(outcome["results"].as_u64() > Some(0), "somebody was examined: {outcome}");
    assert_eq!(counted(&cluster).await?, 1000);

    cluster.say("helm test");
    cluster.helm(&["test", "aforo"])?;

    cluster.load("during-upgrade", &["--declarations", "1200", "--rate", "20"])?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    cluster.say("upgrading under load");
    cluster.release("upgrade", &[&DEMO[..], &["log.level=warn", "services.gateway.replicas=2"]].concat())?;
    cluster.ready(PATIENCE).await?;
    cluster.say("upgraded");
    let outcome = cluster.loaded("during-upgrade", PATIENCE).await?;
    assert_eq!((&outcome["lost"], &outcome["twice"]), (&0.into(), &0.into()));
    assert_eq!(outcome["failedRequests"], 0, "{outcome}");

    cluster.helm(&["rollback", "aforo", "1"])?;
    cluster.ready(PATIENCE).await?;
    cluster.say("went back to the first release");
    assert_eq!(cluster.get(&["deployment", "aforo-gateway"])?[0]["spec"]["replicas"], 1);
    cluster.helm(&["test", "aforo"])?;

    cluster.helm(&["uninstall", "aforo", "--wait"])?;
    assert_eq!(cluster.get(&["persistentvolumeclaims"])?.len(), 2, "the data stays");
    cluster.say("uninstalled, and installed again on the same data");
    cluster.install(&[], PATIENCE).await?;
    // The two checks are withdrawn, and counted.
    assert_eq!(counted(&cluster).await?, 1000 + 1200 + 2);
    Ok(())
}

/// What the system costs that nobody uses, by the figures of the cluster.
async fn idle(cluster: &Cluster) -> anyhow::Result<()> {
    if cluster.kubectl(&["top", "nodes"]).is_err() {
        eprintln!("skipped: idle cost: the cluster has no metrics");
        return Ok(());
    }
    // Figures are of the last quarter of a minute or so.
    tokio::time::sleep(Duration::from_mins(1)).await;
    let text = cluster.kubectl(&["top", "pods", "--no-headers"])?;
    let ours = text.lines().filter(|line| !line.starts_with("aforo-postgresql") && !line.starts_with("aforo-redis"));
    let figure = |word: Option<&str>, unit: &str| word.and_then(|word| word.trim_end_matches(unit).parse::<f64>().ok());
    let (mut processor, mut memory) = (0.0, 0.0);
    for line in ours {
        let mut words = line.split_whitespace().skip(1);
        processor += figure(words.next(), "m").unwrap_or(f64::NAN);
        memory += figure(words.next(), "Mi").unwrap_or(f64::NAN);
    }
    cluster.say(&format!("idle: {:.3} core, {memory} MiB", processor / 1000.0));
    assert!(processor <= IDLE.0 && memory <= IDLE.1, "idle cost:\n{text}");
    Ok(())
}
