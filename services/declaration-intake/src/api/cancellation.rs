//! Withdrawing a declaration.

use std::time::Duration;

use actix_web::{HttpResponse, post, web};
use customs::DeclarationId;
use rest::{Authorized, Body, PathParams, Problem, WriteProblems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::views::DeclarationView;
use super::{Lodgers, examples};
use crate::app::Intake;

/// Why a declaration is withdrawn.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"reason": "the goods were not shipped"}))]
pub(crate) struct NewCancellation {
    /// In words.
    reason: String,
}

/// Cancel a declaration
#[utoipa::path(
    tag = "declarations",
    operation_id = "cancellations_create",
    params(("id" = DeclarationId, Path, description = "The declaration.")),
    request_body(content = NewCancellation, description = "Why."),
    responses(
        (status = 200, description = "Cancelled.", body = DeclarationView, example = json!(examples::status())),
        WriteProblems,
    ),
    security(("bearer" = ["customs-system"])),
)]
#[post("/v1/declarations/{id}/cancellation")]
pub(crate) async fn create(
    caller: Authorized<Lodgers>,
    id: PathParams<DeclarationId>,
    body: Body<NewCancellation>,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    let reason = body.0.reason.trim();
    if reason.is_empty() {
        return Err(Problem::unprocessable("reason-missing", "A reason is needed").with_error(
            "/reason",
            "empty-text",
            "say why",
        ));
    }
    intake.cancel(&caller.offices, id.0, reason).await?;
    super::declarations::show(&intake, &caller.offices, id.0, Duration::ZERO).await
}
