//! Trying filters over the past: asking, following, breaking off, going on.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use customs::FilterId;
use jiff::Timestamp;
use rest::{Authorized, Body, PathParams, Problem, ReadProblems, WriteProblems};
use risk_filters::replay::ReplayReport;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::filters::check_offices;
use crate::{
    ManagementError,
    app::{App, replays::ReplayRequest},
    store::{
        filters, from_text,
        replays::{self, Kind, Work, WorkState},
    },
};

rest::roles!(pub ReplayWriter = Analyst | Approver);
rest::roles!(pub ReplayReader = Analyst | Approver | ModelManager | Auditor | Service);

/// Replays of a filter that are listed.
const LISTED: u64 = 50;

/// A filter tried over the past.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayView {
    /// Identifier.
    pub id: Uuid,
    /// The filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<FilterId>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// BLAKE3, hexadecimal, of the filter's content, the lists it names and the period.
    pub digest: String,
    /// How far it has come.
    #[serde(flatten)]
    pub progress: Progress,
    /// What the filter would have done; when it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<ReplayReport>,
}

/// How far work over the past has come.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Where it stands.
    pub state: WorkState,
    /// Who asked for it.
    pub requested_by: String,
    /// When (domain time). Results count as they were known then.
    pub requested_at: Timestamp,
    /// Declarations done.
    pub done: u64,
    /// Declarations to be done, at most.
    pub expected: u64,
    /// The end of the past it is about, as a place in the feature log.
    pub up_to: u64,
    /// When it was over (domain time).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl From<&Work> for Progress {
    fn from(work: &Work) -> Self {
        Self {
            state: work.state,
            requested_by: work.requested_by.clone(),
            requested_at: work.requested_at,
            done: work.done,
            expected: work.expected,
            up_to: work.up_to,
            finished_at: work.finished_at,
            error: work.error.clone(),
        }
    }
}

fn view(work: &Work) -> Result<ReplayView, ManagementError> {
    let (filter, version) = work.filter.unzip();
    Ok(ReplayView {
        id: work.id,
        filter,
        version,
        digest: work.digest.clone(),
        progress: work.into(),
        report: work.result.as_deref().map(from_text).transpose()?,
    })
}

/// Tries a version of a filter over the past.
///
/// A draft as well as any other version, over what was lodged, what it was decided with and what was established of it,
/// through the code that decides. It is worked on aside: follow it by its id. The same question while it is under way
/// answers 200 with the same replay.
#[utoipa::path(
    operation_id = "filterreplays_create",
    params(("id" = FilterId, Path, description = "The filter.")),
    request_body(content = ReplayRequest, description = "Which version, over which period."),
    responses(
        (status = 202, description = "It will be worked on.", body = ReplayView,
         example = json!({"id": "019b0000-0000-7000-8000-000000000003", "state": "queued", "done": 0, "expected": 100_000})),
        (status = 200, description = "It is under way.", body = ReplayView,
         example = json!({"id": "019b0000-0000-7000-8000-000000000003", "state": "running", "done": 4000, "expected": 100_000})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[post("/v1/filters/{id}/replay")]
pub async fn create(
    caller: Authorized<ReplayWriter>,
    app: Data<App>,
    id: PathParams<FilterId>,
    body: Body<ReplayRequest>,
) -> Result<HttpResponse, Problem> {
    for version in filters::versions(app.db.reader(), id.0).await? {
        check_offices(&caller, &version.content)?;
    }
    let (work, new) = app.request_replay(&caller, id.0, &body.0).await?;
    let mut response = if new { HttpResponse::Accepted() } else { HttpResponse::Ok() };
    Ok(response.json(view(&work)?))
}

/// Lists the last replays of a filter, without their reports.
#[utoipa::path(
    operation_id = "filterreplays_list",
    params(("id" = FilterId, Path, description = "The filter.")),
    responses(
        (status = 200, description = "The last replays, latest first.", body = Vec<ReplayView>,
         example = json!([{"id": "019b0000-0000-7000-8000-000000000003", "version": 2, "state": "done", "done": 100_000}])),
        ReadProblems
    ),
    security(("bearer" = ["analyst", "approver", "model-manager", "auditor", "service"])),
)]
#[get("/v1/filters/{id}/replays")]
pub async fn list(
    _caller: Authorized<ReplayReader>,
    app: Data<App>,
    id: PathParams<FilterId>,
) -> Result<HttpResponse, Problem> {
    filters::versions(app.db.reader(), id.0).await?;
    let works = replays::of_filter(app.db.reader(), id.0, LISTED).await?;
    let views = works.iter().map(view).collect::<Result<Vec<_>, _>>()?;
    Ok(HttpResponse::Ok().json(views))
}

/// Shows a replay: its progress, and its report when it is done.
///
/// Matches by office and month against capacity; what was found and missed among what was examined, each examination
/// weighted by the inverse of its probability of selection; examples. It never changes once it is done. A replay of a
/// filter that looks something up in lists is for their readers alone, and stands on the trail of each list.
#[utoipa::path(
    operation_id = "filterreplays_read",
    params(("id" = Uuid, Path, description = "The replay.")),
    responses(
        (status = 200, description = "The replay.", body = ReplayView,
         example = json!({"id": "019b0000-0000-7000-8000-000000000003", "version": 2, "state": "done", "done": 100_000,
            "report": {"declarations": 100_000, "matchedDeclarations": 1200}})),
        ReadProblems
    ),
    security(("bearer" = ["analyst", "approver", "model-manager", "auditor", "service"])),
)]
#[get("/v1/filters/replays/{id}")]
pub async fn read(
    caller: Authorized<ReplayReader>,
    app: Data<App>,
    id: PathParams<Uuid>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(view(&app.replay(&caller, id.0).await?)?))
}

/// Breaks a replay off. What is over stays as it is.
#[utoipa::path(
    operation_id = "filterreplays_cancel",
    params(("id" = Uuid, Path, description = "The replay.")),
    responses(
        (status = 200, description = "The replay as it stands.", body = ReplayView,
         example = json!({"id": "019b0000-0000-7000-8000-000000000003", "state": "cancelled", "done": 4000})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[post("/v1/filters/replays/{id}/cancellation")]
pub async fn cancel(
    caller: Authorized<ReplayWriter>,
    app: Data<App>,
    id: PathParams<Uuid>,
) -> Result<HttpResponse, Problem> {
    app.replay(&caller, id.0).await?;
    Ok(HttpResponse::Ok().json(view(&app.cancel_work(id.0, Kind::Replay).await?)?))
}

/// Lets a replay go on that was broken off or failed, from where it stopped.
#[utoipa::path(
    operation_id = "filterreplays_resume",
    params(("id" = Uuid, Path, description = "The replay.")),
    responses(
        (status = 200, description = "The replay as it stands.", body = ReplayView,
         example = json!({"id": "019b0000-0000-7000-8000-000000000003", "state": "queued", "done": 4000})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[post("/v1/filters/replays/{id}/resumption")]
pub async fn resume(
    caller: Authorized<ReplayWriter>,
    app: Data<App>,
    id: PathParams<Uuid>,
) -> Result<HttpResponse, Problem> {
    app.replay(&caller, id.0).await?;
    Ok(HttpResponse::Ok().json(view(&app.resume_work(id.0, Kind::Replay).await?)?))
}
