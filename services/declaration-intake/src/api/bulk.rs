//! Many lines both ways: one answered for each, in order, while the next are still being sent.

use std::future::Future;

use actix_web::{HttpRequest, HttpResponse, post, web};
use bytes::Bytes;
use customs::declaration::MAX_BYTES;
use futures_util::stream;
use rest::ndjson::{Line, Lines, MEDIA_TYPE, render};
use rest::{Authorized, Offices, Problem, QueryParams, WriteProblems};
use serde::Serialize;

use super::declarations::LodgeParams;
use super::views::BulkReceiptView;
use super::{Lodgers, examples};
use crate::app::Intake;
use crate::domain::lodgement::Lodgement;
use crate::error::IntakeError;

/// Lodge many declarations
///
/// One declaration a line; one receipt a line, in the same order. A refused line does not refuse the others. Lines are
/// read no faster than they are stored.
#[utoipa::path(
    tag = "declarations",
    operation_id = "declarations_bulk_create",
    params(LodgeParams),
    request_body(content = String, content_type = "application/x-ndjson", description = "A declaration per line.",
        example = json!(examples::declaration_lines())),
    responses(
        (status = 200, description = "A receipt per line.", body = BulkReceiptView,
            content_type = "application/x-ndjson", example = json!(examples::bulk_receipts())),
        WriteProblems,
    ),
    security(("bearer" = ["customs-system"])),
)]
#[post("/v1/declarations/bulk")]
pub(crate) async fn create(
    caller: Authorized<Lodgers>,
    request: HttpRequest,
    params: QueryParams<LodgeParams>,
    payload: web::Payload,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    check_ndjson(&request)?;
    let strict = params.0.strict;
    let offices = caller.into_inner().offices;
    Ok(answer(payload, intake, move |intake, lines| {
        let offices = offices.clone();
        async move { accept(&intake, &offices, strict, lines).await }
    }))
}

async fn accept(intake: &Intake, offices: &Offices, strict: bool, lines: Vec<Line>) -> Vec<BulkReceiptView> {
    let read = lines.into_iter().map(|line| (line.number, read(intake, offices, strict, &line))).collect();
    store(intake, read).await
}

fn read(intake: &Intake, offices: &Offices, strict: bool, line: &Line) -> Result<Lodgement, Problem> {
    let lodgement = intake.read(bytes(line)?)?;
    check_office(offices, &lodgement)?;
    if strict {
        lodgement.check_strict()?;
    }
    intake.check_backlog(&lodgement.declaration.office)?;
    Ok(lodgement)
}

pub(super) fn check_office(offices: &Offices, lodgement: &Lodgement) -> Result<(), Problem> {
    let office = &lodgement.declaration.office;
    if offices.contain(office) {
        return Ok(());
    }
    Err(Problem::forbidden("office-forbidden", "The token does not cover this office")
        .with_detail(format!("the token does not cover office {office}")))
}

/// Stores what could be read, in one transaction; answers in the order of the lines.
pub(super) async fn store(intake: &Intake, read: Vec<(u64, Result<Lodgement, Problem>)>) -> Vec<BulkReceiptView> {
    let good: Vec<&Lodgement> = read.iter().filter_map(|(_, lodgement)| lodgement.as_ref().ok()).collect();
    match intake.accept(&good).await {
        Ok(acceptances) => {
            let mut acceptances = acceptances.into_iter();
            let answered = read.into_iter().filter_map(|(line, lodgement)| match lodgement {
                Ok(lodgement) => Some(BulkReceiptView::new(line, &acceptances.next()?, lodgement)),
                Err(problem) => Some(BulkReceiptView::refused(line, problem)),
            });
            answered.collect()
        }
        Err(error) => {
            let failed = Problem::from(error);
            read.into_iter()
                .map(|(line, lodgement)| BulkReceiptView::refused(line, lodgement.err().unwrap_or(failed.clone())))
                .collect()
        }
    }
}

/// The bytes of a line that is not too long.
pub(super) fn bytes(line: &Line) -> Result<&Bytes, Problem> {
    line.bytes.as_ref().ok_or_else(|| {
        Problem::new(
            actix_web::http::StatusCode::PAYLOAD_TOO_LARGE,
            "declaration-too-large",
            "The declaration is larger than what is read",
        )
        .with_detail(format!("a line holds at most {MAX_BYTES} bytes"))
        .with_error("", "too-large", "the line is too long")
    })
}

pub(super) fn check_ndjson(request: &HttpRequest) -> Result<(), Problem> {
    rest::body::check_media_type(request, &[MEDIA_TYPE, "application/ndjson", "application/jsonl"])
}

/// Works through the lines of `payload` in batches, and answers each batch when it is done.
pub(super) fn answer<R, F, W>(payload: web::Payload, intake: web::Data<Intake>, work: W) -> HttpResponse
where
    R: Serialize,
    F: Future<Output = Vec<R>>,
    W: Fn(web::Data<Intake>, Vec<Line>) -> F + 'static,
{
    let lines = Some(Lines::new(payload, MAX_BYTES));
    let answers = stream::unfold((lines, intake, work), |(lines, intake, work)| async move {
        let mut lines = lines?;
        let (most, linger) = (intake.settings.batch_size(), intake.settings.bulk_linger());
        match lines.batch(most, linger).await {
            Ok(batch) if batch.is_empty() => None,
            Ok(batch) => {
                let receipts = work(intake.clone(), batch).await;
                let text = render(&receipts).map_err(|error| Problem::from(IntakeError::from(error)));
                Some((text, (Some(lines), intake, work)))
            }
            // The status was sent long ago: the last line tells that the body broke off.
            Err(problem) => {
                let text = render(&[serde_json::json!({ "line": 0, "status": "refused", "problem": problem })])
                    .map_err(|error| Problem::from(IntakeError::from(error)));
                Some((text, (None, intake, work)))
            }
        }
    });
    HttpResponse::Ok().content_type(MEDIA_TYPE).streaming(answers)
}
