//! Filters: writing, checking, approving, ordering in an emergency, and looking up.

use std::collections::BTreeSet;

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use customs::FilterId;
use jiff::Timestamp;
use rest::{Authorized, Body, Page, PathParams, Problem, QueryParams, ReadProblems, Role, WriteProblems};
use risk_filters::{
    Checked, CodeKind, ConditionTree, ExpressionError, Field, FilterDefinition, FilterState, TreeError,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::{App, filters::Written},
    domain::{
        approval::{Target, Voice},
        filter::{NewFilter, Provenance},
    },
    store::filters::{self, FilterVersion, Listing},
};

rest::roles!(pub Writer = Analyst | Approver);
rest::roles!(pub Approver = Approver);
rest::roles!(pub Reader = Analyst | Approver | ModelManager | Auditor | Service);

const DEFAULT_LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 500;

/// A version of a filter with who wrote and approved it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterView {
    /// The definition as it is distributed.
    #[serde(flatten)]
    pub definition: FilterDefinition,
    /// Who wrote it; who asked for the search, when that drafted it.
    pub author: String,
    /// Whether a person wrote it or a search drafted it. The latter takes two people to put it in force.
    pub provenance: Provenance,
    /// When (domain time).
    pub created_at: Timestamp,
    /// Who asked for which state.
    pub approvals: Vec<ApprovalView>,
    /// The emergency order that put it in force, past or present.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency_order: Option<EmergencyView>,
    /// When it is written: what kinds of codes it names that could not be checked, because no reference table of them is
    /// loaded.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unchecked: BTreeSet<CodeKind>,
}

/// One person's word.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalView {
    /// The state asked for.
    pub state: Target,
    /// Who asked.
    pub subject: String,
    /// When (domain time).
    pub at: Timestamp,
}

/// An emergency order.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmergencyView {
    /// Who ordered.
    pub ordered_by: String,
    /// Why.
    pub reason: String,
    /// When (domain time).
    pub ordered_at: Timestamp,
    /// When it ends at the latest.
    pub until: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Who ended it, by confirming it or taking it back; absent when its time was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
}

impl From<FilterVersion> for FilterView {
    fn from(version: FilterVersion) -> Self {
        Self {
            definition: version.definition(),
            author: version.author,
            provenance: version.provenance,
            created_at: version.created_at,
            approvals: version
                .approvals
                .into_iter()
                .map(|(state, voice, at)| ApprovalView { state, subject: voice.subject, at })
                .collect(),
            emergency_order: version.emergency.map(|emergency| EmergencyView {
                ordered_by: emergency.ordered_by,
                reason: emergency.reason,
                ordered_at: emergency.ordered_at,
                until: emergency.until,
                ended_at: emergency.ended_at,
                ended_by: emergency.ended_by,
            }),
            unchecked: BTreeSet::new(),
        }
    }
}

/// A filter with all its versions and its audit trail.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterHistory {
    /// Versions, ascending.
    pub versions: Vec<FilterView>,
    /// What was done, in order.
    pub changes: Vec<ChangeView>,
}

/// An entry of the audit trail.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeView {
    /// Its place in the trail.
    pub sequence: i64,
    /// The version it concerns.
    pub version: u32,
    /// What was done.
    #[schema(example = "activated")]
    pub action: String,
    /// By whom.
    pub subject: String,
    /// In words.
    pub detail: String,
    /// When (domain time).
    pub at: Timestamp,
    /// The epoch of the filter set it led to; absent when nothing in force changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
}

/// What is asked for a version.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"version": 1, "state": "active"}))]
pub struct ApprovalRequest {
    /// The version.
    pub version: u32,
    /// The state it shall have; active when absent.
    #[serde(default = "active")]
    pub state: Target,
}

fn active() -> Target {
    Target::Active
}

/// An emergency order.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"version": 1, "hours": 24, "reason": "Alert 2026-17 of the port authority"}))]
pub struct EmergencyRequest {
    /// The version.
    pub version: u32,
    /// For how many hours, 1 to 48.
    #[serde(default = "longest")]
    pub hours: u32,
    /// Why.
    pub reason: String,
}

fn longest() -> u32 {
    crate::domain::filter::EMERGENCY_HOURS
}

/// A condition to be checked, as text or as a tree: one of them.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"expression": "item.hs4 == '8703' && item.customsValue < 2000.0"}))]
pub struct CheckRequest {
    /// The condition, in CEL over the field catalogue.
    #[serde(default)]
    pub expression: Option<String>,
    /// The condition as a tree, instead of the text.
    #[serde(default)]
    pub tree: Option<ConditionTree>,
}

/// What a condition uses, in both forms, or what is wrong with it.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "valid": true, "expression": "item.hs4 in ['6109', '6203'] && item.unitValuePerKg < 4.0", "formal": true,
    "tree": {"all": [{"field": "item.hs4", "op": "oneOf", "value": ["6109", "6203"]},
        {"field": "item.unitValuePerKg", "op": "less", "value": 4.0}]},
    "checked": {"level": "item", "fields": [{"name": "item.hs4", "type": "text"},
        {"name": "item.unitValuePerKg", "type": "number", "unit": "item.currency per kg"}]}
}))]
pub struct CheckResult {
    /// Whether it can be used.
    pub valid: bool,
    /// The condition as text; absent for a tree that has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// The condition as a tree; parts outside of the form stay text in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree: Option<ConditionTree>,
    /// Whether all of the tree is in the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formal: Option<bool>,
    /// What it looks at and the fields it uses, when it is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<Checked>,
    /// Every mistake of the text, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ExpressionError>,
    /// What is wrong with the tree as a tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree_error: Option<TreeError>,
}

/// Which filters to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Only filters with a version in this state; that version is shown.
    #[param(inline)]
    state: Option<FilterState>,
    /// Only filters that are, or were, in force by emergency order.
    emergency: Option<bool>,
    /// Continue after this page's end.
    after: Option<String>,
    /// At most so many, 1 to 500; 50 when absent.
    #[serde(default, deserialize_with = "rest::params::count")]
    limit: Option<u64>,
}

fn written(written: Written) -> HttpResponse {
    let mut response = if written.new { HttpResponse::Created() } else { HttpResponse::Ok() };
    response.json(FilterView { unchecked: written.unchecked, ..FilterView::from(written.version) })
}

/// Drafts a filter.
///
/// A draft matches nothing. The same content under the same code again answers 200 with the same filter.
#[utoipa::path(
    operation_id = "filters_create",
    request_body(content = NewFilter, description = "The filter as its author writes it."),
    responses(
        (status = 201, description = "Drafted.", body = FilterView, example = json!({"version": 1, "state": "draft"})),
        (status = 200, description = "It stands already.", body = FilterView, example = json!({"version": 1, "state": "draft"})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[post("/v1/filters")]
pub async fn create(
    caller: Authorized<Writer>,
    app: Data<App>,
    body: Body<NewFilter>,
) -> Result<HttpResponse, Problem> {
    check_offices(&caller, &body.0)?;
    Ok(written(app.create_filter(&caller.subject, Provenance::Written, &body.0).await?))
}

/// Who may act for some offices alone writes no filter beyond them.
pub(super) fn check_offices(caller: &rest::Principal, filter: &NewFilter) -> Result<(), Problem> {
    match (filter.offices(), &caller.offices) {
        (_, rest::Offices::All) => Ok(()),
        (Some(offices), _) => offices.iter().try_for_each(|office| caller.check_office(office)),
        (None, rest::Offices::Only(_)) => {
            Err(Problem::forbidden("office-forbidden", "The token does not cover this office")
                .with_detail("a national filter takes a token for all offices"))
        }
    }
}

/// Lists filters.
///
/// Of each filter the version in force, or else the latest, by code.
#[utoipa::path(
    operation_id = "filters_list",
    params(ListParams),
    responses(
        (status = 200, description = "A page of filters.", body = Page<FilterView>,
         example = json!({"items": [{"code": "UV-TEXTILES", "version": 1, "state": "active"}]})),
        ReadProblems
    ),
    security(("bearer" = ["analyst", "approver", "model-manager", "auditor", "service"])),
)]
#[get("/v1/filters")]
pub async fn list(
    _caller: Authorized<Reader>,
    app: Data<App>,
    query: QueryParams<ListParams>,
) -> Result<HttpResponse, Problem> {
    let listing = Listing {
        state: query.0.state,
        emergency: query.0.emergency.unwrap_or(false),
        after: query.0.after,
        limit: query.0.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT),
    };
    let (items, next) = app.list_filters(listing).await?;
    Ok(HttpResponse::Ok().json(Page { items: items.into_iter().map(FilterView::from).collect(), next }))
}

/// Checks a condition, and converts it.
///
/// Give the text or the tree; the answer has both, so that a form can be filled from a text and a text made from a form.
/// Fields, types, lists and codes are checked, and that it can hold at all. Stores nothing. A wrong condition is an
/// answer here, not a problem.
#[utoipa::path(
    operation_id = "filters_check",
    request_body(content = CheckRequest, description = "The condition, as text or as a tree."),
    responses((status = 200, description = "What it uses, or what is wrong.", body = CheckResult), WriteProblems),
    security(("bearer" = ["analyst", "approver"])),
    extensions(("x-audit" = json!("none"))),
)]
#[post("/v1/filters/check")]
pub async fn check(
    _caller: Authorized<Writer>,
    app: Data<App>,
    body: Body<CheckRequest>,
) -> Result<HttpResponse, Problem> {
    let expression = match (body.0.expression, body.0.tree) {
        (Some(expression), None) => expression,
        (None, Some(tree)) => match tree.to_expression(&app.catalogue) {
            Ok(expression) => expression,
            Err(error) => {
                let result = CheckResult { tree: Some(tree), tree_error: Some(error), ..CheckResult::default() };
                return Ok(HttpResponse::Ok().json(result));
            }
        },
        _ => {
            return Err(Problem::bad_request("body-malformed", "The body cannot be read").with_error(
                "/expression",
                "one-of-two",
                "give the condition either as expression or as tree",
            ));
        }
    };
    let words = app.words(app.db.reader()).await?;
    let tree = ConditionTree::of_expression(&expression, &app.catalogue).ok();
    let mut result =
        CheckResult { formal: tree.as_ref().map(ConditionTree::is_formal), tree, ..CheckResult::default() };
    match words.check(&app.catalogue, &expression) {
        Ok(checked) => (result.valid, result.checked) = (true, Some(checked)),
        Err(errors) => result.errors = errors,
    }
    result.expression = Some(expression);
    Ok(HttpResponse::Ok().json(result))
}

/// Shows the fields that conditions may name.
#[utoipa::path(
    operation_id = "filtercatalogue_read",
    responses(
        (status = 200, description = "All fields.", body = Vec<Field>,
         example = json!([{"name": "item.netMassKg", "type": "number", "unit": "kg", "operators": ["less", "greater"],
                           "example": "item.netMassKg > 1000.0", "label": {"es": "Peso neto", "en": "Net mass"}}])),
        ReadProblems
    ),
    security(("bearer" = ["analyst", "approver", "model-manager", "auditor", "service"])),
)]
#[get("/v1/filter-catalogue")]
pub async fn catalogue(_caller: Authorized<Reader>, app: Data<App>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(app.catalogue.fields()))
}

/// Shows a filter with all its versions and its audit trail.
#[utoipa::path(
    operation_id = "filters_read",
    params(("id" = FilterId, Path, description = "The filter.")),
    responses(
        (status = 200, description = "The filter.", body = FilterHistory,
         example = json!({"versions": [{"version": 1, "state": "active"}],
                          "changes": [{"sequence": 1, "version": 1, "action": "drafted", "subject": "ana"}]})),
        ReadProblems
    ),
    security(("bearer" = ["analyst", "approver", "model-manager", "auditor", "service"])),
)]
#[get("/v1/filters/{id}")]
pub async fn read(
    _caller: Authorized<Reader>,
    app: Data<App>,
    id: PathParams<FilterId>,
) -> Result<HttpResponse, Problem> {
    let versions = filters::versions(app.db.reader(), id.0).await?;
    let changes = filters::changes(app.db.reader(), id.0).await?;
    let changes = changes
        .into_iter()
        .map(|row| {
            Ok(ChangeView {
                sequence: row.seq,
                version: row.version as u32,
                action: row.action,
                subject: row.subject,
                detail: row.detail,
                at: crate::store::time(row.changed_at)?,
                epoch: row.epoch.map(|epoch| epoch as u64),
            })
        })
        .collect::<Result<Vec<_>, crate::ManagementError>>()?;
    let versions = versions.into_iter().map(FilterView::from).collect();
    Ok(HttpResponse::Ok().json(FilterHistory { versions, changes }))
}

/// Drafts a new version of a filter.
///
/// What is in force stays in force until the new version is approved. The content of the latest version again answers
/// 200 with that version.
#[utoipa::path(
    operation_id = "filterversions_create",
    params(("id" = FilterId, Path, description = "The filter.")),
    request_body(content = NewFilter, description = "The version as its author writes it; the code stays."),
    responses(
        (status = 201, description = "Drafted.", body = FilterView, example = json!({"version": 2, "state": "draft"})),
        (status = 200, description = "It stands already.", body = FilterView, example = json!({"version": 2, "state": "draft"})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[post("/v1/filters/{id}/versions")]
pub async fn create_version(
    caller: Authorized<Writer>,
    app: Data<App>,
    id: PathParams<FilterId>,
    body: Body<NewFilter>,
) -> Result<HttpResponse, Problem> {
    check_offices(&caller, &body.0)?;
    Ok(written(app.create_version(&caller.subject, id.0, &body.0).await?))
}

/// Approves a version of a filter, or asks for its retirement.
///
/// `active` and `shadow` take an approver who is not the author, and replace the version in force. `retired` takes two
/// different people, one of them an approver: the first call is recorded, the second takes effect. So does putting in
/// force what a search has drafted, which has no author. A version that is put in force names an open risk of the
/// register (`/v1/risks`).
#[utoipa::path(
    operation_id = "filterapprovals_create",
    params(("id" = FilterId, Path, description = "The filter.")),
    request_body(content = ApprovalRequest, description = "The version and the state it shall have."),
    responses(
        (status = 201, description = "Recorded; `state` says whether it took effect.", body = FilterView,
         example = json!({"version": 1, "state": "active"})),
        (status = 200, description = "It is in that state already.", body = FilterView,
         example = json!({"version": 1, "state": "active"})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[post("/v1/filters/{id}/approvals")]
pub async fn approve(
    caller: Authorized<Writer>,
    app: Data<App>,
    id: PathParams<FilterId>,
    body: Body<ApprovalRequest>,
) -> Result<HttpResponse, Problem> {
    let voice = Voice { subject: caller.subject.clone(), approver: caller.has(Role::Approver) };
    Ok(written(app.approve(id.0, body.0.version, body.0.state, voice).await?))
}

/// Puts a version in force by emergency order.
///
/// One approver is enough; it ends after at most 48 hours unless another person approves the version in the ordinary
/// way. The version names an open risk like any other. Reported: `GET /v1/filters?emergency=true`.
#[utoipa::path(
    operation_id = "filteremergencies_create",
    params(("id" = FilterId, Path, description = "The filter.")),
    request_body(content = EmergencyRequest, description = "The version, for how long, and why."),
    responses(
        (status = 201, description = "In force.", body = FilterView,
         example = json!({"version": 1, "state": "active", "emergency": true})),
        (status = 200, description = "Ordered already.", body = FilterView,
         example = json!({"version": 1, "state": "active", "emergency": true})),
        WriteProblems
    ),
    security(("bearer" = ["approver"])),
)]
#[post("/v1/filters/{id}/emergency")]
pub async fn order(
    caller: Authorized<Approver>,
    app: Data<App>,
    id: PathParams<FilterId>,
    body: Body<EmergencyRequest>,
) -> Result<HttpResponse, Problem> {
    let EmergencyRequest { version, hours, reason } = body.0;
    Ok(written(app.order_emergency(&caller.subject, id.0, version, hours, &reason).await?))
}
