//! What all workloads look at together: how long the streams are, which Deployments there are, and since when scorers have
//! had less to do. Asked for once for all of them, not once each: an installation may have hundreds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::Deployment;
use kube::{Api, ResourceExt, api::ListParams, runtime::reflector::Store};

use crate::{
    OperatorError,
    context::{Context, within},
    crd::PortWorkload,
    version::told,
};

/// What was seen is good for so long.
const FRESH: Duration = Duration::from_secs(4);
/// A child that is as it is to be is looked at again after so long.
const SETTLED: Duration = Duration::from_mins(5);

/// What was seen at one moment.
#[derive(Clone, Default)]
pub struct Sight {
    /// Unfinished messages by stream; none when that is not known.
    pub depths: Option<Arc<HashMap<String, u64>>>,
    /// Deployments by name.
    pub deployments: Arc<HashMap<String, Deployment>>,
}

/// What is remembered between looks.
#[derive(Default)]
pub struct Memory {
    latest: tokio::sync::Mutex<Option<(Instant, Sight)>>,
    busy: Mutex<HashMap<String, Instant>>,
    children: Mutex<HashMap<String, (String, Instant)>>,
    /// Every workload that there is.
    workloads: Mutex<Option<Store<PortWorkload>>>,
}

impl Memory {
    /// What is to be seen now, or was a moment ago.
    pub async fn look(&self, ctx: &Context) -> Result<Sight, OperatorError> {
        let mut latest = self.latest.lock().await;
        let now = ctx.clock.instant();
        if let Some((at, sight)) = &*latest
            && now.duration_since(*at) < FRESH
        {
            return Ok(sight.clone());
        }
        let api: Api<Deployment> = Api::namespaced(ctx.kube.clone(), &ctx.namespace);
        let deployments = api.list(&ListParams::default()).await?.items;
        let depths = within("scoring", async { ctx.peers.scoring().queues().await }).await;
        let depths = depths
            .map(|depths| depths.into_iter().map(|depth| (depth.stream, depth.unfinished)).collect())
            .map(Arc::new)
            .inspect_err(|error| tracing::warn!(error = told(error), "the length of the streams is not known"))
            .ok();
        let deployments = deployments.into_iter().map(|one| (one.name_any(), one)).collect();
        let sight = Sight { depths, deployments: Arc::new(deployments) };
        *latest = Some((now, sight.clone()));
        Ok(sight)
    }

    /// Something was changed: what was seen is no more.
    pub async fn forget(&self) {
        *self.latest.lock().await = None;
    }

    /// Whether the scorers of `deployment` had less to do than they could for as long as `cooldown`. `busy`: now they have
    /// not. One that was never seen begins now.
    pub fn rested(&self, deployment: &str, busy: bool, cooldown: Duration, now: Instant) -> bool {
        let mut since = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let at = since.entry(deployment.to_owned()).or_insert(now);
        if busy {
            *at = now;
        }
        now.duration_since(*at) >= cooldown
    }

    /// The number of scorers was changed: they rest from now on.
    pub fn changed(&self, deployment: &str, now: Instant) {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(deployment.to_owned(), now);
    }

    /// Whether `child` was found or made to be `what` lately.
    pub fn settled(&self, child: &str, what: &str, now: Instant) -> bool {
        let children = self.children.lock().unwrap_or_else(PoisonError::into_inner);
        children.get(child).is_some_and(|(held, at)| held == what && now.duration_since(*at) < SETTLED)
    }

    /// `child` is `what` now.
    pub fn settle(&self, child: &str, what: &str, now: Instant) {
        let mut children = self.children.lock().unwrap_or_else(PoisonError::into_inner);
        children.insert(child.to_owned(), (what.to_owned(), now));
    }

    /// Where every workload is to be found.
    pub fn follow(&self, workloads: Store<PortWorkload>) {
        *self.workloads.lock().unwrap_or_else(PoisonError::into_inner) = Some(workloads);
    }

    /// Every workload that there is.
    pub fn workloads(&self) -> Vec<Arc<PortWorkload>> {
        let workloads = self.workloads.lock().unwrap_or_else(PoisonError::into_inner);
        workloads.as_ref().map(Store::state).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scorers_have_rested_when_nothing_kept_them_busy_for_the_cooldown() {
        let (memory, begun) = (Memory::default(), Instant::now());
        let rested =
            |busy, seconds| memory.rested("a", busy, Duration::from_secs(30), begun + Duration::from_secs(seconds));
        // An operator that has just begun knows of no rest.
        assert!(!rested(false, 0) && !rested(false, 29));
        assert!(rested(false, 30));
        assert!(!rested(true, 31) && !rested(false, 60));
        assert!(rested(false, 61));
        memory.changed("a", begun + Duration::from_secs(61));
        assert!(!rested(false, 90) && rested(false, 91));
    }
}
