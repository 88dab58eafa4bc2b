//! Capacity plans.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, put};
use customs::OfficeCode;
use rest::{Authorized, Body, PathParams, Problem, ReadProblems, WriteProblems};
use selection::CapacityPlan;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    ManagementError,
    app::App,
    store::{epochs, plans},
};

rest::roles!(pub Planner = Supervisor | ModelManager);
rest::roles!(pub Reader = Supervisor | ModelManager | Analyst | Auditor | Service);

/// All plans.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plans {
    /// Rises with every change.
    pub epoch: u64,
    /// The plans, by office.
    pub plans: Vec<CapacityPlan>,
}

/// What a change came to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"epoch": 3}))]
pub struct PlansEpoch {
    /// The epoch of the plans; risen when the change changed something.
    pub epoch: u64,
}

/// Lists the capacity plans.
#[utoipa::path(
    operation_id = "capacityplans_list",
    responses(
        (status = 200, description = "All plans.", body = Plans,
         example = json!({"epoch": 3, "plans": [{"office": "118", "physicalPerDay": 5.2, "randomShare": 0.1}]})),
        ReadProblems
    ),
    security(("bearer" = ["supervisor", "model-manager", "analyst", "auditor", "service"])),
)]
#[get("/v1/capacity-plans")]
pub async fn list(_caller: Authorized<Reader>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let db = app.db.reader();
    let plans = plans::all(db).await?;
    let epoch = epochs::current(db, epochs::Subject::Capacity).await?;
    Ok(HttpResponse::Ok().json(Plans { epoch, plans }))
}

/// Sets the plans of several offices at once.
///
/// All or none. Offices that are not named keep their plans. The same plans again change nothing.
#[utoipa::path(
    operation_id = "capacityplans_replace",
    request_body(
        content = Vec<CapacityPlan>,
        description = "The plans.",
        example = json!([{"office": "118", "timeZone": "America/Lima", "physicalPerDay": 5.2,
                          "documentaryPerDay": 10.0, "declarationsPerDay": 104.0, "randomShare": 0.1,
                          "explorationShare": 0.1, "failSafe": "orange"}])
    ),
    responses((status = 200, description = "Set.", body = PlansEpoch), WriteProblems),
    security(("bearer" = ["supervisor", "model-manager"])),
)]
#[put("/v1/capacity-plans")]
pub async fn put_all(
    caller: Authorized<Planner>,
    app: Data<App>,
    body: Body<Vec<CapacityPlan>>,
) -> Result<HttpResponse, Problem> {
    let epoch = app.put_plans(&body.0, &caller.subject, &caller.offices).await?;
    Ok(HttpResponse::Ok().json(PlansEpoch { epoch }))
}

/// Shows the plan of an office.
#[utoipa::path(
    operation_id = "capacityplans_read",
    params(("office" = OfficeCode, Path, description = "The office.")),
    responses(
        (status = 200, description = "The plan.", body = CapacityPlan,
         example = json!({"office": "118", "physicalPerDay": 5.2, "randomShare": 0.1})),
        ReadProblems
    ),
    security(("bearer" = ["supervisor", "model-manager", "analyst", "auditor", "service"])),
)]
#[get("/v1/capacity-plans/{office}")]
pub async fn read(
    caller: Authorized<Reader>,
    app: Data<App>,
    office: PathParams<OfficeCode>,
) -> Result<HttpResponse, Problem> {
    caller.check_office(&office.0)?;
    let plan = plans::of(app.db.reader(), &office.0).await?;
    Ok(HttpResponse::Ok().json(plan.ok_or(ManagementError::UnknownPlan(office.0))?))
}

/// Sets the plan of an office.
///
/// The same plan again changes nothing.
#[utoipa::path(
    operation_id = "capacityplans_update",
    params(("office" = OfficeCode, Path, description = "The office.")),
    request_body(
        content = CapacityPlan,
        description = "The plan.",
        example = json!({"office": "118", "timeZone": "America/Lima", "physicalPerDay": 5.2,
                         "documentaryPerDay": 10.0, "declarationsPerDay": 104.0, "randomShare": 0.1,
                         "explorationShare": 0.1, "failSafe": "orange"})
    ),
    responses((status = 200, description = "Set.", body = PlansEpoch), WriteProblems),
    security(("bearer" = ["supervisor", "model-manager"])),
)]
#[put("/v1/capacity-plans/{office}")]
pub async fn put(
    caller: Authorized<Planner>,
    app: Data<App>,
    office: PathParams<OfficeCode>,
    body: Body<CapacityPlan>,
) -> Result<HttpResponse, Problem> {
    let epoch = app.put_plan(&office.0, &body.0, &caller.subject, &caller.offices).await?;
    Ok(HttpResponse::Ok().json(PlansEpoch { epoch }))
}
