//! What a rollout has come to.

use actix_web::{HttpResponse, get, web::Data};
use jiff::Timestamp;
use rest::{Authorized, PathParams, Problem, QueryParams, ReadProblems};
use rollout::{LetThrough, Report};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::Reports;

rest::roles!(pub RolloutReaders = ModelManager | DataScientist | Approver | Auditor | Service);
rest::roles!(pub LetThroughReaders = ModelManager | Supervisor | Auditor | Service);

/// What counts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RolloutParams {
    /// Declarations decided from then on; all when absent.
    #[param(example = "2026-01-01T00:00:00Z", value_type = Option<String>)]
    pub from: Option<Timestamp>,
    /// Age of a selection from which its result counts; 0 when absent.
    pub maturity_seconds: Option<u32>,
    /// A decision that took longer is slow; 2,000 when absent.
    pub slow_ms: Option<u32>,
}

/// Which part.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SinceParams {
    /// Declarations decided from then on; all when absent.
    #[param(example = "2026-01-01T00:00:00Z", value_type = Option<String>)]
    pub from: Option<Timestamp>,
}

/// Tells what a rollout has come to.
///
/// Counts of both sides: everything that gates look at is computed from them. One that nobody took part in is all zeros.
#[utoipa::path(
    operation_id = "rolloutreports_read",
    params(("name" = String, Path, description = "The rollout."), RolloutParams),
    responses((status = 200, description = "The counts.", body = Report, example = json!({
        "rollout": "boosted-7", "asOf": "2026-03-02T17:00:00Z",
        "candidate": {"declarations": 2500, "degraded": 0, "slow": 1, "examined": 130, "matured": 88, "findings": 21},
        "champion": {"declarations": 7500, "degraded": 0, "slow": 2, "examined": 371, "matured": 260, "findings": 44},
        "examinations": 540, "maturedLabels": 380, "findings": [{"weight": 2500, "candidate": 21, "champion": 44}],
        "scores": [{"champion": 3, "candidate": 4, "declarations": 812}]
    })), ReadProblems),
    security(("bearer" = ["model-manager", "data-scientist", "approver", "auditor", "service"])),
)]
#[get("/v1/reports/rollouts/{name}")]
pub async fn read(
    _caller: Authorized<RolloutReaders>,
    name: PathParams<String>,
    params: QueryParams<RolloutParams>,
    reports: Data<Reports>,
) -> Result<HttpResponse, Problem> {
    let RolloutParams { from, maturity_seconds, slow_ms } = params.0;
    let from = from.unwrap_or(Timestamp::UNIX_EPOCH);
    let report = reports.rollout(&name.0, from, maturity_seconds.unwrap_or(0), slow_ms.unwrap_or(2_000)).await?;
    Ok(HttpResponse::Ok().json(report))
}

/// Lists what a candidate let through.
///
/// Declarations that it decided without a physical examination though the champion held them more suspect, by their places
/// among all that both scored; the champion's greatest suspicion first, at most 1,000: for control after clearance when the
/// candidate turned out to be bad.
#[utoipa::path(
    operation_id = "rolloutletthrough_list",
    params(("name" = String, Path, description = "The rollout."), SinceParams),
    responses((status = 200, description = "The declarations.", body = Vec<LetThrough>, example = json!([{
        "declaration": "019b0000-0000-7000-8000-000000000001", "office": "118",
        "decidedAt": "2026-03-02T17:00:00Z", "champion": 0.41, "candidate": 0.02
    }])), ReadProblems),
    security(("bearer" = ["model-manager", "supervisor", "auditor", "service"])),
)]
#[get("/v1/reports/rollouts/{name}/let-through")]
pub async fn let_through(
    _caller: Authorized<LetThroughReaders>,
    name: PathParams<String>,
    params: QueryParams<SinceParams>,
    reports: Data<Reports>,
) -> Result<HttpResponse, Problem> {
    let from = params.0.from.unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(HttpResponse::Ok().json(reports.let_through(&name.0, from).await?))
}
