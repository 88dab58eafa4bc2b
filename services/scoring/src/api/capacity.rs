//! An office's capacity at this moment.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use customs::{OfficeCode, Timestamp};
use rest::{Authorized, PathParams, Problem, ReadProblems};
use selection::{CLOSED_PRICE, OfficeState, OfficeView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::State;
use crate::error::ServiceError;

rest::roles!(pub Planners = Supervisor | Analyst | Auditor);

/// What an office can still order, and at which price.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CapacityView {
    /// The office.
    pub office: OfficeCode,
    /// The moment.
    pub at: Timestamp,
    /// Whether it has a plan of its own.
    pub planned: bool,
    /// Whether anything more is ordered by value at the moment.
    pub open: bool,
    /// Capacity and prices.
    #[serde(flatten)]
    pub capacity: OfficeView,
}

/// Read an office's capacity at this moment
///
/// Controls on hand, used today and this month, and the prices that the next declaration will meet.
#[utoipa::path(
    tag = "capacity",
    operation_id = "officecapacity_read",
    params(("code" = OfficeCode, Path, description = "The office.")),
    responses((status = 200, description = "Its capacity.", body = CapacityView, example = json!({
        "office": "118", "at": "2026-03-02T17:00:00Z", "planned": true, "open": true, "physicalTokens": 9,
        "physicalUsedToday": 2, "physicalUsedMonth": 8, "physicalTargetMonth": 161, "physicalPrice": 0.12,
        "documentaryTokens": 4, "documentaryUsedToday": 6, "documentaryPrice": 0.04, "overPlan": 0, "overruns": 0,
        "randomProbability": 0.005, "declarationsPerDay": 104.2
    })), ReadProblems),
    security(("bearer" = ["supervisor", "analyst", "auditor"])),
)]
#[get("/v1/offices/{code}/capacity")]
pub async fn read(
    caller: Authorized<Planners>,
    code: PathParams<OfficeCode>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let office = code.0;
    caller.check_office(&office)?;
    let at = state.clock.now();
    let live = state.decider.live();
    let planned = live.tables.plans.contains_key(&office);
    let plan = live.tables.plan(&office);
    let memory = match live.offices.get(&office) {
        Some(memory) => Arc::clone(memory),
        None if planned => Arc::new(OfficeState::open(&plan, at)),
        None => return Err(ServiceError::NotFound(format!("office {office}")).into()),
    };
    let capacity = memory.view(&plan, &live.nation, at);
    let open = capacity.physical_price < CLOSED_PRICE;
    Ok(HttpResponse::Ok().json(CapacityView { office, at, planned, open, capacity }))
}
