//! The API server takes everything that the charts render and `k8s/` holds, and has no field to complain of.

use std::path::Path;

use anyhow::Context;
use e2e_tests::{Cluster, cluster};

/// Ways of deploying.
const MODES: &[&[&str]] = &[
    &["demo.enabled=true"],
    &["demo.enabled=true", "autoscaling.mode=hpa", "autoscaling.minReplicas=2", "services.gateway.replicas=2"],
    &["demo.enabled=true", "autoscaling.mode=operator", "operator.enabled=true", "operator.replicas=2"],
    &[
        "database.host=db",
        "database.existingSecret=db",
        "redis.host=redis",
        "redis.existingSecret=redis",
        "keys.existingSecret=keys",
        "migrations.mode=job",
    ],
];

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask e2e"]
async fn manifests() -> anyhow::Result<()> {
    let Some(cluster) = Cluster::open("manifests")? else { return Ok(()) };
    cluster.definitions()?;
    let chart = cluster::charts("aforo");
    for mode in MODES {
        let mut arguments = vec!["template", "aforo", &chart];
        mode.iter().for_each(|value| arguments.extend(["--set", value]));
        cluster.judge(&cluster.helm(&arguments)?).with_context(|| format!("{mode:?}"))?;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../k8s");
    let mut judged = 0;
    for folder in [folder.clone(), folder.join("examples")] {
        for file in std::fs::read_dir(&folder)? {
            let path = file?.path();
            if path.extension().is_some_and(|kind| kind == "yaml") {
                let namespace = format!("namespace: {}", cluster.namespace());
                let text = std::fs::read_to_string(&path)?.replace("namespace: aforo", &namespace);
                cluster.judge(&text).with_context(|| path.display().to_string())?;
                judged += 1;
            }
        }
    }
    cluster.say(&format!("{judged} files and {} ways of deploying are taken", MODES.len()));
    assert!(judged >= 9, "manifests, definitions, and an example of every custom resource");
    Ok(())
}
