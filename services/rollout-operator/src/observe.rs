//! What is seen of a rollout: the routing, who decides, the evidence, the version, what people said. What cannot be had is
//! absent, and its absence told.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use kube::{
    Api, ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use rollout::{Approval, Counts, Observed, Phase, Report, Routing, Spec, Status, measure::measure};
use serde_json::json;

use crate::{
    OperatorError,
    context::{Context, MANAGER, within},
    crd::{ModelRollout, ModelVersion, RolloutApproval},
    version::told,
};

/// What was seen, and what could not be.
pub struct Seen {
    /// What was seen.
    pub observed: Observed,
    /// What could not be, in words.
    pub gaps: Vec<String>,
}

/// Looks at everything that bears on the rollout `name`.
pub async fn observe(name: &str, spec: &Spec, status: &Status, ctx: &Context, now: Timestamp) -> Seen {
    let mut seen = Seen { observed: Observed::default(), gaps: Vec::new() };
    let (table, bytes, said, beside) = tokio::join!(
        routing(spec, name, ctx),
        version(spec, ctx),
        approvals(name, ctx, now),
        others(name, spec, status.phase, ctx)
    );
    match table {
        Ok(routing) => seen.observed.routing = Some(routing),
        Err(error) => seen.gaps.push(format!("routing: {}", told(&error))),
    }
    match bytes {
        Ok((artefact, features)) => (seen.observed.artefact_ready, seen.observed.features_ready) = (artefact, features),
        Err(error) => seen.gaps.push(format!("ModelVersion: {}", told(&error))),
    }
    match said {
        Ok(approvals) => seen.observed.approvals = approvals,
        Err(error) => seen.gaps.push(format!("approvals: {}", told(&error))),
    }
    match beside {
        Ok((active, by)) => (seen.observed.other_active, seen.observed.superseded_by) = (active, by),
        Err(error) => seen.gaps.push(format!("rollouts: {}", told(&error))),
    }
    if status.phase.is_active() {
        match within("scoring", async { ctx.peers.scoring().scorers().await }).await {
            Ok(scorers) => seen.observed.scorers = scorers,
            Err(error) => seen.gaps.push(format!("scorers: {}", told(&error))),
        }
        evidence(name, spec, status, ctx, &mut seen).await;
    }
    seen
}

/// The routing, as far as it concerns a rollout.
pub async fn routing(spec: &Spec, name: &str, ctx: &Context) -> Result<Routing, OperatorError> {
    within("model-management", async { ctx.peers.model_management().trial(name, &spec.direction).await }).await
}

async fn version(spec: &Spec, ctx: &Context) -> Result<(Option<bool>, Option<bool>), OperatorError> {
    let api: Api<ModelVersion> = Api::namespaced(ctx.kube.clone(), &ctx.namespace);
    let Some(version) = api.get_opt(&spec.candidate.name).await? else { return Ok((Some(false), None)) };
    if version.spec.artefact.digest != spec.candidate.digest {
        return Ok((Some(false), None));
    }
    let status = version.status.unwrap_or_default();
    let both = match (status.verified, status.loadable) {
        (Some(verified), Some(loadable)) => Some(verified && loadable),
        (Some(false), _) | (_, Some(false)) => Some(false),
        _ => None,
    };
    Ok((both, status.features_served))
}

/// What people said. The API server has vouched for who they are; when they said it is when it created the object, told in
/// domain time as far back as the real clock says. A word counts when it is in the audit trail.
async fn approvals(name: &str, ctx: &Context, now: Timestamp) -> Result<Vec<Approval>, OperatorError> {
    let api: Api<RolloutApproval> = Api::namespaced(ctx.kube.clone(), &ctx.namespace);
    let real_now = ctx.real_now();
    let mut said = Vec::new();
    for approval in api.list(&ListParams::default()).await?.items {
        if approval.spec.rollout != name {
            continue;
        }
        let heard = heard(&approval, real_now, now);
        if !approval.status.is_some_and(|status| status.recorded) {
            record(&api, &approval, &heard, ctx).await?;
        }
        said.push(heard);
    }
    Ok(said)
}

fn heard(approval: &RolloutApproval, real_now: Timestamp, now: Timestamp) -> Approval {
    let created = approval.metadata.creation_timestamp.as_ref().map_or(real_now, |time| time.0);
    let age = real_now.duration_since(created).max(SignedDuration::ZERO);
    let at = now.saturating_sub(age).unwrap_or(now);
    let valid = SignedDuration::from_secs(approval.spec.valid_seconds as i64);
    Approval {
        approver: approval.spec.approver.clone(),
        decision: approval.spec.decision,
        purpose: approval.spec.purpose,
        step: approval.spec.step,
        run: approval.spec.run,
        at,
        expires_at: at.saturating_add(valid).unwrap_or(Timestamp::MAX),
        reason: approval.spec.reason.clone(),
    }
}

/// Puts a word into the audit trail, and then says so in its status, which only the operator writes.
async fn record(
    api: &Api<RolloutApproval>,
    approval: &RolloutApproval,
    heard: &Approval,
    ctx: &Context,
) -> Result<(), OperatorError> {
    let name = approval.name_any();
    let client = ctx.peers.model_management_for(&heard.approver);
    let id = approval.uid().unwrap_or_default();
    within("model-management", async { client.record_approval(&approval.spec.rollout, &id, heard).await }).await?;
    ctx.lease.token()?;
    let status = json!({"apiVersion": "aforo.io/v1alpha1", "kind": "RolloutApproval", "status": {"recorded": true}});
    api.patch_status(&name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(status)).await?;
    ctx.metrics.wrote("RolloutApproval");
    Ok(())
}

/// Another rollout in an overlapping scope: one that has begun, and one that takes this one's place. Whether one may begin is
/// asked of the API server; one that has begun goes by what was last heard, for there may be many, each with its history.
async fn others(
    name: &str,
    spec: &Spec,
    phase: Phase,
    ctx: &Context,
) -> Result<(Option<String>, Option<String>), OperatorError> {
    let others = if let Some(heard) = ctx.rollouts.get().filter(|_| phase != Phase::Pending) {
        heard.state()
    } else {
        let api: Api<ModelRollout> = Api::namespaced(ctx.kube.clone(), &ctx.namespace);
        api.list(&ListParams::default()).await?.items.into_iter().map(Arc::new).collect()
    };
    let (mut active, mut displaced_by) = (None, None);
    for other in others {
        let other_name = other.name_any();
        if other_name == name || !other.spec.rollout.overlaps(spec) {
            continue;
        }
        let phase = other.status.as_ref().map_or(Phase::Pending, |status| status.state.phase);
        if phase.is_active() {
            active = Some(other_name);
        } else if phase == Phase::Pending && other.spec.rollout.concurrency == rollout::Concurrency::Supersede {
            displaced_by = Some(other_name);
        }
    }
    Ok((active, displaced_by))
}

async fn evidence(name: &str, spec: &Spec, status: &Status, ctx: &Context, seen: &mut Seen) {
    let report = async |from: Timestamp| {
        let client = ctx.peers.monitoring();
        let call = async { client.rollout_report(name, &from.to_string(), &spec.outcome).await };
        within("performance-monitoring", call).await
    };
    let Some(started) = status.started_at else { return };
    match report(started).await {
        Ok(report) => seen.observed.measurements = measure(&report, &spec.outcome),
        Err(error) => return seen.gaps.push(format!("evidence: {}", told(&error))),
    }
    let Some(since) = status.step_since else { return };
    match report(since).await {
        Ok(report) => seen.observed.counts = Some(counts(&report)),
        Err(error) => seen.gaps.push(format!("counts: {}", told(&error))),
    }
}

fn counts(report: &Report) -> Counts {
    Counts {
        declarations: report.candidate.declarations + report.champion.declarations,
        examinations: report.examinations,
        matured_labels: report.matured_labels,
    }
}
