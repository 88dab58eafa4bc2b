//! Amending a declaration.

use actix_web::{HttpRequest, HttpResponse, post, web};
use customs::{Declaration, DeclarationId};
use rest::{Authorized, PathParams, Problem, QueryParams, RawBody, WriteProblems};

use super::declarations::LodgeParams;
use super::views::ReceiptView;
use super::{Lodgers, examples};
use crate::app::{Intake, Outcome};

/// Amend a declaration
///
/// The body is the whole declaration as it shall be. Declarant and reference stay. The content in force again is known.
#[utoipa::path(
    tag = "declarations",
    operation_id = "amendments_create",
    params(("id" = DeclarationId, Path, description = "The declaration."), LodgeParams),
    request_body(content = Declaration, description = "The declaration as it shall be.",
        example = json!(examples::declaration())),
    responses(
        (status = 201, description = "Stored as a new version.", body = ReceiptView,
            example = json!(examples::receipt())),
        (status = 200, description = "In force with the same content.", body = ReceiptView,
            example = json!(examples::receipt())),
        WriteProblems,
    ),
    security(("bearer" = ["customs-system"])),
)]
#[post("/v1/declarations/{id}/amendments")]
pub(crate) async fn create(
    caller: Authorized<Lodgers>,
    request: HttpRequest,
    id: PathParams<DeclarationId>,
    params: QueryParams<LodgeParams>,
    body: RawBody,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    rest::body::check_json(&request)?;
    let lodgement = intake.read_as_dated(&body.0)?;
    caller.check_office(&lodgement.declaration.office)?;
    let (lodgement, acceptance) = intake.amend(&caller.offices, id.0, lodgement, params.0.strict).await?;
    let mut response = if acceptance.outcome == Outcome::Stored { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(ReceiptView::new(&acceptance, lodgement)))
}
