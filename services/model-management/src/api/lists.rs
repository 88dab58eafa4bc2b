//! Lists: writing, approving, looking at them, and who did.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use jiff::Timestamp;
use rest::{Authorized, Body, Page, PathParams, Principal, Problem, QueryParams, ReadProblems, WriteProblems};
use risk_filters::{CodeKind, FilterState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::filters::ApprovalView;
use crate::{
    ManagementError,
    app::{App, words::Words},
    domain::{
        approval::Target,
        list::{ListContent, NewList, Readers},
    },
    store::lists::{self, Event, List, ListVersion},
};

rest::roles!(pub ListWriter = Analyst | Approver);
rest::roles!(pub ListReader = Analyst | Approver | Auditor);
rest::roles!(pub TrailReader = Approver | Auditor);

const DEFAULT_LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 500;

/// A list without what is on it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListView {
    /// The name in conditions, behind `lists.`.
    pub name: String,
    /// What its entries are.
    pub kind: CodeKind,
    /// What it is for.
    pub title: String,
    /// The compartment it belongs to.
    pub compartment: String,
    /// Who may see its entries; told to these alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readers: Option<Readers>,
    /// When it was first written (domain time).
    pub created_at: Timestamp,
    /// Whether entries of this kind are not checked now, because no reference table of them is loaded.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unchecked: bool,
    /// Its versions, ascending.
    pub versions: Vec<ListVersionView>,
}

/// A version without what is on it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListVersionView {
    /// From 1.
    pub version: u32,
    /// Where it stands: draft, active or retired.
    pub state: FilterState,
    /// Who wrote it.
    pub author: String,
    /// When (domain time).
    pub created_at: Timestamp,
    /// First moment at which it holds.
    pub valid_from: Timestamp,
    /// End of validity, exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
    /// How many entries it has.
    pub size: u64,
    /// BLAKE3 of its entries, hexadecimal; told to the list's readers alone, since few entries can be guessed from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Who asked for which state.
    pub approvals: Vec<ApprovalView>,
}

/// A version of a list with what is on it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"name": "watch_2026", "version": 2, "validFrom": "2026-02-01T05:00:00Z",
    "entries": ["20123456786", "20666666661"]}))]
pub struct ListEntries {
    /// The list.
    pub name: String,
    /// The version.
    pub version: u32,
    /// What is on it.
    #[serde(flatten)]
    pub content: ListContent,
}

/// An entry of the audit trail of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"sequence": 4, "version": 2, "action": "looked", "subject": "ana",
    "reason": "case 2026-118", "at": "2026-03-02T15:00:00Z"}))]
pub struct ListEventView {
    /// Its place in the trail.
    pub sequence: i64,
    /// The version it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// What was done: drafted, activated, asked to retire, retired, looked, look refused.
    pub action: String,
    /// By whom.
    pub subject: String,
    /// Why, where that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When (domain time).
    pub at: Timestamp,
    /// The epoch of the filter set it led to; absent when nothing in force changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
}

impl From<Event> for ListEventView {
    fn from(event: Event) -> Self {
        let Event { sequence, version, action, subject, reason, at, epoch } = event;
        Self { sequence, version, action, subject, reason, at, epoch }
    }
}

impl ListVersionView {
    fn of(version: ListVersion, reads: bool) -> Self {
        Self {
            version: version.version,
            state: version.state,
            author: version.author,
            created_at: version.created_at,
            valid_from: version.valid_from,
            valid_to: version.valid_to,
            size: version.size,
            digest: reads.then_some(version.digest),
            approvals: version
                .approvals
                .into_iter()
                .map(|(state, voice, at)| ApprovalView { state, subject: voice.subject, at })
                .collect(),
        }
    }
}

fn view(list: List, caller: &Principal, words: &Words) -> ListView {
    let reads = list.readers.include(caller);
    ListView {
        readers: reads.then_some(list.readers),
        unchecked: words.codes().lack(list.kind),
        name: list.name,
        kind: list.kind,
        title: list.title,
        compartment: list.compartment,
        created_at: list.created_at,
        versions: list.versions.into_iter().map(|version| ListVersionView::of(version, reads)).collect(),
    }
}

/// What is asked for a version of a list.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"version": 1, "state": "active"}))]
pub struct ListApproval {
    /// The version.
    pub version: u32,
    /// The state it shall have: active or retired; active when absent.
    #[serde(default = "active")]
    pub state: Target,
}

fn active() -> Target {
    Target::Active
}

/// Which lists to list.
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

/// Which of the looks at a list to show.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventParams {
    /// Continue after this page's end.
    #[param(pattern = "^[0-9]{1,18}$")]
    after: Option<String>,
    /// At most so many, 1 to 500; 50 when absent.
    #[serde(default, deserialize_with = "rest::params::count")]
    limit: Option<u64>,
}

/// Which version to look at, and why.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LookParams {
    /// The version; the one in force when absent, or else the latest.
    version: Option<u32>,
    /// Why; written into the audit trail.
    reason: Option<String>,
}

async fn written(app: &App, (list, new): (List, bool), caller: &Principal) -> Result<HttpResponse, Problem> {
    let words = app.words(app.db.reader()).await?;
    let mut response = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(view(list, caller, &words)))
}

/// Drafts a list.
///
/// A draft can be named by drafts of filters and acts nowhere. The same content under the same name again answers 200.
#[utoipa::path(
    operation_id = "lists_create",
    request_body(content = NewList, description = "The list with its first version."),
    responses(
        (status = 201, description = "Drafted.", body = ListView,
         example = json!({"name": "watch_2026", "kind": "party", "versions": [{"version": 1, "state": "draft", "size": 2}]})),
        (status = 200, description = "It stands already.", body = ListView,
         example = json!({"name": "watch_2026", "kind": "party", "versions": [{"version": 1, "state": "draft", "size": 2}]})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[post("/v1/lists")]
pub async fn create(
    caller: Authorized<ListWriter>,
    app: Data<App>,
    body: Body<NewList>,
) -> Result<HttpResponse, Problem> {
    let outcome = app.create_list(&caller, &body.0).await?;
    written(&app, outcome, &caller).await
}

/// Lists the lists, without what is on them, by name.
#[utoipa::path(
    operation_id = "lists_list",
    params(ListParams),
    responses(
        (status = 200, description = "A page of lists.", body = Page<ListView>,
         example = json!({"items": [{"name": "watch_2026", "kind": "party", "compartment": "intelligence",
            "versions": [{"version": 1, "state": "active", "size": 2}]}]})),
        ReadProblems
    ),
    security(("bearer" = ["analyst", "approver", "auditor"])),
)]
#[get("/v1/lists")]
pub async fn index(
    caller: Authorized<ListReader>,
    app: Data<App>,
    query: QueryParams<ListParams>,
) -> Result<HttpResponse, Problem> {
    let limit = query.0.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let rows = lists::page(app.db.reader(), query.0.after.as_deref().unwrap_or_default(), limit + 1).await?;
    let page = Page::of_one_more(rows, limit as usize, |list| list.name.clone());
    let words = app.words(app.db.reader()).await?;
    let items = page.items.into_iter().map(|list| view(list, &caller, &words)).collect();
    Ok(HttpResponse::Ok().json(Page { items, next: page.next }))
}

/// Looks at what is on a list.
///
/// For its readers alone. Every look is written into the audit trail, a refused one too.
#[utoipa::path(
    operation_id = "listentries_read",
    params(("name" = String, Path, description = "The list's name."), LookParams),
    responses((status = 200, description = "What is on it.", body = ListEntries), ReadProblems),
    security(("bearer" = ["analyst", "approver", "auditor"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/lists/{name}/entries")]
pub async fn look(
    caller: Authorized<ListReader>,
    app: Data<App>,
    name: PathParams<String>,
    query: QueryParams<LookParams>,
) -> Result<HttpResponse, Problem> {
    let LookParams { version, reason } = query.0;
    let (list, version, content) = app.look_at_list(&caller, &name.0, version, reason.as_deref()).await?;
    Ok(HttpResponse::Ok().json(ListEntries { name: list.name, version, content }))
}

/// Shows a list with its versions, without what is on them.
#[utoipa::path(
    operation_id = "lists_read",
    params(("name" = String, Path, description = "The list's name.")),
    responses(
        (status = 200, description = "The list.", body = ListView,
         example = json!({"name": "watch_2026", "kind": "party", "versions": [{"version": 1, "state": "active", "size": 2}]})),
        ReadProblems
    ),
    security(("bearer" = ["analyst", "approver", "auditor"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/lists/{name}")]
pub async fn read(
    caller: Authorized<ListReader>,
    app: Data<App>,
    name: PathParams<String>,
) -> Result<HttpResponse, Problem> {
    let list = lists::find(app.db.reader(), &name.0).await?;
    let list = list.ok_or_else(|| ManagementError::UnknownList(name.0.clone()))?;
    let words = app.words(app.db.reader()).await?;
    Ok(HttpResponse::Ok().json(view(list, &caller, &words)))
}

/// Drafts a new version of a list.
///
/// For its readers alone. What is in force stays in force. The content of the latest version again answers 200.
#[utoipa::path(
    operation_id = "listversions_create",
    params(("name" = String, Path, description = "The list's name.")),
    request_body(content = ListContent, description = "What the version says."),
    responses(
        (status = 201, description = "Drafted.", body = ListView,
         example = json!({"name": "watch_2026", "kind": "party", "versions": [{"version": 2, "state": "draft", "size": 3}]})),
        (status = 200, description = "It stands already.", body = ListView,
         example = json!({"name": "watch_2026", "kind": "party", "versions": [{"version": 2, "state": "draft", "size": 3}]})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[post("/v1/lists/{name}/versions")]
pub async fn create_version(
    caller: Authorized<ListWriter>,
    app: Data<App>,
    name: PathParams<String>,
    body: Body<ListContent>,
) -> Result<HttpResponse, Problem> {
    let outcome = app.create_list_version(&caller, &name.0, &body.0).await?;
    written(&app, outcome, &caller).await
}

/// Approves a version of a list, or asks for its retirement.
///
/// `active` takes an approver who may see the list and is not the author; where two versions are in force the higher
/// holds. `retired` takes two people, one of them an approver; the last version that a filter in force names stays.
#[utoipa::path(
    operation_id = "listapprovals_create",
    params(("name" = String, Path, description = "The list's name.")),
    request_body(content = ListApproval, description = "The version and the state it shall have."),
    responses(
        (status = 201, description = "Recorded; the state of the version says whether it took effect.", body = ListView,
         example = json!({"name": "watch_2026", "kind": "party", "versions": [{"version": 1, "state": "active", "size": 2}]})),
        (status = 200, description = "It is in that state already.", body = ListView,
         example = json!({"name": "watch_2026", "kind": "party", "versions": [{"version": 1, "state": "active", "size": 2}]})),
        WriteProblems
    ),
    security(("bearer" = ["analyst", "approver"])),
)]
#[post("/v1/lists/{name}/approvals")]
pub async fn approve(
    caller: Authorized<ListWriter>,
    app: Data<App>,
    name: PathParams<String>,
    body: Body<ListApproval>,
) -> Result<HttpResponse, Problem> {
    let outcome = app.approve_list(&caller, &name.0, body.0.version, body.0.state).await?;
    written(&app, outcome, &caller).await
}

/// Shows the audit trail of a list: what was done to it, and who looked at it when and why.
#[utoipa::path(
    operation_id = "listevents_list",
    params(("name" = String, Path, description = "The list's name."), EventParams),
    responses(
        (status = 200, description = "A page of the trail, in order.", body = Page<ListEventView>,
         example = json!({"items": [{"sequence": 4, "version": 2, "action": "looked", "subject": "ana",
            "reason": "case 2026-118", "at": "2026-03-02T15:00:00Z"}]})),
        ReadProblems
    ),
    security(("bearer" = ["approver", "auditor"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/lists/{name}/events")]
pub async fn events(
    _caller: Authorized<TrailReader>,
    app: Data<App>,
    name: PathParams<String>,
    query: QueryParams<EventParams>,
) -> Result<HttpResponse, Problem> {
    let after = query.0.after.as_deref().map(str::parse::<i64>).transpose().map_err(|error| {
        Problem::bad_request("query-invalid", "The query cannot be understood").with_error(
            "/after",
            "invalid",
            error.to_string(),
        )
    })?;
    if lists::find(app.db.reader(), &name.0).await?.is_none() {
        return Err(ManagementError::UnknownList(name.0).into());
    }
    let limit = query.0.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let rows = lists::events(app.db.reader(), &name.0, after.unwrap_or(0), limit + 1).await?;
    let page = Page::of_one_more(rows, limit as usize, |event| event.sequence.to_string());
    let items: Vec<ListEventView> = page.items.into_iter().map(ListEventView::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next: page.next }))
}
