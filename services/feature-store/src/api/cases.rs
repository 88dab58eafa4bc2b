//! Past cases.

use actix_web::{get, web};
use customs::{DeclarationId, Timestamp};
use explanation::ItemCases;
use rest::{Authorized, Problem, QueryParams, ReadProblems};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::State;
use crate::app::cases::{Question, similar};

rest::roles!(pub CaseReader = Service | Analyst | Auditor | DataScientist);

const DEFAULT_LIMIT: u64 = 5;
const MAX_LIMIT: u64 = 50;
const MAX_ITEMS: usize = 20;

/// Like what, and known when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SimilarParams {
    /// The declaration whose items the past is held against.
    pub declaration: DeclarationId,
    /// Its version; the highest when absent.
    pub version: Option<u32>,
    /// Sequences of goods items with commas between, at most 20; the first 20 items when absent.
    #[param(example = "1,3", pattern = "^[1-9][0-9]{0,8}(,[1-9][0-9]{0,8}){0,19}$")]
    pub items: Option<String>,
    /// Only what was known before this moment; everything when absent.
    #[param(example = "2026-03-02T17:00:00Z")]
    pub before: Option<Timestamp>,
    /// Similar cases per item, 0 to 50; 5 when absent.
    #[serde(default, deserialize_with = "rest::params::count")]
    pub limit: Option<u64>,
}

/// What the past says of the items of a declaration.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "declaration": "019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c", "version": 1, "items": [{
        "item": 1, "known": {"cases": 210, "levels": [{"group": "heading", "cases": 12, "kinds": [{
            "kind": "undervaluation", "findings": 9, "dutied": 9, "dutyRatios": 1.26,
            "uplift": {"count": 9, "sum": 6.1, "squares": 5.0}
        }]}]},
        "similar": [{
            "declaration": "019c8e0c-5c00-7a41-9d3f-2a6bd40f1f0c", "item": 2, "knownAt": "2026-02-10T17:00:00Z",
            "control": "019c8e0c-5c00-7d63-9e21-7a1bc65d2e3f", "method": "physical", "stage": "final",
            "kinds": ["undervaluation"], "additionalDuty": {"amount": "410.20", "currency": "USD"},
            "similarity": 0.83, "shared": ["chapter", "heading", "subheading", "origin", "unitValue"]
        }]
    }]
}))]
pub struct SimilarCases {
    /// The declaration.
    pub declaration: DeclarationId,
    /// Its version.
    pub version: u32,
    /// Its items.
    pub items: Vec<ItemCases>,
}

/// Finds past cases like the items of a declaration
///
/// Cases are examined items with standing findings. They are told with what all of them say about goods like the item:
/// findings by kind, corrections and additional duty, by level of generality. Nothing known from the given moment on is
/// looked at, nothing of the declaration itself, and of older cases the latest 20,000.
#[utoipa::path(
    operation_id = "similarcases_list",
    params(SimilarParams),
    responses((status = 200, description = "What the past says, item by item.", body = SimilarCases), ReadProblems),
    security(("bearer" = ["service", "analyst", "auditor", "data-scientist"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/cases/similar")]
pub async fn list(
    _: Authorized<CaseReader>,
    params: QueryParams<SimilarParams>,
    state: web::Data<State>,
) -> Result<web::Json<SimilarCases>, Problem> {
    let params = params.0;
    let question = Question {
        declaration: params.declaration,
        version: params.version,
        items: params.items.as_deref().map(items).transpose()?.unwrap_or_default(),
        before: params.before.map_or(i64::MAX, Timestamp::as_microsecond),
        most: params.limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT) as usize,
    };
    let (version, items) = similar(&state.database, &question).await?;
    Ok(web::Json(SimilarCases { declaration: params.declaration, version, items }))
}

fn items(text: &str) -> Result<Vec<u32>, Problem> {
    let items: Option<Vec<u32>> = text.split(',').map(|item| item.trim().parse().ok()).collect();
    items.filter(|items| items.len() <= MAX_ITEMS).ok_or_else(|| {
        Problem::bad_request("query-invalid", "The query cannot be understood").with_error(
            "/items",
            "invalid",
            "sequences of goods items with commas between, at most 20",
        )
    })
}
