//! Looking after a `ModelRollout`: observe, plan, write the status with the intent, and only then the routing.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use kube::{
    Api, Resource, ResourceExt,
    api::{DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, PostParams},
    runtime::controller::Action as Again,
};
use rollout::{Action, Phase, Plan, Routing, Spec, Stage, Target, plan};
use serde_json::json;

use crate::{
    OperatorError,
    context::{Context, MANAGER, within},
    crd::{GateEvaluation, GateEvaluationSpec, GatePolicy, LetThroughList, ModelRollout, ModelRolloutStatus},
    metrics::ByRollout,
    observe, show,
    version::told,
};

/// Keeps a rollout until its candidate is out of the routing.
const FINALIZER: &str = "aforo.io/routing";
/// The label by which the records of a rollout are found.
const LABEL: &str = "aforo.io/rollout";
/// Numbers alone are written no more often.
const QUIET: Duration = Duration::from_mins(1);
/// How often one change of the routing is tried in a row, when other rollouts change it meanwhile.
const TRIES: usize = 8;
/// How often a rollout that waits is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Looks after a rollout.
pub async fn reconcile(seen: Arc<ModelRollout>, ctx: Arc<Context>) -> Result<Again, OperatorError> {
    ctx.lease.token()?;
    let name = seen.name_any();
    // What is decided on must be what is stored: the watch may be behind our own last write.
    let Some(rollout) = api(&ctx).get_opt(&name).await? else {
        ctx.forget(&key(&name));
        return Ok(Again::await_change());
    };
    if rollout.metadata.deletion_timestamp.is_some() {
        return release(&rollout, &name, &ctx).await;
    }
    if !rollout.finalizers().iter().any(|held| held == FINALIZER) {
        let patch = json!({
            "apiVersion": "aforo.io/v1alpha1", "kind": "ModelRollout", "metadata": {"finalizers": [FINALIZER]},
        });
        api(&ctx).patch(&name, &PatchParams::apply(MANAGER), &Patch::Apply(patch)).await?;
        ctx.metrics.wrote("ModelRollout");
        return Ok(Again::requeue(Duration::from_millis(10)));
    }
    let before = rollout.status.clone().unwrap_or_default();
    let now = domain_now(&ctx).await?;
    let (spec, missing) = specified(&rollout, &before, &ctx).await?;
    let mut seen = observe::observe(&name, &spec, &before.state, &ctx, now).await;
    seen.gaps.extend(missing);
    if !seen.gaps.is_empty() && before.state.phase == Phase::Pending && rollout.spec.gate_policy.is_some() {
        // Nothing begins without the gates that it is to be held to.
        let policy_missing = seen.gaps.iter().any(|gap| gap.starts_with("GatePolicy"));
        if policy_missing {
            seen.observed.artefact_ready = None;
        }
    }
    let plan = plan(&name, &spec, &before.state, &seen.observed, now);
    let generation = rollout.metadata.generation.unwrap_or_default();
    let (mut after, material) =
        show::status(&before, &spec, &plan, &seen.observed, &seen.gaps, generation, ctx.real_now());
    let listed = list_let_through(&name, &mut after, &ctx).await;
    if material || listed || (after != before && ctx.quiet_for(&key(&name), QUIET)) {
        write_status(&rollout, &name, &after, &ctx).await?;
    }
    for event in plan.changes.iter().filter_map(show::event) {
        if let Err(error) = ctx.recorder.publish(&event, &rollout.object_ref(&())).await {
            tracing::warn!(rollout = name, %error, "an event is not published");
        }
    }
    act(&rollout, &name, &spec, &plan, seen.observed.routing.as_ref(), &ctx).await?;
    ctx.metrics.epoch.get_or_create(&ByRollout { rollout: name.clone() }).set(after.epoch as i64);
    let seconds = ctx.clock.unix_ms() / 1_000;
    ctx.metrics.last_success.get_or_create(&ByRollout { rollout: name }).set(seconds);
    Ok(match plan.again_seconds {
        _ if plan.status.phase.is_over() => Again::requeue(Duration::from_mins(5)),
        0 => Again::requeue(Duration::from_millis(50)),
        1 => Again::requeue(Duration::from_millis(500)),
        _ => Again::requeue(LOOK),
    })
}

fn api(ctx: &Context) -> Api<ModelRollout> {
    Api::namespaced(ctx.kube.clone(), &ctx.namespace)
}

fn key(name: &str) -> String {
    format!("ModelRollout/{name}")
}

/// The domain clock is model-management's: all services have the same.
async fn domain_now(ctx: &Context) -> Result<Timestamp, OperatorError> {
    within("model-management", async { ctx.peers.model_management().clock().await }).await
}

/// What is asked for, with the gates of its policy, and what of that is missing.
async fn specified(
    rollout: &ModelRollout,
    before: &ModelRolloutStatus,
    ctx: &Context,
) -> Result<(Spec, Option<String>), OperatorError> {
    let mut spec = rollout.spec.rollout.clone();
    if before.state.phase != Phase::Pending {
        // The gates of when it started hold.
        return Ok((spec, None));
    }
    let Some(policy) = &rollout.spec.gate_policy else { return Ok((spec, None)) };
    let api: Api<GatePolicy> = Api::namespaced(ctx.kube.clone(), &ctx.namespace);
    match api.get_opt(policy).await? {
        Some(policy) => {
            let own: Vec<String> = spec.gates.iter().map(|gate| gate.name.clone()).collect();
            spec.gates.extend(policy.spec.gates.into_iter().filter(|gate| !own.contains(&gate.name)));
            Ok((spec, None))
        }
        None => Ok((spec, Some(format!("GatePolicy {policy} does not exist in this namespace")))),
    }
}

/// Writes the status, unless somebody else has written since it was read.
async fn write_status(
    rollout: &ModelRollout,
    name: &str,
    status: &ModelRolloutStatus,
    ctx: &Context,
) -> Result<(), OperatorError> {
    let patch = json!({
        "apiVersion": "aforo.io/v1alpha1", "kind": "ModelRollout",
        "metadata": {"resourceVersion": rollout.metadata.resource_version}, "status": status,
    });
    ctx.lease.token()?;
    api(ctx).patch_status(name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(patch)).await?;
    ctx.wrote("ModelRollout", &key(name));
    Ok(())
}

async fn act(
    rollout: &ModelRollout,
    name: &str,
    spec: &Spec,
    plan: &Plan,
    seen: Option<&Routing>,
    ctx: &Context,
) -> Result<(), OperatorError> {
    for action in &plan.actions {
        match (action, seen) {
            (Action::Route { target, number, .. }, Some(seen)) => {
                let assignment = plan.status.assignment.clone().unwrap_or_default();
                reroute(name, spec, (target, *number), &assignment, seen, ctx).await?;
            }
            (Action::RecordGates(gates), _) if !gates.is_empty() => record(rollout, name, plan, ctx).await?,
            // Who takes whose place is seen from the resources; the list is made from the status.
            (Action::Route { .. } | Action::RecordGates(_) | Action::Supersede { .. } | Action::ListLetThrough, _) => {}
        }
    }
    Ok(())
}

/// Changes the routing from what was `seen`. The table has one epoch for all rollouts: where only that has moved, what was
/// decided holds; where more has, the next look decides anew.
async fn reroute(
    name: &str,
    spec: &Spec,
    intent: (&Target, u64),
    assignment: &rollout::Assignment,
    seen: &Routing,
    ctx: &Context,
) -> Result<(), OperatorError> {
    let mut epoch = seen.epoch;
    for _ in 0..TRIES {
        if route(name, spec, intent, assignment, epoch, ctx).await? {
            return Ok(());
        }
        let now = observe::routing(spec, name, ctx).await?;
        if now.champion != seen.champion || now.trial != seen.trial {
            return Ok(());
        }
        epoch = now.epoch;
    }
    Ok(())
}

/// Changes the routing if its epoch is still this one, unless a later intent was written; tells whether it was that epoch.
async fn route(
    name: &str,
    spec: &Spec,
    (target, number): (&Target, u64),
    assignment: &rollout::Assignment,
    expected_epoch: u64,
    ctx: &Context,
) -> Result<bool, OperatorError> {
    let token = ctx.lease.token()?;
    let intent = json!({
        "driver": "operator", "token": token, "expectedEpoch": expected_epoch, "number": number, "direction": spec.direction,
        "candidateDigest": spec.candidate.digest, "target": target, "scope": spec.scope, "assignment": assignment,
    });
    let written =
        within("model-management", async { ctx.peers.model_management().route_trial(name, &intent).await }).await;
    match written {
        Ok(epoch) => {
            tracing::info!(rollout = name, epoch = epoch.epoch, stage = ?target.stage, weight = target.weight, "routed");
            Ok(true)
        }
        Err(OperatorError::Client(error)) if error.code() == Some("routing-moved") => Ok(false),
        // Decided on later, by whoever has the status now: nothing is left to write.
        Err(OperatorError::Client(error)) if error.code() == Some("intent-overtaken") => Ok(true),
        Err(OperatorError::Client(error)) if error.code() == Some("rollout-deposed") => {
            ctx.shutdown.trigger();
            Err(OperatorError::Deposed)
        }
        Err(error) => Err(error),
    }
}

/// Keeps where the gates stand after a decision, once, and no more records than asked for: the latest.
async fn record(rollout: &ModelRollout, name: &str, plan: &Plan, ctx: &Context) -> Result<(), OperatorError> {
    let api: Api<GateEvaluation> = Api::namespaced(ctx.kube.clone(), &ctx.namespace);
    let Some(at) = plan.changes.first().map(|dated| dated.at) else { return Ok(()) };
    let spec = GateEvaluationSpec {
        rollout: name.to_owned(),
        run: plan.status.run,
        step: plan.status.step,
        phase: plan.status.phase.as_str().to_owned(),
        at: at.to_string(),
        gates: plan.gates.clone(),
    };
    // Two decisions may fall on one moment of domain time.
    let content = blake3::hash(&serde_json::to_vec(&spec).unwrap_or_default()).to_hex();
    let short: String = name.chars().take(200).collect();
    let record_name = format!("{short}-{}-{}-{}", spec.run, at.as_millisecond(), &content[..8]);
    let mut evaluation = GateEvaluation::new(&record_name, spec);
    evaluation.metadata = ObjectMeta {
        labels: Some([(LABEL.to_owned(), label(name))].into()),
        owner_references: rollout.controller_owner_ref(&()).map(|owner| vec![owner]),
        ..evaluation.metadata
    };
    ctx.lease.token()?;
    match api.create(&PostParams::default(), &evaluation).await {
        Ok(_) => ctx.metrics.wrote("GateEvaluation"),
        Err(kube::Error::Api(status)) if status.is_already_exists() => {}
        Err(error) => return Err(error.into()),
    }
    let mut kept = api.list(&ListParams::default().labels(&format!("{LABEL}={}", label(name)))).await?.items;
    let limit = rollout.spec.history_limit.max(1) as usize;
    if kept.len() > limit {
        // The API server dates by whole seconds.
        kept.sort_by_cached_key(|one| {
            let created = one.metadata.creation_timestamp.as_ref().map(|time| time.0);
            (created, one.spec.run, one.spec.at.parse::<Timestamp>().ok(), one.spec.step)
        });
        for old in &kept[..kept.len() - limit] {
            if let Err(error) = api.delete(&old.name_any(), &DeleteParams::default()).await {
                tracing::warn!(rollout = name, %error, "an old record is not deleted");
            }
        }
    }
    Ok(())
}

/// A label has at most 63 characters.
fn label(name: &str) -> String {
    if name.len() <= 63 { name.to_owned() } else { blake3::hash(name.as_bytes()).to_hex()[..32].to_owned() }
}

/// Makes the list of what a candidate let through that went back; tells whether it did.
async fn list_let_through(name: &str, status: &mut ModelRolloutStatus, ctx: &Context) -> bool {
    let back = matches!(status.phase, Phase::RollingBack | Phase::RolledBack | Phase::Aborted);
    let decided = status
        .history
        .iter()
        .any(|dated| matches!(&dated.change, rollout::Change::Intended { target, .. } if target.weight > 0));
    if !back || !decided || status.let_through.is_some() {
        return false;
    }
    let from = status.state.started_at.map(|at| at.to_string()).unwrap_or_default();
    let call = async { ctx.peers.monitoring().rollout_let_through(name, &from).await };
    match within("performance-monitoring", call).await {
        Ok(list) => {
            status.let_through = Some(LetThroughList {
                declarations: list.len() as u32,
                first: list.iter().take(20).map(|one| one.declaration.clone()).collect(),
                path: format!("/v1/reports/rollouts/{name}/let-through?from={from}"),
            });
            true
        }
        Err(error) => {
            tracing::warn!(rollout = name, error = told(&error), "what was let through is not known yet");
            false
        }
    }
}

/// Gives the champion everything before the rollout goes; after a while it goes anyway.
async fn release(rollout: &ModelRollout, name: &str, ctx: &Context) -> Result<Again, OperatorError> {
    if !rollout.finalizers().iter().any(|held| held == FINALIZER) {
        return Ok(Again::await_change());
    }
    let status = rollout.status.clone().unwrap_or_default();
    let deleted = rollout.metadata.deletion_timestamp.as_ref().map_or(Timestamp::UNIX_EPOCH, |time| time.0);
    let waited = ctx.real_now().duration_since(deleted).as_secs().max(0) as u64;
    let done = if status.state.phase.is_active() {
        match withdraw(name, &rollout.spec.rollout, &status, ctx).await {
            Ok(done) => done,
            Err(OperatorError::Deposed) => return Err(OperatorError::Deposed),
            Err(error) => {
                tracing::warn!(rollout = name, error = told(&error), "the candidate is not withdrawn yet");
                false
            }
        }
    } else {
        true
    };
    if !done && waited < ctx.settings.finalizer_seconds {
        return Ok(Again::requeue(Duration::from_secs(1)));
    }
    if !done {
        tracing::error!(rollout = name, waited, "the rollout goes although its candidate may still be in the routing");
    }
    let left: Vec<&String> = rollout.finalizers().iter().filter(|held| *held != FINALIZER).collect();
    let patch = json!({"metadata": {"finalizers": left, "resourceVersion": rollout.metadata.resource_version}});
    ctx.lease.token()?;
    api(ctx).patch(name, &PatchParams::default(), &Patch::Merge(patch)).await?;
    ctx.forget(&key(name));
    Ok(Again::await_change())
}

/// Takes the candidate out; tells whether every scorer serves that.
async fn withdraw(name: &str, spec: &Spec, status: &ModelRolloutStatus, ctx: &Context) -> Result<bool, OperatorError> {
    let now = domain_now(ctx).await?;
    let seen = observe::observe(name, spec, &status.state, ctx, now).await;
    let Some(routing) = seen.observed.routing else { return Ok(false) };
    // Also when it is not there: what was asked for before may still be on its way.
    if routing.trial.is_some() || routing.written <= status.state.intended {
        let assignment = status.state.assignment.clone().unwrap_or_default();
        // One that is champion already stays so: deleting the record of a promotion undoes nothing.
        let stage = if status.state.phase == Phase::Promoted { Stage::Settled } else { Stage::Withdrawn };
        let target = Target { stage, ..Target::withdrawn() };
        route(name, spec, (&target, status.state.next_intent(Some(&routing))), &assignment, routing.epoch, ctx).await?;
        return Ok(false);
    }
    let scorers = &seen.observed.scorers;
    Ok(!scorers.is_empty() && scorers.iter().all(|scorer| scorer.epoch >= routing.epoch))
}
