//! What a declaration was decided with.

use std::collections::BTreeMap;

use ::features::{contract, item_values, vector_from_bytes};
use actix_web::{get, web};
use customs::{DeclarationId, Timestamp};
use rest::{Authorized, PathParams, Problem, ReadProblems};
use serde::Serialize;
use utoipa::ToSchema;

use crate::ServiceError;
use crate::api::State;
use crate::app::served::served;

rest::roles!(pub FeatureReader = Auditor | DataScientist);

/// The vectors a declaration version was decided with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "declaration": "019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c", "version": 1, "decidedAt": "2026-03-02T15:00:00Z",
    "contract": "9f1c…", "sequence": 48210, "history": false,
    "items": [{"item": 1, "values": {"traderRate": 0.08, "traderExamined": 12.0, "expressCategory": null}}],
}))]
pub struct ServedFeatures {
    /// The declaration.
    pub declaration: DeclarationId,
    /// Its version.
    pub version: u32,
    /// When it was decided (domain time).
    pub decided_at: Timestamp,
    /// Hash of the contract of the vectors.
    pub contract: String,
    /// Sequence of the feature log that was applied.
    pub sequence: u64,
    /// Recorded from the past: computed as it would have been served.
    pub history: bool,
    /// The items, those with the highest scores first, at most 20.
    pub items: Vec<ItemFeatures>,
}

/// The values of an item.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemFeatures {
    /// The item, by sequence.
    pub item: u32,
    /// Values by name; null is missing. By position (`0`, `1`, …) for a contract that this program does not know.
    pub values: BTreeMap<String, Option<f32>>,
}

/// Tells the values that a declaration was decided with, as they were served.
#[utoipa::path(
    operation_id = "features_read",
    params(("declaration" = DeclarationId, Path, description = "The declaration.")),
    responses((status = 200, description = "The vectors as served.", body = ServedFeatures), ReadProblems),
    security(("bearer" = ["auditor", "data-scientist"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/features/{declaration}")]
pub async fn get(
    _: Authorized<FeatureReader>,
    declaration: PathParams<DeclarationId>,
    state: web::Data<State>,
) -> Result<web::Json<ServedFeatures>, Problem> {
    let served = served(&state.database, declaration.0).await?;
    let width = served.bytes.len() / served.items.len().max(1);
    let known = served.contract == contract().hash;
    let mut items = Vec::with_capacity(served.items.len());
    for (item, bytes) in served.items.iter().zip(served.bytes.chunks_exact(width.max(1))) {
        let vector = vector_from_bytes(bytes).ok_or(ServiceError::Stored("vector"))?;
        let present = |value: f32| (!value.is_nan()).then_some(value);
        let values = if known {
            item_values(&vector).map(|(name, value)| (name.to_owned(), present(value))).collect()
        } else {
            vector.iter().enumerate().map(|(at, value)| (at.to_string(), present(*value))).collect()
        };
        items.push(ItemFeatures { item: *item, values });
    }
    Ok(web::Json(ServedFeatures {
        declaration: declaration.0,
        version: served.version,
        decided_at: Timestamp::from_microsecond(served.decided_at).map_err(|_| ServiceError::Stored("time"))?,
        contract: served.contract,
        sequence: served.sequence,
        history: served.history,
        items,
    }))
}
