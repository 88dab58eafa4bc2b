//! Candidates in the routing, for whoever drives rollouts.

use actix_web::web::Data;
use actix_web::{HttpResponse, put};
use rest::{Authorized, Body, PathParams, Problem, WriteProblems};
use serde::Serialize;
use utoipa::ToSchema;

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

/// Changes what a candidate does.
///
/// For the operator. Refused when the routing has changed since it was looked at, when another process has shown a higher
/// fencing token, or when rollouts are driven by somebody else.
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
