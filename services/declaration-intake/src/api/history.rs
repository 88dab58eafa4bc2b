//! Recording the incumbent system's past: declarations with the results of their controls, with their own dates.

use actix_web::{HttpRequest, HttpResponse, post, web};
use rest::ndjson::Line;
use rest::{Authorized, Offices, Problem, WriteProblems};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::bulk::{answer, bytes, check_ndjson, check_office, store};
use super::views::BulkReceiptView;
use super::{Historians, examples};
use crate::app::Intake;
use crate::domain::lodgement::Lodgement;
use crate::domain::past::PastControl;
use crate::error::IntakeError;

/// Record declarations of the past
///
/// A line holds a `declaration` and, where it was examined, its `control` (`method`, `examinedAt`, `result`). Nothing is
/// decided about them; their results train models and never enter unbiased estimators.
#[utoipa::path(
    tag = "history",
    operation_id = "history_create",
    request_body(content = String, content_type = "application/x-ndjson", description = "A past declaration per line.",
        example = json!(examples::history_lines())),
    responses(
        (status = 200, description = "A receipt per line.", body = BulkReceiptView,
            content_type = "application/x-ndjson", example = json!(examples::bulk_receipts())),
        WriteProblems,
    ),
    security(("bearer" = ["model-manager"])),
)]
#[post("/v1/history")]
pub(crate) async fn create(
    caller: Authorized<Historians>,
    request: HttpRequest,
    payload: web::Payload,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    check_ndjson(&request)?;
    let offices = caller.into_inner().offices;
    Ok(answer(payload, intake, move |intake, lines| {
        let offices = offices.clone();
        async move { record(&intake, &offices, &lines).await }
    }))
}

async fn record(intake: &Intake, offices: &Offices, lines: &[Line]) -> Vec<BulkReceiptView> {
    let read = lines.iter().map(|line| (line.number, read(intake, offices, line))).collect();
    store(intake, read).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PastLine<'a> {
    #[serde(borrow)]
    declaration: &'a RawValue,
    #[serde(borrow, default)]
    control: Option<&'a RawValue>,
}

fn read(intake: &Intake, offices: &Offices, line: &Line) -> Result<Lodgement, Problem> {
    let line = parts(bytes(line)?)?;
    let lodgement =
        intake.read_as_dated(line.declaration.get().as_bytes()).map_err(|problem| under("/declaration", problem))?;
    check_office(offices, &lodgement)?;
    let control: Option<PastControl> = match line.control {
        Some(control) => rest::body::parse(control.get().as_bytes()).map_err(|problem| under("/control", problem))?,
        None => None,
    };
    if let Some(control) = &control {
        control.check(&lodgement)?;
    }
    lodgement.of_the_past(control).map_err(|error| IntakeError::from(error).into())
}

/// The texts of a line's parts. Only a line that has them not is read again, for the place of what is wrong.
fn parts(bytes: &[u8]) -> Result<PastLine<'_>, Problem> {
    /// The same members, whatever they hold.
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Members {
        declaration: serde_json::Value,
        #[serde(default)]
        control: Option<serde_json::Value>,
    }
    // A list of two texts would pass as an object of two members.
    let is_object = bytes.trim_ascii_start().first() == Some(&b'{');
    match serde_json::from_slice(bytes) {
        Ok(parts) if is_object => Ok(parts),
        refused => match rest::body::parse::<Members>(bytes) {
            Err(problem) => Err(problem),
            Ok(_) => Err(Problem::bad_request("body-malformed", "The body cannot be read").with_error(
                "",
                "wrong-shape",
                refused.err().map_or_else(|| "expected an object".to_owned(), |error| error.to_string()),
            )),
        },
    }
}

/// The problem with its pointers seen from the line.
fn under(place: &str, mut problem: Problem) -> Problem {
    for error in &mut problem.errors {
        error.pointer.insert_str(0, place);
    }
    problem
}
