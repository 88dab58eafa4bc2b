//! Rollouts: asking for one, following it, and what people say to it.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use jiff::Timestamp;
use rest::{Authorized, Body, PathParams, Problem, ReadProblems, WriteProblems};
use rollout::{Approval, Dated, Emergency, GateStatus, Spec, Status};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::{
        App,
        rollouts::{NewApproval, NewRollout},
    },
    store::rollouts::Kept,
};

rest::roles!(pub Managers = ModelManager);
rest::roles!(pub Approvers = ModelManager | Approver);
rest::roles!(pub Readers = ModelManager | Approver | DataScientist | Analyst | Auditor | Service);

/// A rollout.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RolloutView {
    /// Its name.
    pub name: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// What was asked for.
    pub spec: Spec,
    /// Where it stands.
    pub status: Status,
    /// Where its gates stand.
    pub gates: Vec<GateStatus>,
    /// What it waits for, one stable word; empty when it does not wait.
    pub waiting: String,
    /// The same in words.
    pub message: String,
}

/// A rollout with its history.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RolloutDetail {
    /// The rollout.
    #[serde(flatten)]
    pub rollout: RolloutView,
    /// What was decided, oldest first.
    pub history: Vec<Dated>,
    /// What people said, oldest first.
    pub approvals: Vec<Approval>,
}

impl From<Kept> for RolloutView {
    fn from(kept: Kept) -> Self {
        Self {
            name: kept.name,
            created_at: kept.created_at,
            spec: kept.spec,
            status: kept.status,
            gates: kept.gates,
            waiting: kept.waiting,
            message: kept.message,
        }
    }
}

/// Why.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"reason": "the vendor withdrew the model"}))]
pub struct Why {
    /// In words.
    pub reason: String,
}

/// Whether it stands still.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"suspend": true}))]
pub struct Suspension {
    /// Whether it stands still.
    pub suspend: bool,
}

/// That it is tried again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"nonce": "2"}))]
pub struct Retry {
    /// Anything that was not named before.
    pub nonce: String,
}

fn example() -> serde_json::Value {
    serde_json::json!({
        "name": "boosted-7", "createdAt": "2026-03-02T17:00:00Z",
        "spec": {"candidate": {"name": "019b0000-0000-7000-8000-000000000001", "digest": "5f1c…"},
            "steps": [{"kind": "shadow"}, {"kind": "canary", "weightPercent": 10.0}, {"kind": "promote"}]},
        "status": {"phase": "progressing", "run": 0, "step": 1, "epoch": 12,
            "served": {"stage": "canary", "weight": 1000}},
        "gates": [], "waiting": "WaitingForEvidence", "message": "120 of 2000 declarations"
    })
}

fn example_of_detail() -> serde_json::Value {
    let mut detail = example();
    detail["history"] = serde_json::json!([]);
    detail["approvals"] = serde_json::json!([{
        "approver": "chief-of-risk", "decision": "approve", "purpose": "step", "step": 1, "run": 0,
        "at": "2026-03-09T14:00:00Z", "expiresAt": "2026-03-16T14:00:00Z", "reason": "yield above the champion's"
    }]);
    detail
}

/// Asks for a rollout.
///
/// The candidate goes through the steps, held to the gates, and becomes champion or is withdrawn. The same rollout asked for
/// again changes nothing.
#[utoipa::path(
    operation_id = "rollouts_create",
    request_body(content = NewRollout, description = "The rollout.", example = json!({
        "name": "boosted-7", "direction": "in",
        "candidate": {"name": "019b0000-0000-7000-8000-000000000001", "digest": "5f1c…"},
        "steps": [{"kind": "shadow", "minDeclarations": 2000},
            {"kind": "canary", "weightPercent": 10.0, "minMaturedLabels": 100},
            {"kind": "approval"}, {"kind": "promote"}],
        "gates": [{"name": "harm", "family": "outcome", "fail": {"metric": "outcome.harm", "above": 20.0},
            "pass": {"metric": "outcome.benefit", "above": 20.0}, "requiredFromStep": 1}],
        "requestedBy": ""
    })),
    responses(
        (status = 201, description = "It will begin within seconds.", body = RolloutView, example = json!(example())),
        (status = 200, description = "It was asked for before.", body = RolloutView, example = json!(example())),
        WriteProblems
    ),
    security(("bearer" = ["model-manager"])),
)]
#[post("/v1/rollouts")]
pub async fn create(
    caller: Authorized<Managers>,
    app: Data<App>,
    body: Body<NewRollout>,
) -> Result<HttpResponse, Problem> {
    let (kept, new) = app.request_rollout(&caller, body.0).await?;
    let mut response = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(RolloutView::from(kept)))
}

/// Lists the rollouts, latest first.
#[utoipa::path(
    operation_id = "rollouts_list",
    responses((status = 200, description = "The rollouts.", body = Vec<RolloutView>, example = json!([example()])), ReadProblems),
    security(("bearer" = ["model-manager", "approver", "data-scientist", "analyst", "auditor", "service"])),
)]
#[get("/v1/rollouts")]
pub async fn list(_caller: Authorized<Readers>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let views: Vec<RolloutView> = app.rollouts().await?.into_iter().map(RolloutView::from).collect();
    Ok(HttpResponse::Ok().json(views))
}

/// Shows a rollout with everything that was decided and said.
#[utoipa::path(
    operation_id = "rollouts_read",
    params(("name" = String, Path, description = "The rollout.")),
    responses((status = 200, description = "The rollout.", body = RolloutDetail, example = json!(example_of_detail())), ReadProblems),
    security(("bearer" = ["model-manager", "approver", "data-scientist", "analyst", "auditor", "service"])),
)]
#[get("/v1/rollouts/{name}")]
pub async fn read(
    _caller: Authorized<Readers>,
    app: Data<App>,
    name: PathParams<String>,
) -> Result<HttpResponse, Problem> {
    let rollout = RolloutView::from(app.rollout(&name.0).await?);
    let (history, approvals) = app.rollout_history(&name.0).await?;
    Ok(HttpResponse::Ok().json(RolloutDetail { rollout, history, approvals }))
}

/// Approves or denies the present step of a rollout.
///
/// Nobody approves what they asked for. A denial takes the candidate out.
#[utoipa::path(
    operation_id = "rolloutapprovals_create",
    params(("name" = String, Path, description = "The rollout.")),
    request_body(content = NewApproval, description = "The word."),
    responses((status = 200, description = "The rollout as it stands; what was asked for follows within seconds.", body = RolloutView, example = json!(example())), WriteProblems),
    security(("bearer" = ["model-manager", "approver"])),
)]
#[post("/v1/rollouts/{name}/approvals")]
pub async fn approve(
    caller: Authorized<Approvers>,
    app: Data<App>,
    name: PathParams<String>,
    body: Body<NewApproval>,
) -> Result<HttpResponse, Problem> {
    let kept = app.approve_rollout(&caller, &name.0, body.0).await?;
    Ok(HttpResponse::Ok().json(RolloutView::from(kept)))
}

/// Ends a rollout: the champion decides everything again.
#[utoipa::path(
    operation_id = "rollouts_abort",
    params(("name" = String, Path, description = "The rollout.")),
    request_body(content = Why, description = "Why."),
    responses((status = 200, description = "The rollout as it stands; what was asked for follows within seconds.", body = RolloutView, example = json!(example())), WriteProblems),
    security(("bearer" = ["model-manager"])),
)]
#[post("/v1/rollouts/{name}/abort")]
pub async fn abort(
    caller: Authorized<Managers>,
    app: Data<App>,
    name: PathParams<String>,
    body: Body<Why>,
) -> Result<HttpResponse, Problem> {
    let reason = format!("{} ({})", body.0.reason, caller.subject);
    let kept = app.change_rollout(&name.0, |spec, _| spec.abort = Some(reason)).await?;
    Ok(HttpResponse::Ok().json(RolloutView::from(kept)))
}

/// Begins a rollout again that was rolled back or ended.
#[utoipa::path(
    operation_id = "rollouts_retry",
    params(("name" = String, Path, description = "The rollout.")),
    request_body(content = Retry, description = "That it is tried again."),
    responses((status = 200, description = "The rollout as it stands; what was asked for follows within seconds.", body = RolloutView, example = json!(example())), WriteProblems),
    security(("bearer" = ["model-manager"])),
)]
#[post("/v1/rollouts/{name}/retry")]
pub async fn retry(
    caller: Authorized<Managers>,
    app: Data<App>,
    name: PathParams<String>,
    body: Body<Retry>,
) -> Result<HttpResponse, Problem> {
    tracing::info!(rollout = name.0, by = caller.subject, "retry asked for");
    let kept = app
        .change_rollout(&name.0, |spec, _| {
            spec.abort = None;
            spec.retry_nonce = body.0.nonce;
        })
        .await?;
    Ok(HttpResponse::Ok().json(RolloutView::from(kept)))
}

/// Lets a rollout stand still, or go on. Going back stays possible.
#[utoipa::path(
    operation_id = "rollouts_suspend",
    params(("name" = String, Path, description = "The rollout.")),
    request_body(content = Suspension, description = "Whether it stands still."),
    responses((status = 200, description = "The rollout as it stands; what was asked for follows within seconds.", body = RolloutView, example = json!(example())), WriteProblems),
    security(("bearer" = ["model-manager"])),
)]
#[post("/v1/rollouts/{name}/suspension")]
pub async fn suspend(
    caller: Authorized<Managers>,
    app: Data<App>,
    name: PathParams<String>,
    body: Body<Suspension>,
) -> Result<HttpResponse, Problem> {
    tracing::info!(rollout = name.0, by = caller.subject, suspend = body.0.suspend, "suspension asked for");
    let kept = app.change_rollout(&name.0, |spec, _| spec.suspend = body.0.suspend).await?;
    Ok(HttpResponse::Ok().json(RolloutView::from(kept)))
}

/// Asks for promotion without waiting for evidence.
///
/// It happens when two people other than the requester of the rollout have approved with the purpose emergency.
#[utoipa::path(
    operation_id = "rollouts_promote",
    params(("name" = String, Path, description = "The rollout.")),
    request_body(content = Why, description = "Why it cannot wait."),
    responses((status = 200, description = "The rollout as it stands; what was asked for follows within seconds.", body = RolloutView, example = json!(example())), WriteProblems),
    security(("bearer" = ["model-manager"])),
)]
#[post("/v1/rollouts/{name}/emergency")]
pub async fn promote(
    caller: Authorized<Managers>,
    app: Data<App>,
    name: PathParams<String>,
    body: Body<Why>,
) -> Result<HttpResponse, Problem> {
    let reason = format!("{} ({})", body.0.reason, caller.subject);
    let kept = app.change_rollout(&name.0, |spec, _| spec.emergency = Some(Emergency { reason })).await?;
    Ok(HttpResponse::Ok().json(RolloutView::from(kept)))
}
