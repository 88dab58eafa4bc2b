//! Webhooks: channels brought to those who cannot ask for them.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, post, web};
use customs::OfficeCode;
use rest::{Authorized, Body, PathParams, Problem, ReadProblems, WriteProblems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Lodgers, Receivers};
use crate::app::{Intake, NewWebhook};
use crate::error::IntakeError;
use crate::store::webhooks::{Webhook, dead_letter};

/// A webhook that is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"url": "https://sunad.example/channels", "offices": ["118"]}))]
pub(crate) struct WebhookRequest {
    /// Where deliveries are posted. The operator decides which hosts are allowed.
    url: String,
    /// What deliveries are signed with, 32 characters or more; one is made when absent, and told once.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    secret: Option<lifecycle::Secret>,
    /// Only these offices; every office of the token when absent.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    offices: Option<BTreeSet<OfficeCode>>,
    /// Begin behind this cursor of the feed; at its end when absent.
    #[serde(default)]
    after: Option<i64>,
}

/// From where a webhook is told once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"after": 411}))]
pub(crate) struct Replay {
    /// The cursor of the last entry that is not told again; 0 begins at the beginning.
    after: i64,
}

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookView {
    /// What it is called by.
    id: Uuid,
    /// Whose it is: the bearer of the token that made it.
    owner: String,
    /// Where deliveries are posted.
    url: String,
    /// The offices; absent for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    offices: Option<BTreeSet<OfficeCode>>,
    /// The cursor of the last entry that the receiver has.
    cursor: i64,
    /// Deliveries in a row that nobody took, or that were refused.
    failures: i64,
    /// Why the last of them failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    /// When it is tried again (process time, Unix milliseconds), while it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at_ms: Option<i64>,
    /// Entries that were put aside.
    dead_letters: u64,
    /// What deliveries are signed with: told once, when it was made here.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl WebhookView {
    fn of((row, dead): (Webhook, u64)) -> Result<Self, IntakeError> {
        let offices = row.offices.as_deref().map(serde_json::from_str).transpose();
        Ok(Self {
            id: row.id,
            owner: row.owner,
            url: row.url,
            offices: offices.map_err(|error| IntakeError::Unreadable(format!("offices of a webhook: {error}")))?,
            cursor: row.cursor,
            failures: row.failures + row.refusals,
            last_error: row.last_error,
            next_attempt_at_ms: (row.next_at_ms > 0).then_some(row.next_at_ms),
            dead_letters: dead,
            secret: None,
        })
    }
}

/// An entry that the receiver refused too often.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookDeadLetterView {
    /// Its cursor in the feed; replaying after the one before tells it again.
    cursor: i64,
    /// What the receiver answered.
    error: String,
    /// When it was put aside (process time, Unix milliseconds).
    died_at_ms: i64,
}

impl From<dead_letter::Model> for WebhookDeadLetterView {
    fn from(model: dead_letter::Model) -> Self {
        Self { cursor: model.cursor, error: model.error, died_at_ms: model.died_at_ms }
    }
}

/// Make a webhook
///
/// Channels are posted there as `GET /v1/channels` gives them, in order, at least once: `{items, next}`. The header
/// `aforo-signature` is `v1=` and the HMAC-SHA256, in hexadecimal, with the secret over the header `aforo-timestamp`
/// (Unix seconds), a dot and the body. Any 2xx takes a delivery. A URL that the caller has a webhook for gets the
/// offices and the secret, and keeps its place.
#[utoipa::path(
    tag = "webhooks",
    operation_id = "webhooks_create",
    request_body(content = WebhookRequest, description = "Where to, and what of."),
    responses(
        (status = 201, description = "The webhook.", body = WebhookView, example = json!(example(true))),
        WriteProblems,
    ),
    security(("bearer" = ["customs-system"])),
    extensions(("x-audit" = json!("act"))),
)]
#[post("/v1/webhooks")]
pub(crate) async fn create(
    caller: Authorized<Lodgers>,
    body: Body<WebhookRequest>,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    let WebhookRequest { url, secret, offices, after } = body.0;
    let (counted, made) = intake.put_webhook(&caller, NewWebhook { url, secret, offices, after }).await?;
    let mut view = WebhookView::of(counted)?;
    view.secret = made.map(|secret| secret.expose().to_owned());
    Ok(HttpResponse::build(StatusCode::CREATED).json(view))
}

/// List the webhooks
///
/// A customs system sees its own, an auditor all.
#[utoipa::path(
    tag = "webhooks",
    operation_id = "webhooks_list",
    responses(
        (status = 200, description = "The webhooks.", body = Vec<WebhookView>, example = json!([example(false)])),
        ReadProblems,
    ),
    security(("bearer" = ["customs-system", "auditor"])),
)]
#[get("/v1/webhooks")]
pub(crate) async fn list(caller: Authorized<Receivers>, intake: web::Data<Intake>) -> Result<HttpResponse, Problem> {
    let counted = intake.list_webhooks(&caller).await?;
    let views = counted.into_iter().map(WebhookView::of).collect::<Result<Vec<_>, _>>()?;
    Ok(HttpResponse::Ok().json(views))
}

/// Read a webhook
#[utoipa::path(
    tag = "webhooks",
    operation_id = "webhooks_read",
    params(("id" = Uuid, Path, description = "The webhook.")),
    responses(
        (status = 200, description = "The webhook.", body = WebhookView, example = json!(example(false))),
        ReadProblems,
    ),
    security(("bearer" = ["customs-system", "auditor"])),
)]
#[get("/v1/webhooks/{id}")]
pub(crate) async fn read(
    caller: Authorized<Receivers>,
    id: PathParams<Uuid>,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(WebhookView::of(intake.read_webhook(&caller, id.0).await?)?))
}

/// Delete a webhook
///
/// Nothing more is posted. What was put aside is forgotten.
#[utoipa::path(
    tag = "webhooks",
    operation_id = "webhooks_delete",
    params(("id" = Uuid, Path, description = "The webhook.")),
    responses(
        (status = 200, description = "As it last stood.", body = WebhookView, example = json!(example(false))),
        WriteProblems,
    ),
    security(("bearer" = ["customs-system"])),
    extensions(("x-audit" = json!("act"))),
)]
#[delete("/v1/webhooks/{id}")]
pub(crate) async fn delete(
    caller: Authorized<Lodgers>,
    id: PathParams<Uuid>,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(WebhookView::of(intake.delete_webhook(&caller, id.0).await?)?))
}

/// Tell a webhook everything after a cursor once more
#[utoipa::path(
    tag = "webhooks",
    operation_id = "webhooks_replay",
    params(("id" = Uuid, Path, description = "The webhook.")),
    request_body(content = Replay, description = "From where."),
    responses(
        (status = 200, description = "As it stands now.", body = WebhookView, example = json!(example(false))),
        WriteProblems,
    ),
    security(("bearer" = ["customs-system"])),
    extensions(("x-audit" = json!("act"))),
)]
#[post("/v1/webhooks/{id}/replay")]
pub(crate) async fn replay(
    caller: Authorized<Lodgers>,
    id: PathParams<Uuid>,
    body: Body<Replay>,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(WebhookView::of(intake.replay_webhook(&caller, id.0, body.0.after).await?)?))
}

/// List what was put aside of a webhook
///
/// Entries that the receiver refused too often, in the order of the feed, at most 1,000. Taken by the receiver after a
/// replay, an entry is listed no longer.
#[utoipa::path(
    tag = "webhooks",
    operation_id = "webhookdeadletters_list",
    params(("id" = Uuid, Path, description = "The webhook.")),
    responses(
        (status = 200, description = "The entries.", body = Vec<WebhookDeadLetterView>,
            example = json!([{"cursor": 412, "error": "the receiver answered 422", "diedAtMs": 1_772_460_000_000_i64}])),
        ReadProblems,
    ),
    security(("bearer" = ["customs-system", "auditor"])),
)]
#[get("/v1/webhooks/{id}/dead-letters")]
pub(crate) async fn dead_letters(
    caller: Authorized<Receivers>,
    id: PathParams<Uuid>,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    let letters = intake.webhook_dead_letters(&caller, id.0).await?;
    Ok(HttpResponse::Ok().json(letters.into_iter().map(WebhookDeadLetterView::from).collect::<Vec<_>>()))
}

fn example(made: bool) -> serde_json::Value {
    let mut example = serde_json::json!({
        "id": "5a1c0f8e-7a7d-4b52-9b0f-3c1e6a8d2f41",
        "owner": "sunad",
        "url": "https://sunad.example/channels",
        "offices": ["118"],
        "cursor": 411,
        "failures": 0,
        "deadLetters": 0,
    });
    if made {
        example["secret"] = serde_json::json!("4f0c…");
    }
    example
}
