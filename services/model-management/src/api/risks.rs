//! The risk register: writing, closing, looking up, and what covers each risk.

use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, post, put};
use customs::{Direction, ModelVersionId};
use jiff::Timestamp;
use rest::{Authorized, Body, Page, PathParams, Problem, QueryParams, ReadProblems, WriteProblems};
use risk_filters::FilterState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    ManagementError,
    app::{App, risks::Covered, source::FilterFigures},
    domain::risk::NewRisk,
    store::risks::{self, RiskVersion},
};

rest::roles!(pub RiskWriter = Analyst | Approver);
rest::roles!(pub RiskReader = Analyst | Approver | Supervisor | ModelManager | Auditor | Service);

const DEFAULT_LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 500;

/// A version of a risk.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RiskView {
    /// What was written.
    #[serde(flatten)]
    pub risk: NewRisk,
    /// Likelihood times consequence, 1 to 25.
    pub rating: u32,
    /// The version, from 1.
    pub version: u32,
    /// Who wrote it.
    pub author: String,
    /// When (domain time).
    pub created_at: Timestamp,
    /// When the risk was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// Who closed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
}

impl From<RiskVersion> for RiskView {
    fn from(version: RiskVersion) -> Self {
        let (closed_at, closed_by) = version.closed.unzip();
        Self {
            rating: version.content.rating(),
            risk: version.content,
            version: version.version,
            author: version.author,
            created_at: version.created_at,
            closed_at,
            closed_by,
        }
    }
}

/// What covers a risk.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CoverageView {
    /// The risk.
    pub risk: RiskView,
    /// The filters that name it, the active ones first.
    pub filters: Vec<CoveringFilter>,
    /// The models that decide where it may happen. They learn from findings of every kind, and none is for one risk.
    pub models: Vec<CoveringModel>,
    /// Whether an active filter or a model covers it.
    pub covered: bool,
    /// What its filters brought; absent when performance monitoring did not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<FilterFigures>,
}

/// A filter that names a risk.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CoveringFilter {
    /// Its code.
    pub code: String,
    /// The version in force, or else the latest.
    pub version: u32,
    /// Where that version stands.
    pub state: FilterState,
}

/// A model that decides where a risk may happen.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CoveringModel {
    /// The direction it decides for.
    pub direction: Direction,
    /// The version that decides.
    pub champion: ModelVersionId,
}

impl From<Covered> for CoverageView {
    fn from(covered: Covered) -> Self {
        let active = covered.filters.iter().any(|filter| filter.state == FilterState::Active);
        Self {
            covered: active || !covered.models.is_empty(),
            risk: covered.risk.into(),
            filters: covered
                .filters
                .into_iter()
                .map(|filter| CoveringFilter { code: filter.filter, version: filter.version, state: filter.state })
                .collect(),
            models: covered
                .models
                .into_iter()
                .map(|(direction, champion)| CoveringModel { direction, champion })
                .collect(),
            figures: covered.figures,
        }
    }
}

/// Which risks to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Continue after this page's end.
    after: Option<String>,
    /// At most so many, 1 to 500; 50 when absent.
    #[serde(default, deserialize_with = "rest::params::count")]
    limit: Option<u64>,
}

/// Adds a risk to the register.
///
/// The same content under the same code again answers 200 with the same risk.
#[utoipa::path(
    operation_id = "risks_create",
    request_body(content = NewRisk, description = "The risk as it is written."),
    responses(
        (status = 201, description = "Added.", body = RiskView, example = json!({"code": "R-017", "version": 1, "rating": 16})),
        (status = 200, description = "It stands already.", body = RiskView, example = json!({"code": "R-017", "version": 1, "rating": 16})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[post("/v1/risks")]
pub async fn create(
    caller: Authorized<RiskWriter>,
    app: Data<App>,
    body: Body<NewRisk>,
) -> Result<HttpResponse, Problem> {
    let (written, new) = app.create_risk(&caller.subject, &body.0).await?;
    let mut response = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(RiskView::from(written)))
}

/// Lists the risks, closed ones included, by code.
#[utoipa::path(
    operation_id = "risks_list",
    params(ListParams),
    responses(
        (status = 200, description = "A page of risks, each in its latest version.", body = Page<RiskView>,
         example = json!({"items": [{"code": "R-017", "version": 1, "rating": 16}]})),
        ReadProblems
    ),
    security(("bearer" = ["analyst", "approver", "supervisor", "model-manager", "auditor", "service"])),
)]
#[get("/v1/risks")]
pub async fn list(
    _caller: Authorized<RiskReader>,
    app: Data<App>,
    query: QueryParams<ListParams>,
) -> Result<HttpResponse, Problem> {
    let limit = query.0.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let rows = risks::latest(app.db.reader(), query.0.after.as_deref().unwrap_or_default(), limit + 1).await?;
    let page = Page::of_one_more(rows, limit as usize, |risk| risk.content.code.clone());
    let items = page.items.into_iter().map(RiskView::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next: page.next }))
}

/// Tells what covers each open risk: filters by state, models, and what the filters brought.
#[utoipa::path(
    operation_id = "riskcoverage_list",
    responses(
        (status = 200, description = "Every open risk, by code.", body = Vec<CoverageView>,
         example = json!([{"risk": {"code": "R-017", "version": 1, "rating": 16},
            "filters": [{"code": "UV-TEXTILES", "version": 2, "state": "active"}],
            "models": [{"direction": "in", "champion": "019b0000-0000-7000-8000-000000000001"}], "covered": true,
            "figures": {"matches": 1200, "selections": 540, "examined": 500, "findings": 90, "yield": 0.18,
                "yieldLow": 0.147, "yieldHigh": 0.217}}])),
        ReadProblems
    ),
    security(("bearer" = ["analyst", "approver", "supervisor", "model-manager", "auditor", "service"])),
)]
#[get("/v1/risks/coverage")]
pub async fn coverage(_caller: Authorized<RiskReader>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let covered: Vec<CoverageView> = app.risk_coverage().await?.into_iter().map(CoverageView::from).collect();
    Ok(HttpResponse::Ok().json(covered))
}

/// Shows all versions of a risk.
#[utoipa::path(
    operation_id = "risks_read",
    params(("code" = String, Path, description = "The risk's code.")),
    responses(
        (status = 200, description = "Its versions, ascending.", body = Vec<RiskView>,
         example = json!([{"code": "R-017", "version": 1, "rating": 16}])),
        ReadProblems
    ),
    security(("bearer" = ["analyst", "approver", "supervisor", "model-manager", "auditor", "service"])),
)]
#[get("/v1/risks/{code}")]
pub async fn read(
    _caller: Authorized<RiskReader>,
    app: Data<App>,
    code: PathParams<String>,
) -> Result<HttpResponse, Problem> {
    let versions = risks::versions(app.db.reader(), &code.0).await?;
    if versions.is_empty() {
        return Err(ManagementError::UnknownRisk(code.0).into());
    }
    let versions: Vec<RiskView> = versions.into_iter().map(RiskView::from).collect();
    Ok(HttpResponse::Ok().json(versions))
}

/// Writes a new version of a risk.
///
/// The content of the latest version again answers with that version.
#[utoipa::path(
    operation_id = "risks_update",
    params(("code" = String, Path, description = "The risk's code.")),
    request_body(content = NewRisk, description = "The whole risk; the code stays."),
    responses(
        (status = 200, description = "The version that holds.", body = RiskView,
         example = json!({"code": "R-017", "version": 2, "rating": 20})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[put("/v1/risks/{code}")]
pub async fn update(
    caller: Authorized<RiskWriter>,
    app: Data<App>,
    code: PathParams<String>,
    body: Body<NewRisk>,
) -> Result<HttpResponse, Problem> {
    let (written, _) = app.update_risk(&caller.subject, &code.0, &body.0).await?;
    Ok(HttpResponse::Ok().json(RiskView::from(written)))
}

/// Closes a risk.
///
/// It stays in the record; no filter can name it any more. Refused while a filter in force does.
#[utoipa::path(
    operation_id = "risks_close",
    params(("code" = String, Path, description = "The risk's code.")),
    responses(
        (status = 200, description = "Closed.", body = RiskView,
         example = json!({"code": "R-017", "version": 2, "closedBy": "ben"})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[delete("/v1/risks/{code}")]
pub async fn close(
    caller: Authorized<RiskWriter>,
    app: Data<App>,
    code: PathParams<String>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(RiskView::from(app.close_risk(&caller.subject, &code.0).await?)))
}
