//! Scans: what a scanner image showed.

use actix_web::{HttpResponse, post, web};
use customs::{ControlId, DeclarationId, ScanId};
use rest::{Authorized, Body, Problem, WriteProblems};
use serde::Serialize;
use utoipa::ToSchema;

use super::{answer, refuse};
use crate::app::App;
use crate::domain::NewScan;

rest::roles!(pub Scanner = CustomsSystem | Officer);

/// A scan in the record.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019cae0c-5c00-7f85-9b43-9c3de87f4051", "control": "019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c",
}))]
pub struct ScanView {
    /// The scan.
    id: ScanId,
    /// Its control.
    control: ControlId,
    /// Its declaration; absent until one with this container comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    declaration: Option<DeclarationId>,
}

/// Records a scanner image; the declaration may come later.
#[utoipa::path(
    operation_id = "scans_create",
    request_body(content = NewScan, description = "The image. Scanner, container and time are its identity."),
    responses(
        (status = 201, description = "Recorded.", body = ScanView),
        (status = 200, description = "Recorded before, word for word.", body = ScanView),
        WriteProblems,
    ),
    security(("bearer" = ["customs-system", "officer"])),
)]
#[post("/v1/scans")]
pub async fn create(
    caller: Authorized<Scanner>,
    body: Body<NewScan>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let (done, scan) = app.record_scan(&caller, &body.0).await.map_err(refuse)?;
    Ok(answer(done, &ScanView { id: scan.id, control: scan.control, declaration: scan.declaration }))
}
