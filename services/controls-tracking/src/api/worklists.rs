//! Worklists: what waits at an office.

use actix_web::{HttpResponse, get, web};
use customs::OfficeCode;
use rest::{Authorized, Page, PathParams, Problem, QueryParams, ReadProblems};
use serde::Deserialize;
use store::{Cursor, Limit};

use super::controls::reader;
use super::views::WorkItem;
use crate::ControlsError;
use crate::app::App;
use crate::store::controls;

rest::roles!(pub OfficerOrSupervisor = Officer | Supervisor);

/// Which part of the worklist.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorklistParams {
    /// Only what is examined here.
    place: Option<String>,
    /// Go on after this cursor.
    after: Option<Cursor>,
    /// At most so many, up to 500.
    limit: Option<u32>,
}

/// What waits at an office, oldest order first.
#[utoipa::path(
    operation_id = "worklists_read",
    params(
        ("office" = String, Path, description = "The office."),
        ("place" = Option<String>, Query, description = "Only what is examined here."),
        ("after" = Option<String>, Query, pattern = "^[A-Za-z0-9_-]{32}$", description = "Go on after this cursor."),
        ("limit" = Option<u32>, Query, description = "At most so many, up to 500; 50 by default."),
    ),
    responses((status = 200, description = "Open and assigned controls.", body = Page<WorkItem>,
        example = json!({"items": []})), ReadProblems),
    security(("bearer" = ["officer", "supervisor"])),
)]
#[get("/v1/worklists/{office}")]
pub async fn read(
    caller: Authorized<OfficerOrSupervisor>,
    office: PathParams<OfficeCode>,
    params: QueryParams<WorklistParams>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    caller.check_office(&office.0)?;
    let params = params.0;
    let after = params.after.map(Cursor::pair).transpose().map_err(|_| bad_cursor())?;
    let limit = Limit::new(params.limit, 50, 500);
    let rows = controls::worklist(app.db.reader(), &office.0, params.place.as_deref(), after, limit.select()).await;
    let rows = rows.map_err(|error| super::refuse(error.into()))?;
    let page = Page::of_one_more(rows, limit.rows(), |row| Cursor::Pair(row.ordered_at, row.id).to_string());
    let reader = reader(&caller);
    let items = page
        .items
        .iter()
        .map(|row| row.record().map(|record| WorkItem::of(record, reader)))
        .collect::<Result<Vec<_>, _>>();
    let items = items.map_err(|error| super::refuse(ControlsError::from(error)))?;
    Ok(HttpResponse::Ok().json(Page { items, next: page.next }))
}

pub(super) fn bad_cursor() -> Problem {
    Problem::bad_request("query-invalid", "The query cannot be understood").with_error(
        "/after",
        "invalid",
        "not a cursor of this list",
    )
}
