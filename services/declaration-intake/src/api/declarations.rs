//! Lodging one declaration, and asking where one stands.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use customs::{Declaration, DeclarationId};
use rest::{Authorized, Offices, PathParams, Problem, QueryParams, RawBody, ReadProblems, WriteProblems};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{DeclarationView, ReceiptView};
use super::{Followers, Lodgers, examples};
use crate::app::{Committer, Intake, Outcome};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LodgeParams {
    /// Refuse a declaration with any data-quality note.
    #[serde(default)]
    pub(crate) strict: bool,
}

/// Lodge a declaration
///
/// What is readable is accepted, with notes on what is wrong. The same content again is answered alike.
#[utoipa::path(
    tag = "declarations",
    operation_id = "declarations_create",
    params(LodgeParams),
    request_body(content = Declaration, description = "The declaration.", example = json!(examples::declaration())),
    responses(
        (status = 201, description = "Stored.", body = ReceiptView, example = json!(examples::receipt())),
        (status = 200, description = "Known, with the same content.", body = ReceiptView,
            example = json!(examples::receipt())),
        WriteProblems,
    ),
    security(("bearer" = ["customs-system"])),
)]
#[post("/v1/declarations")]
pub(crate) async fn create(
    caller: Authorized<Lodgers>,
    request: HttpRequest,
    params: QueryParams<LodgeParams>,
    body: RawBody,
    intake: web::Data<Intake>,
    committer: web::Data<Committer>,
) -> Result<HttpResponse, Problem> {
    rest::body::check_json(&request)?;
    let lodgement = intake.read(&body.0)?;
    caller.check_office(&lodgement.declaration.office)?;
    if params.0.strict {
        lodgement.check_strict()?;
    }
    intake.check_backlog(&lodgement.declaration.office)?;
    let (lodgement, acceptance) = committer.accept(lodgement).await?;
    if let Some(problem) = acceptance.conflict(&lodgement.digest) {
        return Err(problem);
    }
    let mut response = if acceptance.outcome == Outcome::Stored { HttpResponse::Created() } else { HttpResponse::Ok() };
    response.insert_header(("location", format!("/v1/declarations/{}", acceptance.id)));
    Ok(response.json(ReceiptView::new(&acceptance, lodgement)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatusParams {
    /// Wait for the channel, at most so many milliseconds (30,000).
    #[serde(default, deserialize_with = "rest::params::count")]
    wait_ms: Option<u64>,
}

/// Show where a declaration stands
#[utoipa::path(
    tag = "declarations",
    operation_id = "declarations_read",
    params(("id" = DeclarationId, Path, description = "The declaration."), StatusParams),
    responses(
        (status = 200, description = "Where it stands.", body = DeclarationView, example = json!(examples::status())),
        ReadProblems,
    ),
    security(("bearer" = ["customs-system", "supervisor", "auditor", "service"])),
)]
#[get("/v1/declarations/{id}")]
pub(crate) async fn read(
    caller: Authorized<Followers>,
    id: PathParams<DeclarationId>,
    params: QueryParams<StatusParams>,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    let wait = Duration::from_millis(params.0.wait_ms.unwrap_or(0));
    show(&intake, &caller.offices, id.0, wait).await
}

/// Where the declaration stands; waits up to `wait` for its channel.
pub(super) async fn show(
    intake: &Intake,
    offices: &Offices,
    id: DeclarationId,
    wait: Duration,
) -> Result<HttpResponse, Problem> {
    let model = intake.status(offices, id, wait).await?;
    let open = intake.open_controls(&[id]).await?.remove(&id).unwrap_or_default();
    Ok(HttpResponse::Ok().json(DeclarationView::new(model, open)?))
}
