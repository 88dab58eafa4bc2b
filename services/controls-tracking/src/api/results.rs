//! Results: what a control established.

use actix_web::{HttpResponse, post, web};
use customs::{ControlId, NewResult, ResultVersion};
use rest::{Authorized, Body, PathParams, Problem, WriteProblems};

use super::controls::OfficerOnly;
use super::{answer, refuse};
use crate::ControlsError;
use crate::app::App;
use crate::app::record_results::Report;

/// Reports a version of a control's result.
#[utoipa::path(
    operation_id = "results_create",
    params(("id" = ControlId, Path, description = "The control.")),
    request_body(content = NewResult, description = "The whole result; a higher version replaces the lower ones.",
        example = json!({
            "version": 1, "stage": "final", "examinedAt": "2026-03-02T10:00:00-05:00",
            "establishedAt": "2026-03-02T11:30:00-05:00", "items": [
                {"sequence": 1, "outcome": "conform"},
                {"sequence": 2, "outcome": "finding", "findings": [{
                    "kind": "undervaluation", "nature": "suspectedFraud", "field": "valuation", "declared": "1200.00",
                    "found": "5400.00", "measures": [{"type": "additionalDuty", "tax": "ADV",
                        "amount": {"amount": "252.00", "currency": "USD"}}],
                }]},
            ],
        })),
    responses(
        (status = 201, description = "Recorded.", body = ResultVersion, example = json!({
            "id": "019cae0c-5c00-7e74-8a32-8b2cd76e3f40", "control": "019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c",
            "knownAt": "2026-03-02T16:31:00Z", "version": 1, "stage": "final", "examinedAt": "2026-03-02T15:00:00Z",
            "establishedAt": "2026-03-02T16:30:00Z", "items": [{"sequence": 1, "outcome": "conform"}],
        })),
        (status = 200, description = "Recorded before, word for word.", body = ResultVersion, example = json!({
            "id": "019cae0c-5c00-7e74-8a32-8b2cd76e3f40", "control": "019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c",
            "knownAt": "2026-03-02T16:31:00Z", "version": 1, "stage": "final", "examinedAt": "2026-03-02T15:00:00Z",
            "establishedAt": "2026-03-02T16:30:00Z", "items": [{"sequence": 1, "outcome": "conform"}],
        })),
        WriteProblems,
    ),
    security(("bearer" = ["officer"])),
)]
#[post("/v1/controls/{id}/results")]
pub async fn create(
    caller: Authorized<OfficerOnly>,
    id: PathParams<ControlId>,
    body: Body<NewResult>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let report = Report { control: id.0, officer: caller.subject.clone(), result: body.0 };
    let mut answers = app.record_results(&caller, &[report]).await.map_err(refuse)?;
    let one = answers.pop().unwrap_or(Err(ControlsError::UnknownControl(id.0)));
    let (done, version) = one.map_err(refuse)?;
    Ok(answer(done, &version))
}
