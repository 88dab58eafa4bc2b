//! The features there are.

use ::features::contract::{Label, Lineage, catalogue};
use actix_web::{get, web};
use customs::Timestamp;
use rest::{Authorized, Problem, ReadProblems};
use serde::Serialize;
use utoipa::ToSchema;

use crate::ServiceError;
use crate::api::State;
use crate::app::served::{Example, example};

rest::roles!(pub CatalogueReader = Analyst | Auditor | DataScientist | ModelManager | Service);

/// All features, in the order of a vector.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"contract": "9f1c…", "features": [{
    "name": "traderRate", "type": "share", "unit": "", "lineage": "history of trader, by declaration.trader",
    "description": "Smoothed rate of findings by physical examination for the trader.", "example": 0.08,
    "label": {"es": "Tasa suavizada de hallazgos en reconocimientos físicos del operador",
              "en": "Smoothed rate of findings by physical examination for the trader"},
    "sources": {"events": ["declaration.accepted", "control.resulted"],
                "states": [{"group": "trader", "reads": ["examined", "found"]}], "fields": ["declaration.trader"]}
}]}))]
pub struct CatalogueView {
    /// Hash of the feature contract.
    pub contract: String,
    /// When the declaration was decided that the examples are of; absent before a first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub examples_at: Option<Timestamp>,
    /// The features.
    pub features: Vec<FeatureView>,
}

/// A feature.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureView {
    /// Name; in filters `feature.<name>`.
    pub name: &'static str,
    /// `number`, `count`, `share` (0 to 1), `flag` (0 or 1) or `code`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub kind: ::features::FeatureType,
    /// Unit; empty when it has none.
    pub unit: &'static str,
    /// What it says.
    pub description: &'static str,
    /// The same for forms and reports, in both languages.
    pub label: &'static Label,
    /// What it is computed from, in one line.
    pub lineage: &'static str,
    /// What it is computed from: events, states, declared fields. The models that use it:
    /// `GET /v1/models/features` of model management.
    pub sources: &'static Lineage,
    /// The value that was served for an item of the latest declaration; null when it was missing there.
    pub example: Option<f32>,
}

/// Lists the features with type, unit, meaning, lineage and an example.
#[utoipa::path(
    operation_id = "catalogue_list",
    responses((status = 200, description = "All features, in the order of a vector.", body = CatalogueView), ReadProblems),
    security(("bearer" = ["analyst", "auditor", "data-scientist", "model-manager", "service"])),
)]
#[get("/v1/catalogue")]
pub async fn list(
    _: Authorized<CatalogueReader>,
    state: web::Data<State>,
) -> Result<web::Json<CatalogueView>, Problem> {
    let Example { decided_at, values } = example(&state.database).await?;
    let value = |at: usize| values.get(at).copied().filter(|value| value.is_finite());
    let features = catalogue().into_iter().enumerate().map(|(at, entry)| FeatureView {
        name: entry.name,
        kind: entry.kind,
        unit: entry.unit,
        description: entry.description,
        label: entry.label,
        lineage: entry.lineage,
        sources: entry.sources,
        example: value(at),
    });
    let contract = ::features::contract().hash.clone();
    let examples_at =
        decided_at.map(Timestamp::from_microsecond).transpose().map_err(|_| ServiceError::Stored("time"))?;
    Ok(web::Json(CatalogueView { contract, examples_at, features: features.collect() }))
}
