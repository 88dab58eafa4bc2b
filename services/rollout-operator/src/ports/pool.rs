//! Scorers of a port's own: the Deployment, made after the one of the shared scorers, and the stream that its offices get.
//!
//! In this order: a number for the stream, scorers that listen to it, and only when one is ready the offices go there. Backwards
//! the other way round: the offices leave, the stream runs dry, the scorers go. What is under way is decided where it is, so
//! nothing is lost, and the one memory of all scorers decides nothing twice.

use std::collections::BTreeSet;
use std::time::Duration;

use clients::Shard;
use k8s_openapi::api::apps::v1::Deployment;
use kube::{
    Api, Resource, ResourceExt,
    api::{Patch, PatchParams},
    runtime::controller::Action as Again,
};
use serde_json::{Value, json};

use super::{APPLIED, key, print_of, sight::Sight};
use crate::{
    OperatorError,
    context::{Context, MANAGER, within},
    crd::{PortWorkload, PortWorkloadSpec},
};

/// Keeps a workload until its offices are decided elsewhere.
const FINALIZER: &str = "aforo.io/shard";
/// The variable that tells a scorer its shard.
const VARIABLE: &str = "AFORO_SETTING_SCORING__SHARD";
/// The most shards.
const MOST: u16 = 1_000;
/// How often a workload that leaves is looked at.
const SOON: Duration = Duration::from_secs(2);

/// How far a pool is.
pub struct Standing {
    /// The number of its stream.
    pub shard: u16,
    /// What it waits for, in words; none when its offices go there.
    pub waits: Option<String>,
}

/// Whether the operator made `deployment` for a workload.
pub fn is_ours(deployment: &Deployment) -> bool {
    deployment.annotations().contains_key(APPLIED)
}

/// Makes the scorers of `workload` what they are to be, and sends its offices there when one is ready.
pub async fn provide(
    workload: &PortWorkload,
    deployment: &str,
    least: i32,
    sight: &Sight,
    ctx: &Context,
) -> Result<Standing, OperatorError> {
    keep(workload, ctx).await?;
    let shared = &ctx.settings.scaling.deployment;
    let Some(template) = sight.deployments.get(shared) else {
        return Ok(Standing {
            shard: 0,
            waits: Some(format!("Deployment {shared} does not exist; is scoring installed here?")),
        });
    };
    let found = sight.deployments.get(deployment);
    let told = within("scoring", async { ctx.peers.scoring().shards().await }).await?;
    let shard = match found.and_then(super::shard_of) {
        Some(shard) => shard,
        None => free(&told, sight),
    };
    let wanted = made_from(template, workload, deployment, shard);
    let print = print_of(&wanted);
    if found.is_none_or(|found| found.annotations().get(APPLIED) != Some(&print)) {
        apply(wanted, &print, deployment, found.is_none().then_some(least.max(1)), ctx).await?;
        ctx.ports.forget().await;
    }
    let ready = found.and_then(|found| found.status.as_ref()?.ready_replicas).unwrap_or(0);
    let own = shard_for(&workload.spec, shard);
    if told.contains(&own) {
        return Ok(Standing { shard, waits: None });
    }
    if ready == 0 {
        return Ok(Standing {
            shard,
            waits: Some(format!("no scorer of {deployment} is ready yet; its offices are decided with all others")),
        });
    }
    let others = told.into_iter().filter(|other| other.shard != shard);
    tell(others.chain([own]).collect(), ctx).await?;
    tracing::info!(workload = workload.name_any(), shard, "offices have scorers of their own");
    Ok(Standing { shard, waits: None })
}

/// Lets the offices of a workload that is deleted go back to the shared scorers; its own go when their stream is dry.
pub async fn release(workload: &PortWorkload, ctx: &Context) -> Result<Again, OperatorError> {
    let name = workload.name_any();
    if !workload.finalizers().iter().any(|held| held == FINALIZER) {
        ctx.forget(&key(&name));
        return Ok(Again::await_change());
    }
    let sight = ctx.ports.look(ctx).await?;
    let deployment = super::deployment_of(&name, &workload.spec, ctx);
    let shard = sight.deployments.get(&deployment).filter(|found| is_ours(found)).and_then(super::shard_of);
    let deleted = workload.metadata.deletion_timestamp.as_ref().map_or(ctx.real_now(), |time| time.0);
    let waited = ctx.real_now().duration_since(deleted).as_secs().max(0) as u64;
    // Those who publish hear of it within seconds: until then more may come.
    let settled = waited >= ctx.settings.scaling.settle_seconds;
    let dry = match shard {
        Some(shard) => leave(shard, settled, &sight, ctx).await?,
        None => true,
    };
    if !dry && waited < ctx.settings.finalizer_seconds {
        return Ok(Again::requeue(SOON));
    }
    if !dry {
        tracing::error!(
            workload = name,
            shard,
            "it goes although its stream is not dry; make it again to have that decided"
        );
    }
    let left: Vec<&String> = workload.finalizers().iter().filter(|held| *held != FINALIZER).collect();
    let patch = json!({"metadata": {"finalizers": left, "resourceVersion": workload.metadata.resource_version}});
    ctx.lease.token()?;
    let api: Api<PortWorkload> = Api::namespaced(ctx.kube.clone(), &ctx.namespace);
    api.patch(&name, &kube::api::PatchParams::default(), &Patch::Merge(patch)).await?;
    ctx.forget(&key(&name));
    Ok(Again::await_change())
}

/// Takes the offices of a shard, and then the shard; tells whether it is gone.
async fn leave(shard: u16, settled: bool, sight: &Sight, ctx: &Context) -> Result<bool, OperatorError> {
    let mut told = within("scoring", async { ctx.peers.scoring().shards().await }).await?;
    let Some(own) = told.iter_mut().find(|other| other.shard == shard) else { return Ok(true) };
    let empty = Shard { shard, ..Shard::default() };
    if *own != empty {
        // Its stream is counted as long as the shard is told.
        *own = empty;
        tell(told, ctx).await?;
        return Ok(false);
    }
    let stream = format!("scoring/{shard}");
    let dry = sight.depths.as_ref().is_some_and(|depths| depths.get(&stream).is_none_or(|depth| *depth == 0));
    if !(dry && settled) {
        return Ok(false);
    }
    told.retain(|other| other.shard != shard);
    tell(told, ctx).await?;
    Ok(true)
}

async fn tell(shards: Vec<Shard>, ctx: &Context) -> Result<(), OperatorError> {
    ctx.lease.token()?;
    within("scoring", async { ctx.peers.scoring().put_shards(&shards).await }).await.map(drop)
}

/// The offices of a workload, as those who publish are told.
fn shard_for(spec: &PortWorkloadSpec, shard: u16) -> Shard {
    Shard { shard, offices: spec.offices.codes.clone().unwrap_or_default(), prefix: spec.offices.prefix.clone() }
}

/// A number that no stream has, and no scorer listens to.
fn free(told: &[Shard], sight: &Sight) -> u16 {
    let listened = sight.deployments.values().filter_map(super::shard_of);
    let streams = sight.depths.iter().flat_map(|depths| depths.keys());
    let named = streams.filter_map(|stream| stream.strip_prefix("scoring/")?.parse().ok());
    let taken: BTreeSet<u16> = told.iter().map(|shard| shard.shard).chain(listened).chain(named).collect();
    (1..=MOST).find(|number| !taken.contains(number)).unwrap_or(MOST)
}

/// The shared scorers' Deployment, as one of a port's own.
fn made_from(template: &Deployment, workload: &PortWorkload, deployment: &str, shard: u16) -> Value {
    let spec = template.spec.as_ref();
    let mut pod = spec.map(|spec| json!(spec.template)).unwrap_or_default();
    let mut labels = spec.map(|spec| json!(spec.selector.match_labels)).unwrap_or_default();
    let component = format!("scoring-{}", workload.name_any());
    labels["app.kubernetes.io/component"] = json!(component);
    pod["metadata"]["labels"]["app.kubernetes.io/component"] = json!(component);
    if let Some(containers) = pod["spec"]["containers"].as_array_mut() {
        for container in containers {
            let mut environment: Vec<Value> = container["env"].as_array().cloned().unwrap_or_default();
            environment.retain(|variable| variable["name"] != VARIABLE);
            environment.push(json!({"name": VARIABLE, "value": shard.to_string()}));
            container["env"] = json!(environment);
        }
    }
    if let Some(constraints) = pod["spec"]["topologySpreadConstraints"].as_array_mut() {
        for constraint in constraints {
            constraint["labelSelector"]["matchLabels"] = labels.clone();
        }
    }
    if let Some(priority) = &workload.spec.priority {
        pod["spec"]["priorityClassName"] = json!(priority);
    }
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": deployment,
            "labels": {"app.kubernetes.io/managed-by": MANAGER, "app.kubernetes.io/part-of": "aforo",
                "app.kubernetes.io/component": component},
            "ownerReferences": [workload.controller_owner_ref(&())],
        },
        "spec": {
            "revisionHistoryLimit": 3, "selector": {"matchLabels": labels}, "template": pod,
            "strategy": spec.map(|spec| json!(spec.strategy)),
        },
    })
}

async fn apply(
    mut wanted: Value,
    print: &str,
    deployment: &str,
    replicas: Option<i32>,
    ctx: &Context,
) -> Result<(), OperatorError> {
    wanted["metadata"]["annotations"] = json!({APPLIED: print});
    let api: Api<Deployment> = Api::namespaced(ctx.kube.clone(), &ctx.namespace);
    ctx.lease.token()?;
    api.patch(deployment, &PatchParams::apply(MANAGER).force(), &Patch::Apply(wanted)).await?;
    ctx.metrics.wrote("Deployment");
    // How many there are is no part of what is applied: whoever scales owns that.
    if let Some(replicas) = replicas {
        let patch = json!({"spec": {"replicas": replicas}});
        api.patch_scale(deployment, &PatchParams::default(), &Patch::Merge(patch)).await?;
    }
    Ok(())
}

async fn keep(workload: &PortWorkload, ctx: &Context) -> Result<(), OperatorError> {
    if workload.finalizers().iter().any(|held| held == FINALIZER) {
        return Ok(());
    }
    let patch = json!({
        "apiVersion": "aforo.io/v1alpha1", "kind": "PortWorkload", "metadata": {"finalizers": [FINALIZER]},
    });
    let api: Api<PortWorkload> = Api::namespaced(ctx.kube.clone(), &ctx.namespace);
    ctx.lease.token()?;
    api.patch(&workload.name_any(), &PatchParams::apply(MANAGER), &Patch::Apply(patch)).await?;
    ctx.metrics.wrote("PortWorkload");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(name: &str, shard: Option<&str>) -> Deployment {
        let env = shard.map(|shard| json!([{"name": VARIABLE, "value": shard}, {"name": "A", "value": "b"}]));
        serde_json::from_value(json!({
            "metadata": {"name": name},
            "spec": {
                "replicas": 2, "selector": {"matchLabels": {"app.kubernetes.io/component": "scoring", "release": "r"}},
                "template": {
                    "metadata": {"labels": {"app.kubernetes.io/component": "scoring", "release": "r"}},
                    "spec": {"containers": [{"name": "scoring", "image": "i", "env": env}]},
                },
            },
        }))
        .unwrap()
    }

    fn workload() -> PortWorkload {
        serde_json::from_value(json!({
            "apiVersion": "aforo.io/v1alpha1", "kind": "PortWorkload", "metadata": {"name": "callao", "uid": "u"},
            "spec": {"offices": {"codes": ["118"]}, "pool": "dedicated", "priority": "ports"},
        }))
        .unwrap()
    }

    #[test]
    fn own_scorers_are_the_shared_ones_but_for_shard_selector_and_priority() {
        let made = made_from(&deployment("s", Some("0")), &workload(), "s-callao", 4);
        let made: Deployment = serde_json::from_value(made).unwrap();
        assert_eq!(super::super::shard_of(&made), Some(4));
        let spec = made.spec.clone().unwrap();
        assert_eq!(spec.replicas, None, "whoever scales owns the number");
        let labels = spec.template.metadata.unwrap().labels.unwrap();
        assert_eq!(Some(&labels), spec.selector.match_labels.as_ref());
        assert_eq!(labels["app.kubernetes.io/component"], "scoring-callao");
        let pod = spec.template.spec.unwrap();
        assert_eq!(pod.priority_class_name.as_deref(), Some("ports"));
        assert_eq!(pod.containers[0].env.as_ref().unwrap().len(), 2);
        assert_eq!(made.metadata.owner_references.unwrap()[0].name, "callao");
    }

    #[test]
    fn a_stream_gets_a_number_that_nobody_has() {
        let depths =
            [("scoring/0", 0), ("scoring/1", 0), ("scoring/2", 7)].map(|(name, depth)| (name.to_owned(), depth));
        let sight = Sight {
            depths: Some(std::sync::Arc::new(depths.into())),
            deployments: std::sync::Arc::new([("a".to_owned(), deployment("a", Some("3")))].into()),
        };
        assert_eq!(free(&[Shard { shard: 4, ..Shard::default() }], &sight), 5);
    }
}
