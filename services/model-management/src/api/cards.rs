//! What is known of a model version: its card with the calibration plot, and the features it goes by.

use ::features::contract::CatalogueEntry;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use customs::{Direction, ModelVersionId};
use rest::{Authorized, PathParams, Problem, ReadProblems};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    store::models::{ModelState, ModelVersion},
};

rest::roles!(pub CardReader = DataScientist | ModelManager | Analyst | Auditor | Service);

/// The features with the versions that use them.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "contract": "9f1c…",
    "versions": [{"id": "019b0000-0000-7000-8000-000000000001", "direction": "in", "algorithm": "boosted",
        "state": "champion", "contractHash": "9f1c…"}],
    "features": [{"name": "traderRate", "type": "share", "unit": "",
        "description": "Smoothed rate of findings by physical examination for the trader.",
        "label": {"es": "Tasa suavizada de hallazgos del operador", "en": "Smoothed rate of findings for the trader"},
        "lineage": "history of trader, by declaration.trader",
        "sources": {"events": ["declaration.accepted", "control.resulted"],
            "states": [{"group": "trader", "reads": ["examined", "found"]}], "fields": ["declaration.trader"]},
        "models": ["019b0000-0000-7000-8000-000000000001"]}]
}))]
pub struct FeatureUse {
    /// Hash of the feature contract.
    pub contract: String,
    /// The versions that count: champions, and candidates that were brought.
    pub versions: Vec<UsingVersion>,
    /// Every feature, in the order of a vector; `models` are the identifiers of versions that use it.
    pub features: Vec<CatalogueEntry>,
}

/// A version that uses features.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsingVersion {
    /// The version.
    pub id: ModelVersionId,
    /// The direction it scores.
    pub direction: Direction,
    /// What was trained, or the format it was brought in.
    pub algorithm: String,
    /// Where it stands.
    pub state: ModelState,
    /// Hash of the contract it was trained for.
    pub contract_hash: String,
}

impl From<ModelVersion> for UsingVersion {
    fn from(version: ModelVersion) -> Self {
        let ModelVersion { id, direction, algorithm, state, contract_hash, .. } = version;
        Self { id, direction, algorithm, state, contract_hash }
    }
}

/// Lists the features with their lineage and the models that use them
///
/// The whole way: events change states, features are read from states and declared fields, models use features.
#[utoipa::path(
    operation_id = "modelfeatures_list",
    responses((status = 200, description = "Every feature, in the order of a vector.", body = FeatureUse), ReadProblems),
    security(("bearer" = ["data-scientist", "model-manager", "analyst", "auditor", "service"])),
)]
#[get("/v1/models/features")]
pub async fn list_features(_caller: Authorized<CardReader>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let (versions, features) = app.features().await?;
    let versions = versions.into_iter().map(UsingVersion::from).collect();
    let contract = ::features::contract().hash.clone();
    Ok(HttpResponse::Ok().json(FeatureUse { contract, versions, features }))
}

/// Shows the card of a model version
///
/// Markdown: what it learned from and until when, how well it does with intervals, its calibration, the features it goes
/// by, limits, and the quality of its rows. It refers to the plot at `calibration.svg` beside it.
#[utoipa::path(
    operation_id = "modelcards_read",
    params(("id" = ModelVersionId, Path, description = "The version.")),
    responses(
        (status = 200, description = "The card.", body = String, content_type = "text/markdown",
         example = json!("# boosted, direction in, 2026-03-01\n")),
        ReadProblems
    ),
    security(("bearer" = ["data-scientist", "model-manager", "analyst", "auditor", "service"])),
)]
#[get("/v1/models/{id}/card")]
pub async fn read_card(
    _caller: Authorized<CardReader>,
    app: Data<App>,
    id: PathParams<ModelVersionId>,
) -> Result<HttpResponse, Problem> {
    let card = app.card(id.0).await?;
    Ok(HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(card.markdown))
}

/// Draws the calibration of a model version
///
/// What was said against what came, with 95 % intervals, on declarations that it had not learned from.
#[utoipa::path(
    operation_id = "modelplots_read",
    params(("id" = ModelVersionId, Path, description = "The version.")),
    responses(
        (status = 200, description = "The plot.", body = String, content_type = "image/svg+xml",
         example = json!("<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>")),
        ReadProblems
    ),
    security(("bearer" = ["data-scientist", "model-manager", "analyst", "auditor", "service"])),
)]
#[get("/v1/models/{id}/calibration.svg")]
pub async fn read_plot(
    _caller: Authorized<CardReader>,
    app: Data<App>,
    id: PathParams<ModelVersionId>,
) -> Result<HttpResponse, Problem> {
    let card = app.card(id.0).await?;
    Ok(HttpResponse::Ok().content_type("image/svg+xml").body(card.svg))
}
