//! Training runs.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use customs::Direction;
use jiff::Timestamp;
use rest::{Authorized, Body, Page, Problem, QueryParams, ReadProblems, WriteProblems};
use serde::Deserialize;
use store::{Cursor, Limit};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::{App, training::Bounds},
    store::runs::{self, TrainingRun},
};

rest::roles!(pub Trainer = DataScientist | ModelManager);
rest::roles!(pub Reader = DataScientist | ModelManager | Analyst | Auditor | Service);

/// A training that is asked for.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"direction": "in"}))]
pub struct TrainingRequest {
    /// The direction: in or out.
    pub direction: Direction,
    /// Learn from what was known then (domain time); now when absent.
    #[serde(default)]
    pub as_of: Option<Timestamp>,
    /// Age in days from which labels count, instead of the setting; 0 for an imported past whose results are all known.
    #[serde(default)]
    pub maturity_days: Option<u32>,
    /// The most rows that are learned from, instead of the setting; at most 200,000.
    #[serde(default)]
    pub max_rows: Option<usize>,
}

/// Which runs to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Only this direction.
    #[param(inline)]
    direction: Option<Direction>,
    /// Continue after this page's end.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$")]
    after: Option<String>,
    /// At most so many, 1 to 500; 50 when absent.
    limit: Option<u32>,
}

/// Trains now.
///
/// Answers when the training has finished. A better model decides from then on; the run's record says why or why not.
/// The same direction and moment again is the same run.
#[utoipa::path(
    operation_id = "trainingruns_create",
    request_body(content = TrainingRequest, description = "What to train."),
    responses(
        (status = 201, description = "Trained; the record says what it came to.", body = TrainingRun),
        (status = 200, description = "That training was run already.", body = TrainingRun),
        WriteProblems
    ),
    security(("bearer" = ["data-scientist", "model-manager"])),
)]
#[post("/v1/training-runs")]
pub async fn create(
    caller: Authorized<Trainer>,
    app: Data<App>,
    body: Body<TrainingRequest>,
) -> Result<HttpResponse, Problem> {
    let TrainingRequest { direction, as_of, maturity_days, max_rows } = body.0;
    let bounds = Bounds { maturity_days, max_rows };
    let (run, new) = app.request_training(direction, as_of, bounds, &caller.subject).await?;
    let mut response = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(run))
}

/// Lists training runs, latest first.
#[utoipa::path(
    operation_id = "trainingruns_list",
    params(ListParams),
    responses(
        (status = 200, description = "A page of runs.", body = Page<TrainingRun>,
         example = json!({"items": [{"direction": "in", "dueAt": "2026-03-01T05:00:00Z", "record": {"outcome": "promoted"}}]})),
        ReadProblems
    ),
    security(("bearer" = ["data-scientist", "model-manager", "analyst", "auditor", "service"])),
)]
#[get("/v1/training-runs")]
pub async fn list(
    _caller: Authorized<Reader>,
    app: Data<App>,
    query: QueryParams<ListParams>,
) -> Result<HttpResponse, Problem> {
    let after =
        query.0.after.map(|after| after.parse::<Cursor>().and_then(Cursor::pair)).transpose().map_err(|error| {
            Problem::bad_request("query-invalid", "The query cannot be understood").with_error(
                "/after",
                "invalid",
                error.to_string(),
            )
        })?;
    let limit = Limit::new(query.0.limit, 50, 500);
    let runs = runs::list(app.db.reader(), query.0.direction, after, limit.select()).await?;
    let page = store::Page::of(runs, limit, |run| Cursor::Pair(run.due_at.as_microsecond(), run.id));
    Ok(HttpResponse::Ok().json(Page { items: page.items, next: page.next.map(|next| next.to_string()) }))
}
