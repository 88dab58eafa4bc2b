//! The features there are.

use ::features::contract::catalogue;
use actix_web::{get, web};
use rest::{Authorized, Problem, ReadProblems};
use serde::Serialize;
use utoipa::ToSchema;

rest::roles!(pub CatalogueReader = Analyst | Auditor | DataScientist | ModelManager | Service);

/// All features, in the order of a vector.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"contract": "9f1c…", "features": [{
    "name": "traderRate", "type": "share", "unit": "", "lineage": "history of the trader",
    "description": "Smoothed rate of findings by physical examination for the trader."
}]}))]
pub struct CatalogueView {
    /// Hash of the feature contract.
    pub contract: String,
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
    /// What it is computed from.
    pub lineage: &'static str,
}

/// Lists the features with type, unit, meaning and lineage.
#[utoipa::path(
    operation_id = "catalogue_list",
    responses((status = 200, description = "All features, in the order of a vector.", body = CatalogueView), ReadProblems),
    security(("bearer" = ["analyst", "auditor", "data-scientist", "model-manager", "service"])),
)]
#[get("/v1/catalogue")]
pub async fn list(_: Authorized<CatalogueReader>) -> Result<web::Json<CatalogueView>, Problem> {
    let features = catalogue().into_iter().map(|entry| FeatureView {
        name: entry.name,
        kind: entry.kind,
        unit: entry.unit,
        description: entry.description,
        lineage: entry.lineage,
    });
    let contract = ::features::contract().hash.clone();
    Ok(web::Json(CatalogueView { contract, features: features.collect() }))
}
