//! Decision records, for those who audit and analyse.

use actix_web::{HttpResponse, get, web::Data};
use customs::{DeclarationId, Selection, SelectionId};
use rest::{Authorized, Page, PathParams, Problem, QueryParams, ReadProblems};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::{Cursor, Limit};
use utoipa::{IntoParams, ToSchema};

use super::State;
use crate::error::ServiceError;
use crate::store::selections::{self, Stored};

rest::roles!(pub Readers = Analyst | Auditor);

/// Records per page, unless asked otherwise, and at most.
const PAGE: (u32, u32) = (500, 5_000);

/// Which part of the feed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedParams {
    /// `next` of the page before; the beginning when absent.
    #[param(pattern = "^[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]$")]
    pub after: Option<String>,
    /// The most records, 1 to 5,000; 500 unless told.
    pub limit: Option<u32>,
    /// With the vectors the items were scored with.
    #[serde(default)]
    pub vectors: bool,
}

/// A part of the decision records, in the order of deciding.
#[derive(Debug, Serialize, ToSchema)]
pub struct SelectionPage {
    /// The records.
    #[schema(value_type = Vec<Selection>)]
    items: Vec<Box<RawValue>>,
    /// Ask for `after` this to go on, now or when more is decided; absent while nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

fn example() -> serde_json::Value {
    serde_json::json!({ "items": [example_record()] })
}

fn example_record() -> serde_json::Value {
    serde_json::json!({
        "id": "019515e8-7c80-7abc-8def-0123456789ab", "declaration": "019515e8-7c80-7def-8abc-0123456789ab",
        "declarationVersion": 1, "office": "118", "decisionPoint": "lodgement",
        "decidedAt": "2026-03-02T17:00:00Z", "channel": "red", "channelWithoutDraw": "red",
        "orders": [{ "method": "physical", "extent": { "type": "full" }, "trigger": "model", "verify": ["value"],
            "overPlan": false }],
        "probability": 1.0, "randomProbability": 0.005, "draw": 0.731, "probabilityOfFinding": 0.41,
        "value": 0.41, "price": 0.22, "routingEpoch": 3, "filtersEpoch": 2, "capacityEpoch": 1, "degraded": false
    })
}

/// Follow the decision records
///
/// In the order of deciding, with probability, matches and scores. A token for certain offices may not: the feed is of
/// all of them.
#[utoipa::path(
    tag = "selections",
    operation_id = "selections_list",
    params(FeedParams),
    responses((status = 200, description = "The next records.", body = SelectionPage, example = json!(example())), ReadProblems),
    security(("bearer" = ["analyst", "auditor"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/selections")]
pub async fn list(
    caller: Authorized<Readers>,
    params: QueryParams<FeedParams>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    if caller.offices != rest::Offices::All {
        return Err(Problem::forbidden("office-forbidden", "The token does not cover this office")
            .with_detail("the feed is of all offices"));
    }
    let FeedParams { after, limit, vectors } = params.0;
    let after = after.map_or(Ok(0), |text| text.parse::<Cursor>().and_then(Cursor::number)).map_err(|error| {
        Problem::bad_request("query-invalid", "The query cannot be understood").with_error(
            "/after",
            "invalid",
            error.to_string(),
        )
    })?;
    let limit = Limit::new(limit, PAGE.0, PAGE.1);
    let rows = selections::feed(state.decider.db.reader(), after, limit.rows() as u64, vectors)
        .await
        .map_err(Problem::from)?;
    let next =
        rows.last().map(|row| row.seq).or((after > 0).then_some(after)).map(|seq| Cursor::Number(seq).to_string());
    let items = rows.into_iter().map(whole).collect::<Result<_, _>>().map_err(Problem::from)?;
    Ok(HttpResponse::Ok().json(SelectionPage { items, next }))
}

/// The record as text, with its vectors where they were asked for.
fn whole(stored: Stored) -> Result<Box<RawValue>, ServiceError> {
    if stored.vectors.is_none() {
        return Ok(stored.record);
    }
    let selection = stored.into_selection()?;
    serde_json::value::to_raw_value(&selection).map_err(|error| ServiceError::Json("a decision", error))
}

/// Read a decision record
///
/// With the vectors the items were scored with: enough to recompute the decision.
#[utoipa::path(
    tag = "selections",
    operation_id = "selection_read",
    params(("id" = SelectionId, Path, description = "The selection.")),
    responses((status = 200, description = "The record.", body = Selection, example = json!(example_record())), ReadProblems),
    security(("bearer" = ["analyst", "auditor"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/selections/{id}")]
pub async fn read(
    caller: Authorized<Readers>,
    id: PathParams<SelectionId>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let missing = || ServiceError::NotFound(format!("selection {}", id.0));
    let stored = selections::find(state.decider.db.reader(), id.0).await.map_err(Problem::from)?;
    let selection = stored.ok_or_else(missing).and_then(Stored::into_selection).map_err(Problem::from)?;
    caller.check_office(&selection.office)?;
    Ok(HttpResponse::Ok().json(selection))
}

/// List the decision records of a declaration
///
/// One for each version and decision point, in the order of deciding, without vectors.
#[utoipa::path(
    tag = "selections",
    operation_id = "declarationselections_list",
    params(("id" = DeclarationId, Path, description = "The declaration.")),
    responses((status = 200, description = "The records.", body = SelectionPage, example = json!(example())), ReadProblems),
    security(("bearer" = ["analyst", "auditor"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/declarations/{id}/selections")]
pub async fn of_declaration(
    caller: Authorized<Readers>,
    id: PathParams<DeclarationId>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let rows = selections::of_declaration(state.decider.db.reader(), id.0).await.map_err(Problem::from)?;
    let selections =
        rows.into_iter().map(Stored::into_selection).collect::<Result<Vec<_>, _>>().map_err(Problem::from)?;
    if let Some(selection) = selections.last() {
        caller.check_office(&selection.office)?;
    }
    Ok(HttpResponse::Ok().json(Page { items: selections, next: None }))
}
