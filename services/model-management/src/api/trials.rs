//! Candidates in the routing, for whoever drives rollouts.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, put};
use customs::Direction;
use rest::{Authorized, Body, PathParams, Problem, QueryParams, ReadProblems, WriteProblems};
use rollout::{Approval, Routing};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::{App, routing::RoutingIntent};

rest::roles!(pub Drivers = Service);

/// What a change came to.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"epoch": 12}))]
pub struct RoutingEpoch {
    /// The epoch that scorers are to serve.
    pub epoch: u64,
}

/// In which direction the routing is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrialParams {
    /// The direction of the rollout's candidate.
    pub direction: Direction,
}

fn example_of_routing() -> serde_json::Value {
    serde_json::json!({
        "epoch": 12, "champion": "5f1c…", "trial": {"stage": "canary", "weight": 1000}, "written": 4
    })
}

/// The routing as it concerns a rollout.
///
/// For the operator. A rollout that was never routed has no candidate in it, and no intent that was written.
#[utoipa::path(
    operation_id = "routingtrials_read",
    params(("name" = String, Path, description = "The rollout."), TrialParams),
    responses((status = 200, description = "Where it stands.", body = Routing, example = json!(example_of_routing())), ReadProblems),
    security(("bearer" = ["service"])),
)]
#[get("/v1/routing/trials/{name}")]
pub async fn get(
    _caller: Authorized<Drivers>,
    app: Data<App>,
    name: PathParams<String>,
    params: QueryParams<TrialParams>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(app.routed(&name.0, params.0.direction).await?))
}

/// Changes what a candidate does.
///
/// For the operator. Refused when the routing has changed since it was looked at, when another process has shown a higher
/// fencing token, when a later intent of the rollout was written, or when rollouts are driven by somebody else.
#[utoipa::path(
    operation_id = "routingtrials_update",
    params(("name" = String, Path, description = "The rollout.")),
    request_body(content = RoutingIntent, description = "What the routing is to be."),
    responses((status = 200, description = "It is, from this epoch on.", body = RoutingEpoch), WriteProblems),
    security(("bearer" = ["service"])),
)]
#[put("/v1/routing/trials/{name}")]
pub async fn put(
    _caller: Authorized<Drivers>,
    app: Data<App>,
    name: PathParams<String>,
    body: Body<RoutingIntent>,
) -> Result<HttpResponse, Problem> {
    let epoch = app.route(&name.0, &body.0).await?;
    Ok(HttpResponse::Ok().json(RoutingEpoch { epoch }))
}

fn example_of_word() -> serde_json::Value {
    serde_json::json!({
        "approver": "ben", "decision": "approve", "purpose": "step", "step": 2, "run": 0,
        "at": "2026-03-02T17:00:00Z", "expiresAt": "2026-03-03T17:00:00Z", "reason": "three weeks without a complaint"
    })
}

/// Puts on record what a person said elsewhere.
///
/// For the operator, whose API server has vouched for the person: the token names them as its bearer, so that the audit trail
/// has their word like one that was said here. Nothing else follows from it.
#[utoipa::path(
    operation_id = "trialapprovals_record",
    params(
        ("name" = String, Path, description = "The rollout."),
        ("id" = String, Path, description = "What the word is known by where it was said."),
    ),
    request_body(content = Approval, description = "The word.", example = json!(example_of_word())),
    responses((status = 200, description = "The word, which is on record.", body = Approval, example = json!(example_of_word())), WriteProblems),
    security(("bearer" = ["service"])),
)]
#[put("/v1/routing/trials/{name}/approvals/{id}")]
pub async fn record_approval(
    caller: Authorized<Drivers>,
    app: Data<App>,
    path: PathParams<(String, String)>,
    body: Body<Approval>,
) -> Result<HttpResponse, Problem> {
    app.record_approval(&caller, &path.0.0, &path.0.1, &body.0)?;
    Ok(HttpResponse::Ok().json(body.0))
}
