//! What the system reports of everything that was lodged.

use std::time::Duration;

use e2e_tests::{Cluster, until};

const PATIENCE: Duration = Duration::from_mins(5);

/// Declarations in the report of channels, when no message is under way any more and none was given up.
pub async fn counted(cluster: &Cluster) -> anyhow::Result<u64> {
    let gateway = cluster.client(&["auditor", "service"]).await?;
    until("no message is unfinished", PATIENCE, async || {
        let queues = gateway.client.queues().await?;
        assert!(queues.iter().all(|queue| queue.dead == 0), "messages were given up");
        Ok((queues.iter().map(|queue| queue.unfinished).sum::<u64>() == 0).then_some(()))
    })
    .await?;
    let report = gateway.client.report(clients::reports::Report::Channels, None, None).await?;
    let offices = report["offices"].as_array().cloned().unwrap_or_default();
    let counted = |channel: &str| offices.iter().filter_map(|office| office["channels"][channel].as_u64()).sum::<u64>();
    Ok(["green", "orange", "red"].into_iter().map(counted).sum())
}
