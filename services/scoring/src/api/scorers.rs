//! Who decides, and by which routing.

use actix_web::{HttpResponse, get, web::Data};
use rest::{Authorized, Problem, ReadProblems};
use rollout::Scorer;

use super::State;

rest::roles!(pub Watchers = ModelManager | Auditor | Service);

/// Lists the processes that decide
///
/// Each with the epoch of the routing that it decides by: a change of routing has happened when all of them serve it.
#[utoipa::path(
    tag = "scorers",
    operation_id = "scorers_list",
    responses((status = 200, description = "By name.", body = Vec<Scorer>,
               example = json!([{"name": "scoring-5d9c7b-x2x8k", "epoch": 12}])), ReadProblems),
    security(("bearer" = ["model-manager", "auditor", "service"])),
)]
#[get("/v1/scorers")]
pub async fn list(_caller: Authorized<Watchers>, state: Data<State>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(state.decider.scorers().await?))
}
