//! The past as facts: what was lodged, what it was decided with, and what was established of it.

use actix_web::{HttpResponse, get, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use customs::{Declaration, DeclarationId, Note, OfficeCode, Timestamp};
use rest::ndjson::{MEDIA_TYPE, render};
use rest::{Authorized, Problem, QueryParams, ReadProblems};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use crate::ServiceError;
use crate::api::State;
use crate::app::history::{Entry, Period, extent, page};
use crate::domain::label::ItemLabel;
use crate::store::read::Decided;

rest::roles!(pub HistoryReader = Service | DataScientist);

const DEFAULT_LIMIT: u64 = 1_000;
const MAX_LIMIT: u64 = 5_000;

/// Which part of the past, and known when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryParams {
    /// Accepted from this moment; the beginning when absent.
    #[param(example = "2026-01-01T05:00:00Z")]
    pub from: Option<Timestamp>,
    /// Accepted before this moment; open when absent.
    #[param(example = "2026-07-01T05:00:00Z")]
    pub until: Option<Timestamp>,
    /// Results as known at this moment; all when absent.
    #[param(example = "2026-07-01T05:00:00Z")]
    pub as_of: Option<Timestamp>,
    /// Only up to this place in the log, so that the same question has the same answer while the log grows.
    #[serde(default, deserialize_with = "rest::params::count")]
    pub up_to: Option<u64>,
    /// Continue behind this place in the log: the `sequence` of the last line that was read.
    #[serde(default, deserialize_with = "rest::params::count")]
    pub after: Option<u64>,
    /// At most so many lines, 1 to 5,000; 1,000 when absent.
    #[serde(default, deserialize_with = "rest::params::count")]
    pub limit: Option<u64>,
}

impl HistoryParams {
    fn period(&self) -> Period {
        let micros = |at: Option<Timestamp>, otherwise| at.map_or(otherwise, Timestamp::as_microsecond);
        Period {
            from: micros(self.from, i64::MIN),
            until: micros(self.until, i64::MAX),
            known_at: micros(self.as_of, i64::MAX),
            up_to: self.up_to.unwrap_or(u64::MAX),
        }
    }
}

/// A lodged declaration version with what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryLine {
    /// Its place in the log.
    pub sequence: u64,
    /// The declaration.
    pub id: DeclarationId,
    /// Its version.
    pub version: u32,
    /// The office it was lodged with.
    pub office: OfficeCode,
    /// When the version was accepted (domain time).
    pub accepted_at: Timestamp,
    /// From the past of another system: nobody here decided on it.
    pub history: bool,
    /// What was lodged.
    #[schema(value_type = Declaration)]
    pub declaration: Box<RawValue>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Note>)]
    pub notes: Option<Box<RawValue>>,
    /// What it was decided with; absent when it was decided without features.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<HistoryFeatures>,
    /// Probability with which it was selected for full physical examination; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// What was established, by item; empty when nothing was that would be a label.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examined: Vec<HistoryItem>,
}

/// The vectors of a decision.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryFeatures {
    /// Hash of the contract of the vectors.
    pub contract: String,
    /// The items that have one, by sequence.
    pub items: Vec<u32>,
    /// Base64 of little-endian `f32` values, item after item; NaN is missing.
    pub values: String,
}

/// What was established of an item.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryItem {
    /// The item, by sequence.
    pub item: u32,
    /// Whether a finding against the trader stands.
    pub found: bool,
    /// Whether it was examined because it was drawn at random.
    pub random: bool,
    /// When it became known (domain time).
    pub known_at: Timestamp,
}

/// How much of the past there is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"lastSequence": 181_422, "declarations": 100_000, "contract": "9f1c…",
    "features": ["logValue", "logNetMass"]}))]
pub struct HistoryExtent {
    /// The last place in the log.
    pub last_sequence: u64,
    /// Declaration versions of the period, at most.
    pub declarations: u64,
    /// Hash of the feature contract that holds now.
    pub contract: String,
    /// Feature names under it, in the order of a vector.
    pub features: Vec<&'static str>,
}

/// Tells the past, one declaration version per line, in the order of the log.
///
/// Fewer lines than asked for, or none, is the end. The same question with `upTo` and `asOf` has the same answer later.
#[utoipa::path(
    operation_id = "history_list",
    params(HistoryParams),
    responses(
        (status = 200, description = "The next lines.", body = HistoryLine, content_type = "application/x-ndjson",
         example = json!({"sequence": 7, "id": "019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c", "version": 1, "office": "118",
            "acceptedAt": "2026-03-02T15:00:00Z", "history": false, "declaration": {"reference": "2026-000007"},
            "features": {"contract": "9f1c…", "items": [1], "values": "AAAAPwAAwH8="}, "probability": 0.03,
            "examined": [{"item": 1, "found": true, "random": false, "knownAt": "2026-03-06T15:00:00Z"}]})),
        ReadProblems
    ),
    security(("bearer" = ["service", "data-scientist"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/history")]
pub async fn list(
    _: Authorized<HistoryReader>,
    params: QueryParams<HistoryParams>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let limit = params.0.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT) as usize;
    let entries = page(&state.database, &params.0.period(), params.0.after.unwrap_or(0), limit).await?;
    let lines = entries.into_iter().map(HistoryLine::try_from).collect::<Result<Vec<_>, _>>()?;
    let text = render(&lines).map_err(ServiceError::Rows)?;
    Ok(HttpResponse::Ok().content_type(MEDIA_TYPE).body(text))
}

/// Tells how much of the past there is.
#[utoipa::path(
    operation_id = "historyextent_read",
    params(HistoryParams),
    responses((status = 200, description = "The end of the log, and how much is before it.", body = HistoryExtent), ReadProblems),
    security(("bearer" = ["service", "data-scientist"])),
)]
#[get("/v1/history/extent")]
pub async fn read_extent(
    _: Authorized<HistoryReader>,
    params: QueryParams<HistoryParams>,
    state: web::Data<State>,
) -> Result<web::Json<HistoryExtent>, Problem> {
    let period = params.0.period();
    let (last_sequence, declarations) = extent(&state.database, period.from, period.until).await?;
    let contract = ::features::contract();
    let features = contract.names.clone();
    Ok(web::Json(HistoryExtent { last_sequence, declarations, contract: contract.hash.clone(), features }))
}

/// The part of a declaration that says where it was lodged.
#[derive(Deserialize)]
struct Lodging {
    office: OfficeCode,
}

impl TryFrom<Entry> for HistoryLine {
    type Error = ServiceError;

    fn try_from(entry: Entry) -> Result<Self, ServiceError> {
        let Entry { sequence, lodged, decided, items } = entry;
        let Lodging { office } = serde_json::from_str(lodged.declaration.get())?;
        Ok(Self {
            sequence,
            id: lodged.id,
            version: lodged.version,
            office,
            accepted_at: lodged.accepted_at,
            history: lodged.history,
            declaration: lodged.declaration,
            notes: lodged.notes,
            probability: decided.as_ref().and_then(|decided| decided.probability),
            features: decided.map(HistoryFeatures::from),
            examined: items.into_iter().map(HistoryItem::try_from).collect::<Result<_, _>>()?,
        })
    }
}

impl From<Decided> for HistoryFeatures {
    fn from(decided: Decided) -> Self {
        Self { contract: decided.contract, items: decided.items, values: STANDARD.encode(decided.bytes) }
    }
}

impl TryFrom<(u32, ItemLabel)> for HistoryItem {
    type Error = ServiceError;

    fn try_from((item, label): (u32, ItemLabel)) -> Result<Self, ServiceError> {
        let known_at = Timestamp::from_microsecond(label.known_at).map_err(|_| ServiceError::Stored("time"))?;
        Ok(Self { item, found: label.found, random: label.random, known_at })
    }
}
