//! Models, their artefacts, and which of them decide.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use customs::{Direction, ModelVersionId};
use events::{Route, RoutingChanged};
use rest::{Authorized, PathParams, Problem, ReadProblems};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::{App, training::DIRECTIONS},
    store::{
        epochs,
        models::{self, ModelVersion},
    },
};

rest::roles!(pub Reader = DataScientist | ModelManager | Analyst | Auditor | Service);
rest::roles!(pub ArtefactReader = DataScientist | ModelManager | Service);

/// The model of a direction with its versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelView {
    /// The direction.
    pub direction: Direction,
    /// The version that decides; absent before a first model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub champion: Option<ModelVersionId>,
    /// Versions, latest first.
    pub versions: Vec<ModelVersion>,
}

/// Lists the models with their versions.
#[utoipa::path(
    operation_id = "models_list",
    responses(
        (status = 200, description = "One model per direction.", body = Vec<ModelView>,
         example = json!([{"direction": "in", "champion": "019b0000-0000-7000-8000-000000000001", "versions": []}])),
        ReadProblems
    ),
    security(("bearer" = ["data-scientist", "model-manager", "analyst", "auditor", "service"])),
)]
#[get("/v1/models")]
pub async fn list(_caller: Authorized<Reader>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let routes = models::routes(app.db.reader()).await?;
    let versions = models::versions(app.db.reader()).await?;
    let views: Vec<ModelView> = DIRECTIONS
        .into_iter()
        .map(|direction| ModelView {
            direction,
            champion: routes.iter().find(|route| route.direction == direction).map(|route| route.champion),
            versions: versions.iter().filter(|version| version.direction == direction).cloned().collect(),
        })
        .collect();
    Ok(HttpResponse::Ok().json(views))
}

/// Shows a model version.
#[utoipa::path(
    operation_id = "modelversions_read",
    params(("id" = ModelVersionId, Path, description = "The version.")),
    responses((status = 200, description = "The version.", body = ModelVersion), ReadProblems),
    security(("bearer" = ["data-scientist", "model-manager", "analyst", "auditor", "service"])),
)]
#[get("/v1/model-versions/{id}")]
pub async fn read(
    _caller: Authorized<Reader>,
    app: Data<App>,
    id: PathParams<ModelVersionId>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(models::version(app.db.reader(), id.0).await?))
}

/// Downloads an artefact.
///
/// The bytes of a digest never change.
#[utoipa::path(
    operation_id = "artefacts_read",
    params(("digest" = String, Path, description = "BLAKE3 of the artefact, hex.")),
    responses(
        (status = 200, description = "The artefact.", body = Vec<u8>, content_type = "application/octet-stream",
         example = json!("(bytes)")),
        ReadProblems
    ),
    security(("bearer" = ["data-scientist", "model-manager", "service"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/model-versions/{digest}/artefact")]
pub async fn artefact(
    _caller: Authorized<ArtefactReader>,
    app: Data<App>,
    digest: PathParams<String>,
) -> Result<HttpResponse, Problem> {
    let bytes = models::artefact(app.db.reader(), &digest.0).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header(("cache-control", "private, max-age=31536000, immutable"))
        .body(bytes))
}

/// Shows which version decides for which direction.
#[utoipa::path(
    operation_id = "routing_read",
    responses(
        (status = 200, description = "The routing table.", body = RoutingChanged,
         example = json!({"epoch": 4, "routes": [{"direction": "in",
            "champion": "019b0000-0000-7000-8000-000000000001", "championDigest": "5f1c…"}]})),
        ReadProblems
    ),
    security(("bearer" = ["data-scientist", "model-manager", "analyst", "auditor", "service"])),
)]
#[get("/v1/routing")]
pub async fn routing(_caller: Authorized<Reader>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let db = app.db.reader();
    let routes: Vec<Route> = models::routes(db).await?;
    let epoch = epochs::current(db, epochs::Subject::Routing).await?;
    Ok(HttpResponse::Ok().json(RoutingChanged { epoch, routes }))
}
