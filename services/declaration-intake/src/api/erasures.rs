//! Persons who are to be taken out of what is kept.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use rest::{Authorized, Body, Offices, PathParams, Principal, Problem, ReadProblems, WriteProblems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Protectors;
use crate::app::Intake;
use crate::store::erasures::Model;

/// Who is to be taken out.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"person": "20123456786"}))]
pub(crate) struct NewErasure {
    /// The identifier under which the person was lodged as a party.
    person: String,
}

/// Whether anything is left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ErasureState {
    /// Declarations are looked through, or must come to rest first.
    Open,
    /// Nothing is; who it was about is not kept.
    Done,
}

/// How far an erasure has come. It does not say whom it is about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErasureView {
    /// Identifier.
    id: Uuid,
    /// Whether anything is left to do.
    state: ErasureState,
    /// When it was asked for (process time, Unix milliseconds).
    requested_at_ms: i64,
    /// Declarations that the person was taken out of.
    erased: u64,
    /// Declarations that name the person and are under way: they are taken up when they have come to rest.
    under_way: u64,
    /// When it was done (process time, Unix milliseconds).
    #[serde(skip_serializing_if = "Option::is_none")]
    done_at_ms: Option<i64>,
}

impl From<Model> for ErasureView {
    fn from(model: Model) -> Self {
        Self {
            id: model.id,
            state: if model.done_at_ms.is_some() { ErasureState::Done } else { ErasureState::Open },
            requested_at_ms: model.requested_at_ms,
            erased: model.erased as u64,
            under_way: model.under_way as u64,
            done_at_ms: model.done_at_ms,
        }
    }
}

fn example() -> serde_json::Value {
    serde_json::json!({
        "id": "5a1c0f8e-7a7d-4b52-9b0f-3c1e6a8d2f41", "state": "open", "requestedAtMs": 1_772_460_000_000_i64,
        "erased": 12, "underWay": 1,
    })
}

/// Take a person out of everything
///
/// Out of declarations, decisions, controls, results, the feature log, online features, and lists and filters that are not
/// in force. It is done behind the answer; asked again before it is done, it is the same erasure. A token for certain
/// offices may not: a person is known to all of them.
#[utoipa::path(
    tag = "erasures",
    operation_id = "erasures_create",
    request_body(content = NewErasure, description = "Who."),
    responses(
        (status = 202, description = "It is under way.", body = ErasureView, example = json!(example())),
        WriteProblems,
    ),
    security(("bearer" = ["data-protection"])),
)]
#[post("/v1/erasures")]
pub(crate) async fn create(
    caller: Authorized<Protectors>,
    body: Body<NewErasure>,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    check_all_offices(&caller)?;
    let model = intake.request_erasure(&body.0.person).await?;
    let location = ("location", format!("/v1/erasures/{}", model.id));
    Ok(HttpResponse::build(StatusCode::ACCEPTED).insert_header(location).json(ErasureView::from(model)))
}

/// Read how far an erasure has come
#[utoipa::path(
    tag = "erasures",
    operation_id = "erasures_read",
    params(("id" = Uuid, Path, description = "The erasure.")),
    responses(
        (status = 200, description = "How far it has come.", body = ErasureView, example = json!(example())),
        ReadProblems,
    ),
    security(("bearer" = ["data-protection"])),
)]
#[get("/v1/erasures/{id}")]
pub(crate) async fn read(
    caller: Authorized<Protectors>,
    id: PathParams<Uuid>,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    check_all_offices(&caller)?;
    Ok(HttpResponse::Ok().json(ErasureView::from(intake.read_erasure(id.0).await?)))
}

fn check_all_offices(caller: &Principal) -> Result<(), Problem> {
    if caller.offices == Offices::All {
        return Ok(());
    }
    Err(Problem::forbidden("office-forbidden", "The token does not cover this office")
        .with_detail("a person is taken out of what all offices know"))
}
