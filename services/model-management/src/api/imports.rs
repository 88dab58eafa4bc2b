//! Bringing a model, and the rows to train one on.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use customs::Direction;
use rest::{Authorized, PathParams, Problem, QueryParams, RawBody, ReadProblems, WriteProblems};
use risk_model::{CalibrationMethod, ModelFormat};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::{
    App,
    imports::{Brought, ImportedVersion},
};

rest::roles!(pub Scientist = DataScientist | ModelManager);

/// Longest name of a brought model.
const LONGEST_NAME: usize = 100;

/// How rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum RowFormat {
    /// Comma-separated, with a header.
    #[default]
    Csv,
}

/// How to export.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportParams {
    /// `csv`.
    #[param(inline)]
    #[serde(default)]
    format: RowFormat,
}

/// The format of a brought model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum BroughtFormat {
    /// LightGBM text.
    Lightgbm,
    /// XGBoost JSON.
    Xgboost,
    /// ONNX, where the program was built for it.
    Onnx,
}

/// How its probabilities are calibrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum BroughtCalibration {
    /// A line on the logit scale.
    Platt,
    /// Steps.
    Isotonic,
}

/// What is brought.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportParams {
    /// Its name, to tell it from others.
    #[param(min_length = 1)]
    name: String,
    /// The format of the body.
    #[param(inline)]
    format: BroughtFormat,
    /// The direction it scores.
    #[param(inline)]
    direction: Direction,
    /// It has learned from nothing lodged after this moment (microseconds since 1970, as in the exported `_time`).
    trained_until: i64,
    /// Fit its probabilities to what it has not seen; without, its own stay as they are.
    #[param(inline)]
    calibration: Option<BroughtCalibration>,
}

/// Exports the labelled rows of a direction.
///
/// One line per examined goods item, as known now: `_declaration`, `_time` (microseconds since 1970), `_weight`,
/// `_finding`, then every feature by its name; missing is empty.
#[utoipa::path(
    operation_id = "trainingsets_export",
    params(("direction" = Direction, Path, description = "The direction: in or out."), ExportParams),
    responses(
        (status = 200, description = "The rows.", body = String, content_type = "text/csv",
         example = json!("_declaration,_time,_weight,_finding,logValue\n7,1772000000000000,20,1,0.5\n")),
        ReadProblems
    ),
    security(("bearer" = ["data-scientist", "model-manager"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/training-sets/{direction}")]
pub async fn export(
    _caller: Authorized<Scientist>,
    app: Data<App>,
    direction: PathParams<Direction>,
    params: QueryParams<ExportParams>,
) -> Result<HttpResponse, Problem> {
    let RowFormat::Csv = params.0.format;
    Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").body(app.training_csv(direction.0).await?))
}

/// Brings a model that was trained elsewhere.
///
/// The body is the model's file. It becomes a candidate: the next training judges it beside its own, on declarations
/// lodged after `trainedUntil`, and promotes it by the same rules. The same file under the same name is the same version.
#[utoipa::path(
    operation_id = "models_import",
    params(ImportParams),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The model's file.",
        example = json!("tree\nversion=v4\n…")),
    responses(
        (status = 201, description = "Kept as a candidate.", body = ImportedVersion),
        (status = 200, description = "It was there already.", body = ImportedVersion),
        WriteProblems
    ),
    security(("bearer" = ["data-scientist", "model-manager"])),
)]
#[post("/v1/models/imports")]
pub async fn create(
    _caller: Authorized<Scientist>,
    app: Data<App>,
    params: QueryParams<ImportParams>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    let params = params.0;
    if params.name.is_empty() || params.name.len() > LONGEST_NAME {
        return Err(Problem::bad_request("query-invalid", "The query cannot be understood").with_error(
            "/name",
            "invalid",
            format!("a name has 1 to {LONGEST_NAME} bytes"),
        ));
    }
    let brought = Brought {
        name: params.name,
        format: match params.format {
            BroughtFormat::Lightgbm => ModelFormat::Lightgbm,
            BroughtFormat::Xgboost => ModelFormat::Xgboost,
            BroughtFormat::Onnx => ModelFormat::Onnx,
        },
        direction: params.direction,
        trained_until: params.trained_until,
        calibration: params.calibration.map(|calibration| match calibration {
            BroughtCalibration::Platt => CalibrationMethod::Platt,
            BroughtCalibration::Isotonic => CalibrationMethod::Isotonic,
        }),
    };
    let (version, new) = app.import_model(brought, body.0.to_vec()).await?;
    let mut response = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(version))
}
