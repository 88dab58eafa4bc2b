//! A small service to try the conventions on.

use actix_web::{HttpResponse, get, post};
use rest::{Authorized, Body, PathParams, Problem, QueryParams, ReadProblems, ServiceConfig, WriteProblems};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

rest::roles!(pub OfficerOrSupervisor = Officer | Supervisor);
rest::roles!(pub System = CustomsSystem);

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"office": "118", "lines": [{"weight": 3}]}))]
pub struct Parcel {
    office: String,
    #[serde(default)]
    lines: Vec<Line>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Line {
    weight: u32,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    /// How many.
    limit: Option<u32>,
}

/// Takes a parcel.
#[utoipa::path(
    operation_id = "parcels_create",
    request_body(content = Parcel, description = "The parcel."),
    responses((status = 200, description = "What was taken.", body = Parcel), WriteProblems),
    security(("bearer" = ["customs-system"])),
)]
#[post("/v1/parcels")]
pub async fn create(caller: Authorized<System>, body: Body<Parcel>) -> Result<HttpResponse, Problem> {
    caller.check_office(&body.0.office.as_str().into())?;
    Ok(HttpResponse::Ok().json(&body.0))
}

/// Shows a parcel.
#[utoipa::path(
    operation_id = "parcels_read",
    params(("id" = u32, Path, description = "Which."), ListParams),
    responses((status = 200, description = "The number.", body = u32, example = json!(7)), ReadProblems),
    security(("bearer" = ["officer", "supervisor"])),
)]
#[get("/v1/parcels/{id}")]
pub async fn read(
    _: Authorized<OfficerOrSupervisor>,
    id: PathParams<u32>,
    list: QueryParams<ListParams>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(id.0 + list.0.limit.unwrap_or(0)))
}

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(read);
}
