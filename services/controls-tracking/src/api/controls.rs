//! Controls: the record, extraordinary ones, links and escalations.

use actix_web::{HttpResponse, get, post, web};
use customs::{ControlId, DeclarationId, ReasonFor};
use rest::{
    Authorized, Body, Offices, Page, PathParams, Principal, Problem, QueryParams, ReadProblems, Role, WriteProblems,
};
use serde::Deserialize;
use store::{Cursor, Limit};
use utoipa::ToSchema;

use super::views::{AssignmentView, ControlDetail, ControlView, WorkItem};
use super::worklists::{OfficerOrSupervisor, bad_cursor};
use super::{answer, refuse};
use crate::ControlsError;
use crate::app::App;
use crate::app::order_control::{NewControl, NewEscalation};
use crate::store::{assignments, controls, results, scans};

rest::roles!(pub Reader = Auditor | Supervisor | Analyst);
rest::roles!(pub OfficerOnly = Officer);

/// Which part of the list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListParams {
    after: Option<Cursor>,
    limit: Option<u32>,
}

/// The declaration a control belongs to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"declaration": "019cae0c-5c00-7c52-8f10-6f0ab54c1d2e"}))]
pub struct ControlLink {
    /// The declaration.
    declaration: DeclarationId,
}

/// Opens an extraordinary control.
#[utoipa::path(
    operation_id = "controls_create",
    request_body(content = NewControl, description = "The order. The reference is unique per office."),
    responses(
        (status = 201, description = "Opened.", body = WorkItem),
        (status = 200, description = "Opened before by the same order.", body = WorkItem),
        WriteProblems,
    ),
    security(("bearer" = ["officer", "supervisor"])),
)]
#[post("/v1/controls")]
pub async fn create(
    caller: Authorized<OfficerOrSupervisor>,
    body: Body<NewControl>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let (done, record) = app.order_control(&caller, &body.0).await.map_err(refuse)?;
    Ok(answer(done, &WorkItem::from(record)))
}

/// Every control of the caller's offices, in the order of recording: a durable feed.
#[utoipa::path(
    operation_id = "controls_list",
    params(
        ("after" = Option<String>, Query, pattern = "^[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]$", description = "Go on after this cursor."),
        ("limit" = Option<u32>, Query, description = "At most so many, up to 1,000; 100 by default."),
    ),
    responses((status = 200, description = "Controls as they stand now. `next` is there as long as there is any: keep \
        it, and ask after it for what comes later.", body = Page<ControlView>, example = json!({"items": []})),
        ReadProblems),
    security(("bearer" = ["auditor", "supervisor", "analyst"])),
)]
#[get("/v1/controls")]
pub async fn list(
    caller: Authorized<Reader>,
    params: QueryParams<ListParams>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let after = params.0.after.map(Cursor::number).transpose().map_err(|_| bad_cursor())?;
    let limit = Limit::new(params.0.limit, 100, 1_000);
    let offices = match &caller.offices {
        Offices::All => None,
        Offices::Only(offices) => Some(offices),
    };
    let rows = controls::feed(app.db.reader(), offices, after.unwrap_or(0), limit.rows() as u64).await;
    let rows = rows.map_err(|error| refuse(error.into()))?;
    let next = rows.last().map(|row| row.seq).or(after).map(|seq| Cursor::Number(seq).to_string());
    let items = rows
        .into_iter()
        .map(|row| ControlView::of(row, reader(&caller)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(refuse)?;
    Ok(HttpResponse::Ok().json(Page { items, next }))
}

/// One control with its whole history.
#[utoipa::path(
    operation_id = "controls_read",
    params(("id" = ControlId, Path, description = "The control.")),
    responses((status = 200, description = "The control.", body = ControlDetail), ReadProblems),
    security(("bearer" = ["auditor", "supervisor", "analyst"])),
)]
#[get("/v1/controls/{id}")]
pub async fn read(
    caller: Authorized<Reader>,
    id: PathParams<ControlId>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let detail = detail(&app, id.0, reader(&caller)).await.map_err(refuse)?;
    caller.check_office(&detail.view.control.office)?;
    Ok(HttpResponse::Ok().json(detail))
}

/// How much of the reasons `caller` may read.
pub(super) fn reader(caller: &Principal) -> ReasonFor {
    let any = |roles: &[Role]| roles.iter().any(|role| caller.has(*role));
    match () {
        () if any(&[Role::Analyst, Role::Auditor]) => ReasonFor::Analyst,
        () if any(&[Role::Supervisor]) => ReasonFor::Supervisor,
        () => ReasonFor::Officer,
    }
}

async fn detail(app: &App, id: ControlId, reader: ReasonFor) -> Result<ControlDetail, ControlsError> {
    let db = app.db.reader();
    let row = controls::find(db, id).await?.ok_or(ControlsError::UnknownControl(id))?;
    let view = ControlView::of(row, reader)?;
    let stored = results::history(db, id).await?;
    let given = assignments::history(db, id).await?;
    let images = scans::of_control(db, id).await?;
    Ok(ControlDetail {
        results: stored.iter().map(|stored| stored.version(&view.control)).collect(),
        assignments: given.into_iter().map(AssignmentView::of).collect::<Result<_, _>>()?,
        scans: images.iter().map(scans::Model::scan).collect::<Result<_, _>>()?,
        view,
    })
}

/// Tells to which declaration a control belongs that was opened without one.
#[utoipa::path(
    operation_id = "controls_link",
    params(("id" = ControlId, Path, description = "The control.")),
    request_body(content = ControlLink, description = "The declaration."),
    responses(
        (status = 201, description = "Linked.", body = WorkItem),
        (status = 200, description = "Linked before.", body = WorkItem),
        WriteProblems,
    ),
    security(("bearer" = ["officer", "supervisor"])),
)]
#[post("/v1/controls/{id}/declaration")]
pub async fn link(
    caller: Authorized<OfficerOrSupervisor>,
    id: PathParams<ControlId>,
    body: Body<ControlLink>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let (done, record) = app.link_control(&caller, id.0, body.0.declaration).await.map_err(refuse)?;
    Ok(answer(done, &WorkItem::from(record)))
}

/// Opens a physical control where documents or an image ask for it.
#[utoipa::path(
    operation_id = "controls_escalate",
    params(("id" = ControlId, Path, description = "The documentary control, or the scan.")),
    request_body(content = NewEscalation, description = "Why, and what to verify."),
    responses(
        (status = 201, description = "The physical control, open.", body = WorkItem),
        (status = 200, description = "Opened before by the same order.", body = WorkItem),
        WriteProblems,
    ),
    security(("bearer" = ["officer"])),
)]
#[post("/v1/controls/{id}/escalation")]
pub async fn escalate(
    caller: Authorized<OfficerOnly>,
    id: PathParams<ControlId>,
    body: Body<NewEscalation>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let (done, record) = app.escalate_control(&caller, id.0, &body.0).await.map_err(refuse)?;
    Ok(answer(done, &WorkItem::from(record)))
}
