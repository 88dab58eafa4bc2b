//! Assignments: who gets a control.

use actix_web::{HttpResponse, post, web};
use customs::ControlId;
use rest::{Authorized, Body, PathParams, Problem, WriteProblems};
use serde::Deserialize;
use utoipa::ToSchema;

use super::views::AssignmentView;
use super::{answer, refuse};
use crate::app::App;
use crate::app::assign_control::AssignmentRequest;

rest::roles!(pub Assigner = Officer | Supervisor | Service);

/// Whom to give the control to.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"officer": "officer-7", "reason": "speaks the language of the documents"}))]
pub struct NewAssignment {
    /// The officer, named by a supervisor. Absent: the lottery among officers on shift, able and without conflict.
    #[serde(default)]
    officer: Option<String>,
    /// Why this officer; required with a name, and kept.
    #[serde(default)]
    reason: Option<String>,
}

/// Gives a control to an officer.
#[utoipa::path(
    operation_id = "assignments_create",
    params(("id" = ControlId, Path, description = "The control.")),
    request_body(content = NewAssignment, description = "Empty for the lottery; an officer and a reason by a supervisor."),
    responses(
        (status = 201, description = "Given.", body = AssignmentView),
        (status = 200, description = "Somebody has it already, as asked.", body = AssignmentView),
        WriteProblems,
    ),
    security(("bearer" = ["officer", "supervisor", "service"])),
)]
#[post("/v1/controls/{id}/assignment")]
pub async fn create(
    caller: Authorized<Assigner>,
    id: PathParams<ControlId>,
    body: Body<NewAssignment>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let request = AssignmentRequest { officer: body.0.officer, reason: body.0.reason };
    let (done, assignment) = app.assign_control(&caller, id.0, &request).await.map_err(refuse)?;
    Ok(answer(done, &AssignmentView::of(assignment).map_err(refuse)?))
}
