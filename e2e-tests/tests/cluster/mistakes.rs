//! Mistakes that a platform team makes, and where they find within a minute what to do.

use std::time::Duration;

use e2e_tests::{Cluster, cluster::DEMO, until};
use serde_json::json;

/// How long a mistake may go unnoticed.
const FOUND: Duration = Duration::from_mins(1);
const PATIENCE: Duration = Duration::from_mins(5);

/// Waits until what is told of pods has all of `words`.
async fn found(cluster: &Cluster, mistake: &str, words: &[&str]) -> anyhow::Result<()> {
    cluster.say(mistake);
    let fact = format!("{mistake} is told with {words:?}");
    let told = until(&fact, FOUND, async || {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let told = cluster.failing_pods();
        Ok(words.iter().all(|word| told.contains(word)).then_some(told))
    });
    let told = told.await.map_err(|error| anyhow::anyhow!("{error:#}:\n{}", cluster.failing_pods()))?;
    let line = told.lines().find(|line| line.contains(words[0])).unwrap_or_default();
    cluster.say(&format!("found: {}", line.chars().take(200).collect::<String>()));
    Ok(())
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask e2e"]
async fn mistakes() -> anyhow::Result<()> {
    // A database and a Redis to be wrong about.
    let Some(right) = Cluster::open("mistakes-right")? else { return Ok(()) };
    right.install(&[], PATIENCE).await?;
    let host = |name: &str| {
        format!("{name}=aforo-{}.{}.svc", if name == "redis.host" { "redis" } else { "postgresql" }, right.namespace())
    };
    let (database, redis) = (host("database.host"), host("redis.host"));
    let external = [
        database.as_str(),
        "database.sslMode=disable",
        "database.existingSecret=secrets",
        "redis.tls=false",
        "redis.existingSecret=secrets",
        "keys.existingSecret=secrets",
        "migrations.waitSeconds=5",
    ];
    let secrets = |password: &str| {
        json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "secrets"},
            "stringData": {"password": password, "tokens.key": "0".repeat(64), "draw.key": "0".repeat(64)},
        })
    };

    if let Some(cluster) = Cluster::open("mistakes-secret")? {
        cluster.apply(&secrets("wrong"))?;
        cluster.release("install", &[&external[..], &[redis.as_str()]].concat())?;
        found(
            &cluster,
            "a wrong database secret",
            &["password authentication failed", "see `url` and the password of [database]"],
        )
        .await?;
    }
    if let Some(cluster) = Cluster::open("mistakes-redis")? {
        cluster.apply(&secrets("not-for-production"))?;
        cluster.release("install", &[&external[..], &["redis.host=redis.nowhere.example"]].concat())?;
        found(&cluster, "an unreachable Redis", &["cannot open the queue at", "redis.nowhere.example"]).await?;
    }
    if let Some(cluster) = Cluster::open("mistakes-image")? {
        cluster.release("install", &[&DEMO[..], &["image.repository=localhost/no-such-image"]].concat())?;
        found(&cluster, "an image that does not exist", &["ImagePull", "localhost/no-such-image"]).await?;
    }
    if let Some(cluster) = Cluster::open("mistakes-memory")? {
        cluster.release(
            "install",
            &[
                &DEMO[..],
                &["services.scoring.resources.limits.memory=8Mi", "services.scoring.resources.requests.memory=8Mi"],
            ]
            .concat(),
        )?;
        found(&cluster, "too little memory", &["OOMKilled", "aforo-scoring"]).await?;
    }
    if let Some(cluster) = Cluster::open("mistakes-definitions")? {
        if !cluster.without_definitions()? {
            eprintln!("skipped: missing definitions: the cluster has them from elsewhere, or uses them");
            return Ok(());
        }
        cluster.release("install", &[&DEMO[..], &["operator.enabled=true"]].concat())?;
        found(&cluster, "missing definitions", &["aforo-crds", "aforo-rollout-operator"]).await?;
    }
    Ok(())
}
