//! Training sets.

use ::features::contract;
use actix_web::{post, web};
use customs::{DeclarationId, Direction, Timestamp};
use rest::{Authorized, Body, Offices, Problem, WriteProblems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::State;
use crate::app::training_set::{Most, TrainingSet, training_set};
use crate::store::read::Window;

rest::roles!(pub Trainer = Service | DataScientist);

/// The most rows of one answer.
const MOST_ROWS: usize = 500_000;

/// What to learn from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"direction": "in", "asOf": "2026-03-02T00:00:00-05:00"}))]
pub struct TrainingSetRequest {
    /// Which way the goods went.
    pub direction: Direction,
    /// Declarations decided before this moment, labelled as known at it.
    pub as_of: Timestamp,
    /// Declarations decided from this moment; the beginning when absent.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Labels known at this earlier moment only.
    #[serde(default)]
    pub label_cutoff: Option<Timestamp>,
    /// Only declarations decided before this earlier moment, labelled as known at `asOf` all the same.
    #[serde(default)]
    pub decided_before: Option<Timestamp>,
    /// The latest rows, at most so many.
    #[serde(default)]
    pub max_rows: Option<usize>,
    /// Only the latest declarations that have so many rows together; the last one comes whole, and so do those that were
    /// decided at the same moment.
    #[serde(default)]
    pub latest_rows: Option<usize>,
}

/// Labelled rows in columns of equal length, in the order of time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "contractHash": "9f1c…", "names": ["logValue", "logNetMass"], "asOf": "2026-03-02T05:00:00Z", "count": 1,
    "rows": "AAAAPwAAwH8=", "groups": ["019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c"], "items": [1],
    "times": [1_772_000_000_000_000_i64], "labels": [true], "weights": [20.0], "probabilities": [0.01],
    "random": [true], "knownAt": [1_772_400_000_000_000_i64],
}))]
pub struct TrainingSetView {
    /// Hash of the feature contract.
    pub contract_hash: String,
    /// Feature names, in the order of a row.
    pub names: Vec<&'static str>,
    /// Known at this moment.
    pub as_of: Timestamp,
    /// Number of rows.
    pub count: usize,
    /// Base64 of little-endian `f32` values, `names` of them for each row, row after row; NaN is missing.
    pub rows: String,
    /// The declaration of each row.
    pub groups: Vec<DeclarationId>,
    /// The goods item of each row, by sequence.
    pub items: Vec<u32>,
    /// When its declaration was decided, microseconds since 1970.
    pub times: Vec<i64>,
    /// Whether a finding against the trader stands.
    pub labels: Vec<bool>,
    /// Inverse probability of selection, clipped; 1 where it is not known.
    pub weights: Vec<f32>,
    /// Probability with which the declaration was selected for full physical examination; null for the past.
    pub probabilities: Vec<Option<f64>>,
    /// Whether it was examined because it was drawn at random.
    pub random: Vec<bool>,
    /// When the label became known, microseconds since 1970.
    pub known_at: Vec<i64>,
}

/// Gives the vectors that were served for examined items, with what was known of them at a moment.
///
/// Of all offices: a token for some of them is refused, since rates of the others stand in the features of their own.
#[utoipa::path(
    operation_id = "trainingsets_create",
    request_body(content = TrainingSetRequest, description = "Which declarations, and known when."),
    responses((status = 200, description = "The labelled rows. Nothing is stored.", body = TrainingSetView), WriteProblems),
    security(("bearer" = ["service", "data-scientist"])),
    extensions(("x-audit" = json!("look"))),
)]
#[post("/v1/training-sets")]
pub async fn create(
    caller: Authorized<Trainer>,
    request: Body<TrainingSetRequest>,
    state: web::Data<State>,
) -> Result<web::Json<TrainingSetView>, Problem> {
    if caller.offices != Offices::All {
        return Err(Problem::forbidden("office-forbidden", "The token does not cover this office").with_detail(
            "a training set is of all offices, whose past is in the features of each: it takes a token for all",
        ));
    }
    let request = request.0;
    let known_at = request.label_cutoff.map_or(request.as_of, |cutoff| cutoff.min(request.as_of));
    let window = Window {
        direction: request.direction,
        from: request.from.map_or(i64::MIN, Timestamp::as_microsecond),
        until: request.decided_before.map_or(request.as_of, |before| before.min(request.as_of)).as_microsecond(),
        known_at: known_at.as_microsecond(),
    };
    let most = Most {
        rows: request.max_rows.unwrap_or(MOST_ROWS).min(MOST_ROWS),
        latest: request.latest_rows.unwrap_or(usize::MAX),
    };
    let set = training_set(&state.database, &window, most, state.weight_limit).await?;
    Ok(web::Json(view(set, request.as_of)))
}

fn view(set: TrainingSet, as_of: Timestamp) -> TrainingSetView {
    TrainingSetView {
        contract_hash: contract().hash.clone(),
        names: contract().names.clone(),
        as_of,
        count: set.labels.len(),
        rows: set.values,
        groups: set.declarations.into_iter().map(DeclarationId).collect(),
        items: set.items,
        times: set.times,
        labels: set.labels,
        weights: set.weights,
        probabilities: set.probabilities,
        random: set.random,
        known_at: set.known_at,
    }
}
