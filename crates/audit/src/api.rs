//! Reading the trail.

use actix_web::{HttpResponse, get, web};
use rest::{Authorized, Offices, Page, Problem, QueryParams, ReadProblems, ServiceConfig};
use serde::{Deserialize, Serialize};
use store::{Cursor, Limit};
use utoipa::{IntoParams, ToSchema};

use crate::store::{self as tables, Record};
use crate::{AuditError, Ledger};

rest::roles!(pub(crate) Auditors = Auditor);

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditParams {
    /// Go on after this cursor.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]$")]
    after: Option<Cursor>,
    /// The most records, up to 1,000; 100 unless told.
    limit: Option<u32>,
    /// Only what this bearer of tokens did.
    subject: Option<String>,
    /// Only this operation.
    operation: Option<String>,
}

/// One record of the trail.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RecordView {
    /// Its number, from 1 without gaps.
    number: i64,
    /// When it was written (process time, Unix milliseconds).
    at_ms: i64,
    /// `begun`: an act that is about to be carried out; `ended`: how it ended; `noted`: a look that is over.
    #[schema(example = "begun")]
    stage: String,
    /// The operation, as the documents name it; absent where the act ended: see there.
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    /// The number of the record of the act that ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    begun: Option<i64>,
    /// The HTTP status it ended with.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<i64>,
    /// Who: the bearer of the token. Absent where it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// On what: the path that was asked for. Absent where it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
}

impl RecordView {
    fn of((entry, person): Record) -> Self {
        let (subject, object) = person.map(|person| (person.subject, person.object)).unzip();
        Self {
            number: entry.number,
            at_ms: entry.at_ms,
            stage: entry.stage,
            operation: Some(entry.operation).filter(|operation| !operation.is_empty()),
            begun: entry.begun,
            status: entry.status,
            subject,
            object,
        }
    }
}

/// List the records of privileged acts and looks
///
/// Oldest first. The trail covers every office, and so must the token. `aforo audit verify` tells whether it is intact.
#[utoipa::path(
    tag = "audit",
    operation_id = "audit_list",
    params(AuditParams),
    responses((status = 200, description = "The records.", body = Page<RecordView>,
        example = json!({"items": [{"number": 1, "atMs": 1_772_460_000_000_i64, "stage": "begun",
            "operation": "filterapprovals_create", "subject": "approver-2",
            "object": "/v1/filters/0b0f9a3e-5f2c-5b9e-8f53-6f6ad1c8a5b1/approvals"}]})), ReadProblems),
    security(("bearer" = ["auditor"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/audit")]
async fn list(
    caller: Authorized<Auditors>,
    params: QueryParams<AuditParams>,
    ledger: web::Data<Ledger>,
) -> Result<HttpResponse, Problem> {
    if caller.offices != Offices::All {
        return Err(Problem::forbidden("office-forbidden", "The token does not cover this office")
            .with_detail("the audit trail covers every office, and the token does not"));
    }
    let AuditParams { after, limit, subject, operation } = params.0;
    let after = after.map(Cursor::number).transpose().map_err(|error| {
        Problem::bad_request("query-invalid", "The query cannot be understood").with_error(
            "/after",
            "invalid",
            error.to_string(),
        )
    })?;
    let limit = Limit::new(limit, 100, 1_000);
    let (subject, operation) = (subject.as_deref(), operation.as_deref());
    let records = tables::page(ledger.db.reader(), after.unwrap_or(0), subject, operation, limit.select()).await;
    let records = records.map_err(AuditError::from)?;
    let page = store::Page::of(records, limit, |(entry, _)| Cursor::Number(entry.number)).map(RecordView::of);
    let next = page.next.map(|next| next.to_string());
    Ok(HttpResponse::Ok().json(Page { items: page.items, next }))
}

/// The routes, with their state.
pub fn routes(ledger: Ledger) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + Sync + 'static {
    move |config| {
        config.app_data(web::Data::new(ledger.clone()));
        mount(config);
    }
}

fn mount(config: &mut ServiceConfig<'_>) {
    config.service(list);
}

/// The API document. Needs no state.
pub fn openapi() -> utoipa::openapi::OpenApi {
    rest::contract::document("audit", "Records of privileged acts and looks.", mount)
}
