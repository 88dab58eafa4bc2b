//! Offices: time zone, shifts, officers with skills and conflicts.

use actix_web::{HttpResponse, get, put, web};
use customs::OfficeCode;
use rest::{Authorized, Body, PathParams, Problem, ReadProblems, WriteProblems};

use super::{answer, refuse};
use crate::ControlsError;
use crate::app::App;
use crate::domain::NewOffice;

rest::roles!(pub OfficeKeeper = Supervisor | ModelManager);
rest::roles!(pub OfficeReader = Supervisor | ModelManager | Auditor);

/// Sets up an office.
#[utoipa::path(
    operation_id = "offices_replace",
    params(("code" = String, Path, description = "The administration's code of the office.")),
    request_body(content = NewOffice, description = "The whole office; it replaces what was set up before."),
    responses(
        (status = 201, description = "Set up for the first time.", body = NewOffice),
        (status = 200, description = "Changed, or set up so already; every change is kept with who made it.",
            body = NewOffice),
        WriteProblems,
    ),
    security(("bearer" = ["supervisor", "model-manager"])),
)]
#[put("/v1/offices/{code}")]
pub async fn replace(
    caller: Authorized<OfficeKeeper>,
    code: PathParams<OfficeCode>,
    body: Body<NewOffice>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let done = app.set_up_office(&caller, &code.0, &body.0).await.map_err(refuse)?;
    Ok(answer(done, &body.0))
}

/// An office as it is set up.
#[utoipa::path(
    operation_id = "offices_read",
    params(("code" = String, Path, description = "The administration's code of the office.")),
    responses((status = 200, description = "The office.", body = NewOffice), ReadProblems),
    security(("bearer" = ["supervisor", "model-manager", "auditor"])),
)]
#[get("/v1/offices/{code}")]
pub async fn read(
    caller: Authorized<OfficeReader>,
    code: PathParams<OfficeCode>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    match app.office(&caller, &code.0).await {
        Err(ControlsError::UnknownOffice(code)) => Err(Problem::not_found(format!("office {code}"))),
        office => Ok(HttpResponse::Ok().json(office.map_err(refuse)?)),
    }
}
