//! Arrival, presentation and release of goods.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, post, web};
use customs::{DeclarationId, Timestamp};
use events::Movement;
use rest::ndjson::Line;
use rest::{Authorized, Body, Offices, PathParams, Principal, Problem, WriteProblems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::bulk::{answer, bytes, check_ndjson};
use super::views::{DeclarationView, MovementReceiptView, ReceiptStatus};
use super::{Lodgers, examples};
use crate::app::{Happened, Intake, Moved, Mover};
use crate::error::IntakeError;

/// When it happened.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"at": "2026-03-03T04:10:00Z"}))]
pub(crate) struct NewMovement {
    /// RFC 3339 with offset; not in the future.
    #[serde(deserialize_with = "customs::rfc3339::deserialize")]
    at: Timestamp,
}

/// Report the arrival of goods
#[utoipa::path(
    tag = "movements",
    operation_id = "arrivals_create",
    params(("id" = DeclarationId, Path, description = "The declaration.")),
    request_body(content = NewMovement, description = "When."),
    responses(
        (status = 200, description = "Recorded.", body = DeclarationView, example = json!(examples::status())),
        WriteProblems,
    ),
    security(("bearer" = ["customs-system"])),
)]
#[post("/v1/declarations/{id}/arrival")]
pub(crate) async fn arrive(
    caller: Authorized<Lodgers>,
    id: PathParams<DeclarationId>,
    body: Body<NewMovement>,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    one(&caller, id.0, Movement::Arrived, body.0.at, &intake).await
}

/// Report the presentation of goods for examination
#[utoipa::path(
    tag = "movements",
    operation_id = "presentations_create",
    params(("id" = DeclarationId, Path, description = "The declaration.")),
    request_body(content = NewMovement, description = "When."),
    responses(
        (status = 200, description = "Recorded.", body = DeclarationView, example = json!(examples::status())),
        WriteProblems,
    ),
    security(("bearer" = ["customs-system"])),
)]
#[post("/v1/declarations/{id}/presentation")]
pub(crate) async fn present(
    caller: Authorized<Lodgers>,
    id: PathParams<DeclarationId>,
    body: Body<NewMovement>,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    one(&caller, id.0, Movement::Presented, body.0.at, &intake).await
}

/// Report the release of goods
///
/// It is recorded whatever controls are still open: Aforo holds no goods. `openControls` names them.
#[utoipa::path(
    tag = "movements",
    operation_id = "releases_create",
    params(("id" = DeclarationId, Path, description = "The declaration.")),
    request_body(content = NewMovement, description = "When."),
    responses(
        (status = 200, description = "Recorded.", body = DeclarationView, example = json!(examples::status())),
        WriteProblems,
    ),
    security(("bearer" = ["customs-system"])),
)]
#[post("/v1/declarations/{id}/release")]
pub(crate) async fn release(
    caller: Authorized<Lodgers>,
    id: PathParams<DeclarationId>,
    body: Body<NewMovement>,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    one(&caller, id.0, Movement::Released, body.0.at, &intake).await
}

async fn one(
    caller: &Principal,
    id: DeclarationId,
    movement: Movement,
    at: Timestamp,
    intake: &Intake,
) -> Result<HttpResponse, Problem> {
    let happened = Happened { mover: Mover::Declaration(id, movement), at };
    if let Some(Moved::Refused(problem)) = intake.move_goods(&caller.offices, &[happened]).await?.pop() {
        return Err(problem);
    }
    super::declarations::show(intake, &caller.offices, id, Duration::ZERO).await
}

/// Report many movements
///
/// A line moves one declaration (`declaration`, `movement`, `at`), or all goods that travel with a means of transport
/// (`meansOfTransport`, `voyage`, `at`). One receipt a line, in the same order.
#[utoipa::path(
    tag = "movements",
    operation_id = "movements_bulk_create",
    request_body(content = String, content_type = "application/x-ndjson", description = "A movement per line.",
        example = json!(examples::movement_lines())),
    responses(
        (status = 200, description = "A receipt per line.", body = MovementReceiptView,
            content_type = "application/x-ndjson", example = json!(examples::movement_receipts())),
        WriteProblems,
    ),
    security(("bearer" = ["customs-system"])),
)]
#[post("/v1/movements/bulk")]
pub(crate) async fn bulk(
    caller: Authorized<Lodgers>,
    request: HttpRequest,
    payload: web::Payload,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    check_ndjson(&request)?;
    let offices = caller.into_inner().offices;
    Ok(answer(payload, intake, move |intake, lines| {
        let offices = offices.clone();
        async move { move_all(&intake, &offices, &lines).await }
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MovementLine {
    declaration: Option<DeclarationId>,
    movement: Option<Movement>,
    means_of_transport: Option<String>,
    voyage: Option<String>,
    #[serde(deserialize_with = "customs::rfc3339::deserialize")]
    at: Timestamp,
}

fn read(line: &Line) -> Result<Happened, Problem> {
    let line: MovementLine = rest::body::parse(bytes(line)?)?;
    let mover = match (line.declaration, line.movement, line.means_of_transport) {
        (Some(id), Some(movement), None) if line.voyage.is_none() => Mover::Declaration(id, movement),
        (None, None | Some(Movement::Arrived), Some(means)) => Mover::Means(means, line.voyage.unwrap_or_default()),
        _ => {
            return Err(Problem::unprocessable("movement-ambiguous", "The movement does not say what moved")
                .with_error("", "ambiguous", "give declaration and movement, or meansOfTransport with its voyage"));
        }
    };
    Ok(Happened { mover, at: line.at })
}

async fn move_all(intake: &Intake, offices: &Offices, lines: &[Line]) -> Vec<MovementReceiptView> {
    let read: Vec<(u64, Result<Happened, Problem>)> = lines.iter().map(|line| (line.number, read(line))).collect();
    let good: Vec<Happened> = read.iter().filter_map(|(_, happened)| happened.as_ref().ok().cloned()).collect();
    let moved = intake.move_goods(offices, &good).await;
    let failed = moved.as_ref().err().map(|error: &IntakeError| Problem::from(error.clone()));
    let mut moved = moved.unwrap_or_default().into_iter();
    read.into_iter()
        .map(|(line, happened)| {
            let moved = match (happened, &failed) {
                (Err(problem), _) => Moved::Refused(problem),
                (Ok(_), Some(problem)) => Moved::Refused(problem.clone()),
                (Ok(_), None) => moved.next().unwrap_or(Moved::Known),
            };
            let none = BTreeSet::new;
            let (status, declarations, open_controls, problem) = match moved {
                Moved::Recorded(declarations, open) => (ReceiptStatus::Accepted, declarations, open, None),
                Moved::Known => (ReceiptStatus::Known, 0, none(), None),
                Moved::Refused(problem) => (ReceiptStatus::Refused, 0, none(), Some(problem)),
            };
            MovementReceiptView { line, status, declarations, open_controls, problem }
        })
        .collect()
}
