//! Looking after a `PortWorkload`: who scores for its offices, how many there are to be, and who sets that number.

pub mod pool;
pub mod scale;
pub mod sight;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::Deployment;
use kube::{
    Api, Resource, ResourceExt,
    api::{ApiResource, DeleteParams, DynamicObject, GroupVersionKind, Patch, PatchParams},
    runtime::controller::Action as Again,
};
use serde_json::{Value, json};

use self::scale::{Figure, Held, Wanted, needed, wanted};
use self::sight::Sight;
use crate::{
    OperatorError,
    conditions::{Says, conditions},
    context::{Context, MANAGER},
    crd::{Pool, PortWorkload, PortWorkloadSpec, PortWorkloadStatus, Scaling},
    error::is_absent,
};

/// How often a workload is looked at.
const LOOK: Duration = Duration::from_secs(10);
/// How often one that waits for something.
const SOON: Duration = Duration::from_secs(2);
/// Numbers alone are written no more often.
const QUIET: Duration = Duration::from_mins(1);

/// The annotation by which an object says what it was made from.
const APPLIED: &str = "aforo.io/applied";

/// What a child is remembered as that is not there.
const GONE: &str = "gone";

/// Looks after a workload.
pub async fn reconcile(workload: Arc<PortWorkload>, ctx: Arc<Context>) -> Result<Again, OperatorError> {
    ctx.lease.token()?;
    let name = workload.name_any();
    if workload.metadata.deletion_timestamp.is_some() {
        return pool::release(&workload, &ctx).await;
    }
    let spec = &workload.spec;
    let before = workload.status.clone().unwrap_or_default();
    let deployment = deployment_of(&name, spec, &ctx);
    let sight = ctx.ports.look(&ctx).await?;
    let found = sight.deployments.get(&deployment);
    let mut gaps = Vec::new();
    // A pool that the chart made is scaled; one that nobody made is made here.
    let own = spec.pool == Pool::Dedicated && found.is_none_or(pool::is_ours);
    let shard = if own {
        let standing = pool::provide(&workload, &deployment, spec.min_replicas, &sight, &ctx).await?;
        gaps.extend(standing.waits);
        standing.shard
    } else {
        found.and_then(shard_of).unwrap_or(0)
    };
    let now = ctx.real_now();
    let figure = figure(shard, &before, now, &sight);
    let replicas = found.and_then(|found| found.spec.as_ref()?.replicas).unwrap_or(0);
    let want = wanted_of_all(&workload, &deployment, &figure, (replicas, before.desired), now, &ctx);
    let mode = ctx.settings.scaling.mode;
    if found.is_none() {
        if spec.pool == Pool::Shared {
            gaps.push(format!("Deployment {deployment} does not exist; is scoring installed here?"));
        }
    } else {
        scale(&workload, &name, &deployment, shard, &want, replicas, mode, &ctx).await?;
    }
    let status = shown(&workload, &before, (&deployment, shard), (found, &want, &figure), &gaps, &ctx);
    let material = status.desired != before.desired
        || status.current != before.current
        || status.reason != before.reason
        || status.observed_generation != before.observed_generation
        || status.deployment != before.deployment;
    if material || (status != before && ctx.quiet_for(&key(&name), QUIET)) {
        let patch = json!({"apiVersion": "aforo.io/v1alpha1", "kind": "PortWorkload", "status": status});
        let api: Api<PortWorkload> = Api::namespaced(ctx.kube.clone(), &ctx.namespace);
        ctx.lease.token()?;
        api.patch_status(&name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(patch)).await?;
        ctx.wrote("PortWorkload", &key(&name));
    }
    Ok(Again::requeue(if gaps.is_empty() { LOOK } else { SOON }))
}

fn key(name: &str) -> String {
    format!("PortWorkload/{name}")
}

fn deployment_of(name: &str, spec: &PortWorkloadSpec, ctx: &Context) -> String {
    let shared = &ctx.settings.scaling.deployment;
    match spec.pool {
        Pool::Shared => shared.clone(),
        Pool::Dedicated => format!("{shared}-{name}"),
    }
}

/// The shard that a Deployment scores, as its environment says.
fn shard_of(deployment: &Deployment) -> Option<u16> {
    let pod = deployment.spec.as_ref()?.template.spec.as_ref()?;
    let environment = pod.containers.iter().flat_map(|container| container.env.iter().flatten());
    let named = environment.into_iter().find(|variable| variable.name == "AFORO_SETTING_SCORING__SHARD")?;
    named.value.as_deref()?.parse().ok()
}

/// Declarations without a channel in the shard: everything in its stream, for what is done is deleted from it.
fn figure(shard: u16, before: &PortWorkloadStatus, now: Timestamp, sight: &Sight) -> Figure {
    if let Some(depths) = &sight.depths {
        let depth = depths.get(&format!("scoring/{shard}")).copied().unwrap_or_default();
        return Figure { backlog: Some(depth), taken: Some(now) };
    }
    // The age grows from what was last known.
    let age = before.backlog_age_seconds.unwrap_or_default() + LOOK.as_secs();
    Figure { backlog: None, taken: now.saturating_sub(jiff::SignedDuration::from_secs(age as i64)).ok() }
}

/// How many scorers there are to be. Those that offices share are as many as the one of them wants that wants most.
fn wanted_of_all(
    workload: &PortWorkload,
    deployment: &str,
    figure: &Figure,
    (replicas, desired): (i32, i32),
    now: Timestamp,
    ctx: &Context,
) -> Wanted {
    let others = if workload.spec.pool == Pool::Shared { ctx.ports.workloads() } else { Vec::new() };
    let sharing = others.iter().map(|other| &other.spec).filter(|spec| spec.pool == Pool::Shared);
    let specs: Vec<&PortWorkloadSpec> = std::iter::once(&workload.spec).chain(sharing).collect();
    let busy = replicas == 0 || specs.iter().any(|spec| needed(spec, figure).is_none_or(|needed| needed >= replicas));
    let cooldown = Duration::from_secs(ctx.settings.scaling.cooldown_seconds.into());
    let rested = ctx.ports.rested(deployment, busy, cooldown, ctx.clock.instant());
    let held = Held { replicas, desired, rested };
    let own = wanted(&workload.spec, figure, held, now);
    let most = specs.into_iter().map(|spec| wanted(spec, figure, held, now)).max_by_key(|want| want.replicas);
    match most {
        Some(most) if most.replicas > own.replicas => Wanted { reason: "SharedPool", ..most },
        _ => own,
    }
}

#[expect(clippy::too_many_arguments, reason = "what is scaled, to what, and by whom")]
async fn scale(
    workload: &PortWorkload,
    name: &str,
    deployment: &str,
    shard: u16,
    want: &Wanted,
    held: i32,
    mode: Scaling,
    ctx: &Context,
) -> Result<(), OperatorError> {
    let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": deployment});
    let child = |api_version: &str, kind: &str, spec: Value| {
        json!({
            "apiVersion": api_version, "kind": kind,
            "metadata": {
                "name": format!("port-{name}"), "labels": {"app.kubernetes.io/managed-by": MANAGER},
                "ownerReferences": [workload.controller_owner_ref(&())],
            },
            "spec": spec,
        })
    };
    let (hpa, keda) = (gvk("autoscaling", "v2", "HorizontalPodAutoscaler"), gvk("keda.sh", "v1alpha1", "ScaledObject"));
    match mode {
        Scaling::None => Ok(()),
        Scaling::Operator => {
            if want.replicas == held {
                return Ok(());
            }
            let api: Api<Deployment> = Api::namespaced(ctx.kube.clone(), &ctx.namespace);
            let patch = json!({"spec": {"replicas": want.replicas}});
            ctx.lease.token()?;
            api.patch_scale(deployment, &PatchParams::default(), &Patch::Merge(patch)).await?;
            ctx.metrics.wrote("Deployment");
            ctx.ports.changed(deployment, ctx.clock.instant());
            ctx.ports.forget().await;
            tracing::info!(deployment, from = held, to = want.replicas, reason = want.reason, "scaled");
            Ok(())
        }
        Scaling::Hpa => {
            let spec = json!({
                "scaleTargetRef": target, "minReplicas": want.least.max(1), "maxReplicas": workload.spec.max_replicas,
                "metrics": [{"type": "Resource", "resource":
                    {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}],
                "behavior": {"scaleDown": {"stabilizationWindowSeconds": ctx.settings.scaling.cooldown_seconds}},
            });
            apply(&hpa, name, child("autoscaling/v2", "HorizontalPodAutoscaler", spec), ctx).await?;
            remove(&keda, name, ctx).await
        }
        Scaling::Keda => {
            let settings = &ctx.settings.scaling;
            let mut trigger = json!({
                "type": "redis-streams",
                "metadata": {
                    "address": settings.redis_address, "databaseIndex": "0", "activationStreamLength": "0",
                    "stream": format!("{{{}}}:1:stream:scoring/{shard}", settings.redis_prefix),
                    "streamLength": workload.spec.target.backlog_per_replica.to_string(),
                },
            });
            if !settings.redis_authentication.is_empty() {
                trigger["authenticationRef"] = json!({"name": settings.redis_authentication});
            }
            let spec = json!({
                "scaleTargetRef": {"name": deployment}, "minReplicaCount": want.least.max(1),
                "maxReplicaCount": workload.spec.max_replicas, "cooldownPeriod": settings.cooldown_seconds,
                "pollingInterval": 5, "triggers": [trigger],
                "fallback": {"failureThreshold": 3, "replicas":
                    workload.spec.fallback_replicas.unwrap_or(workload.spec.min_replicas).max(1)},
            });
            apply(&keda, name, child("keda.sh/v1alpha1", "ScaledObject", spec), ctx).await?;
            remove(&hpa, name, ctx).await
        }
    }
}

fn gvk(group: &str, version: &str, kind: &str) -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind))
}

/// By what an object is known that is applied.
fn print_of(object: &Value) -> String {
    blake3::hash(object.to_string().as_bytes()).to_hex()[..32].to_owned()
}

fn children(kind: &ApiResource, ctx: &Context) -> Api<DynamicObject> {
    Api::namespaced_with(ctx.kube.clone(), &ctx.namespace, kind)
}

/// Applies a child, unless it is already what it is to be: an apply that changes nothing is a write all the same.
async fn apply(kind: &ApiResource, name: &str, object: Value, ctx: &Context) -> Result<(), OperatorError> {
    let api = children(kind, ctx);
    let child = format!("port-{name}");
    let wanted = print_of(&object);
    let key = format!("{}/{child}", kind.kind);
    if ctx.ports.settled(&key, &wanted, ctx.clock.instant()) {
        return Ok(());
    }
    let held = api.get_opt(&child).await?;
    if held.is_some_and(|held| held.annotations().get(APPLIED) == Some(&wanted)) {
        ctx.ports.settle(&key, &wanted, ctx.clock.instant());
        return Ok(());
    }
    let mut object = object;
    object["metadata"]["annotations"] = json!({APPLIED: wanted});
    ctx.lease.token()?;
    api.patch(&child, &PatchParams::apply(MANAGER).force(), &Patch::Apply(object)).await?;
    ctx.ports.settle(&key, &wanted, ctx.clock.instant());
    ctx.metrics.wrote(&kind.kind);
    Ok(())
}

/// Removes the child of another mode. A cluster that does not know its kind has none.
async fn remove(kind: &ApiResource, name: &str, ctx: &Context) -> Result<(), OperatorError> {
    let (api, child) = (children(kind, ctx), format!("port-{name}"));
    let key = format!("{}/{child}", kind.kind);
    if ctx.ports.settled(&key, GONE, ctx.clock.instant()) {
        return Ok(());
    }
    match api.get_opt(&child).await {
        Ok(None) => {}
        Err(error) if is_absent(&error) => {}
        Err(error) => return Err(error.into()),
        Ok(Some(_)) => {
            ctx.lease.token()?;
            api.delete(&child, &DeleteParams::default()).await?;
            ctx.metrics.wrote(&kind.kind);
        }
    }
    ctx.ports.settle(&key, GONE, ctx.clock.instant());
    Ok(())
}

fn shown(
    workload: &PortWorkload,
    before: &PortWorkloadStatus,
    (deployment, shard): (&str, u16),
    (found, want, figure): (Option<&Deployment>, &Wanted, &Figure),
    gaps: &[String],
    ctx: &Context,
) -> PortWorkloadStatus {
    let now = ctx.real_now();
    let current = found.and_then(|found| found.status.as_ref()?.ready_replicas).unwrap_or(0);
    let generation = workload.metadata.generation.unwrap_or_default();
    let age = figure.taken.map(|taken| now.duration_since(taken).as_secs().max(0) as u64);
    let known = if figure.backlog.is_some() { "Measured" } else { "FigureMissing" };
    let says = vec![
        Says::new("Scalable", Some(gaps.is_empty()), if gaps.is_empty() { "Found" } else { "NotYet" }, gaps.join("; ")),
        Says::new("FigureKnown", Some(figure.backlog.is_some()), known, ""),
        Says::new("AsDesired", Some(current == want.replicas), want.reason, ""),
    ];
    PortWorkloadStatus {
        observed_generation: generation,
        deployment: deployment.to_owned(),
        shard: shard.to_string(),
        current,
        desired: want.replicas,
        reason: if gaps.is_empty() { want.reason.to_owned() } else { "NotYet".to_owned() },
        backlog: figure.backlog.or(before.backlog),
        backlog_age_seconds: age,
        channel_ms: before.channel_ms,
        conditions: conditions(&before.conditions, says, generation, now),
    }
}
