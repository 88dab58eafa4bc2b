//! Searching the past for filters: asking, following, breaking off, going on.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use rest::{Authorized, Body, Offices, PathParams, Problem, ReadProblems, WriteProblems};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::replays::Progress;
use crate::{
    ManagementError,
    app::{
        App,
        proposals::{SearchRequest, Searching},
    },
    store::{
        from_text,
        replays::{Kind, Work},
    },
};

rest::roles!(pub Searcher = Analyst | Approver);
rest::roles!(pub SearchReader = Analyst | Approver | ModelManager | Auditor);

/// A search of the past for filters.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchView {
    /// Identifier.
    pub id: Uuid,
    /// How far it has come.
    #[serde(flatten)]
    pub progress: Progress,
    /// What it proposes; when it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Searching>,
}

fn view(work: &Work) -> Result<SearchView, ManagementError> {
    Ok(SearchView { id: work.id, progress: work.into(), result: work.result.as_deref().map(from_text).transpose()? })
}

/// Searches the past for filters.
///
/// Looks at what was examined for conditions under which more was found than elsewhere, judges the best on a half of the
/// past that played no part in finding them, corrected for how many were tried, and makes drafts of what is left. It is
/// worked on aside: follow it by its id.
#[utoipa::path(
    operation_id = "filterproposals_create",
    request_body(content = SearchRequest, description = "Over which period, and of what conditions may be made."),
    responses(
        (status = 202, description = "It will be worked on.", body = SearchView,
         example = json!({"id": "019b0000-0000-7000-8000-000000000004", "state": "queued", "done": 0, "expected": 100_000})),
        (status = 200, description = "It is under way.", body = SearchView,
         example = json!({"id": "019b0000-0000-7000-8000-000000000004", "state": "running", "done": 4000, "expected": 100_000})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[post("/v1/filters/proposals")]
pub async fn create(
    caller: Authorized<Searcher>,
    app: Data<App>,
    body: Body<SearchRequest>,
) -> Result<HttpResponse, Problem> {
    if caller.offices != Offices::All {
        return Err(Problem::forbidden("office-forbidden", "The token does not cover this office")
            .with_detail("a search goes over the past of all offices"));
    }
    let (work, new) = app.request_search(&caller, &body.0).await?;
    let mut response = if new { HttpResponse::Accepted() } else { HttpResponse::Ok() };
    Ok(response.json(view(&work)?))
}

/// Shows a search: its progress, and what it proposes when it is done.
#[utoipa::path(
    operation_id = "filterproposals_read",
    params(("id" = Uuid, Path, description = "The search.")),
    responses(
        (status = 200, description = "The search.", body = SearchView,
         example = json!({"id": "019b0000-0000-7000-8000-000000000004", "state": "done", "done": 100_000,
            "result": {"rows": 5400, "tried": 12000, "judged": 20, "proposals": [], "drafts": []}})),
        ReadProblems
    ),
    security(("bearer" = ["analyst", "approver", "model-manager", "auditor"])),
)]
#[get("/v1/filters/proposals/{id}")]
pub async fn read(
    _caller: Authorized<SearchReader>,
    app: Data<App>,
    id: PathParams<Uuid>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(view(&app.work(id.0, Kind::Search).await?)?))
}

/// Breaks a search off. What is over stays as it is.
#[utoipa::path(
    operation_id = "filterproposals_cancel",
    params(("id" = Uuid, Path, description = "The search.")),
    responses(
        (status = 200, description = "The search as it stands.", body = SearchView,
         example = json!({"id": "019b0000-0000-7000-8000-000000000004", "state": "cancelled", "done": 4000})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[post("/v1/filters/proposals/{id}/cancellation")]
pub async fn cancel(
    _caller: Authorized<Searcher>,
    app: Data<App>,
    id: PathParams<Uuid>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(view(&app.cancel_work(id.0, Kind::Search).await?)?))
}

/// Lets a search go on that was broken off or failed.
#[utoipa::path(
    operation_id = "filterproposals_resume",
    params(("id" = Uuid, Path, description = "The search.")),
    responses(
        (status = 200, description = "The search as it stands.", body = SearchView,
         example = json!({"id": "019b0000-0000-7000-8000-000000000004", "state": "queued", "done": 4000})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[post("/v1/filters/proposals/{id}/resumption")]
pub async fn resume(
    _caller: Authorized<Searcher>,
    app: Data<App>,
    id: PathParams<Uuid>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(view(&app.resume_work(id.0, Kind::Search).await?)?))
}
