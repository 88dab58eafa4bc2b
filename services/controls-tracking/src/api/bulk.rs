//! Results in bulk: a line in, a line out, in order, as fast as they are stored.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, post, web};
use bytes::Bytes;
use customs::{ControlId, NewResult};
use futures_util::stream;
use rest::ndjson::{Line, Lines, MEDIA_TYPE, render};
use rest::{Authorized, Principal, Problem, ProblemDocument, WriteProblems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::controls::OfficerOnly;
use super::refuse;
use crate::ControlsError;
use crate::app::record_results::{Recorded, Report};
use crate::app::{App, Done};

/// The most bytes of a line.
const MAX_LINE_BYTES: usize = 4 * 1024 * 1024;
/// How long a batch waits to be filled.
const LINGER: Duration = Duration::from_millis(5);

/// One report.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"control": "019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c", "officer": "officer-7", "result": {
    "version": 1, "stage": "final", "examinedAt": "2026-03-02T10:00:00-05:00",
    "establishedAt": "2026-03-02T11:30:00-05:00", "items": [{"sequence": 1, "outcome": "conform"}],
}}))]
pub struct ReportLine {
    /// The control.
    control: ControlId,
    /// Who examined; the caller when absent.
    #[serde(default)]
    officer: Option<String>,
    /// What was established.
    result: NewResult,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum LineStatus {
    /// Recorded.
    Created,
    /// Recorded before, word for word.
    Repeated,
    /// Refused; the problem says why.
    Refused,
}

/// The answer to one line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "line": 1, "status": "created", "control": "019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c", "version": 1,
}))]
pub struct LineAnswer {
    /// Number of the line, from 1.
    line: u64,
    /// What became of it.
    status: LineStatus,
    /// The control.
    #[serde(skip_serializing_if = "Option::is_none")]
    control: Option<ControlId>,
    /// The version that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ProblemDocument>)]
    problem: Option<Problem>,
}

impl LineAnswer {
    fn refused(line: u64, control: Option<ControlId>, problem: Problem) -> Self {
        Self { line, status: LineStatus::Refused, control, version: None, problem: Some(problem) }
    }

    fn of(line: u64, control: ControlId, answer: Result<Recorded, ControlsError>) -> Self {
        match answer {
            Err(error) => Self::refused(line, Some(control), error.into()),
            Ok((done, version)) => Self {
                line,
                status: if done == Done::Created { LineStatus::Created } else { LineStatus::Repeated },
                control: Some(control),
                version: Some(version.result.version),
                problem: None,
            },
        }
    }
}

/// Reports results, one per line.
#[utoipa::path(
    operation_id = "results_import",
    request_body(content = ReportLine, content_type = "application/x-ndjson",
        description = "One report per line. Lines are read no faster than they are stored."),
    responses((status = 200, description = "One answer per line, in order. A refused line leaves the others alone.",
        body = LineAnswer, content_type = "application/x-ndjson"), WriteProblems),
    security(("bearer" = ["officer"])),
)]
#[post("/v1/results/bulk")]
pub async fn create(
    caller: Authorized<OfficerOnly>,
    request: HttpRequest,
    payload: web::Payload,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    rest::body::check_media_type(&request, &[MEDIA_TYPE, "application/ndjson"])?;
    let mut lines = Lines::new(payload, MAX_LINE_BYTES);
    let app = app.get_ref().clone();
    let caller = caller.into_inner();
    // The first batch decides whether there is an answer at all; after it only lines can fail.
    let first = batch(&app, &caller, &mut lines).await?;
    let state = (app, caller, lines, first);
    let answers = stream::unfold(state, |(app, caller, mut lines, ready)| async move {
        let text = ready?;
        let next = match batch(&app, &caller, &mut lines).await {
            Ok(next) => next,
            Err(problem) => {
                tracing::warn!(%problem, "a bulk report broke off");
                None
            }
        };
        Some((Ok::<Bytes, Problem>(text), (app, caller, lines, next)))
    });
    Ok(HttpResponse::Ok().content_type(MEDIA_TYPE).streaming(answers))
}

/// Records the next lines and renders their answers; none at the end.
async fn batch(app: &App, caller: &Principal, lines: &mut Lines) -> Result<Option<Bytes>, Problem> {
    let lines = lines.batch(app.batch, LINGER).await?;
    if lines.is_empty() {
        return Ok(None);
    }
    let mut reports = Vec::with_capacity(lines.len());
    let mut places = Vec::with_capacity(lines.len());
    let mut answers = Vec::with_capacity(lines.len());
    for line in lines {
        match read(&line) {
            Err(problem) => answers.push(LineAnswer::refused(line.number, None, problem)),
            Ok(read) => {
                let officer = read.officer.unwrap_or_else(|| caller.subject.clone());
                places.push(line.number);
                reports.push(Report { control: read.control, officer, result: read.result });
            }
        }
    }
    let recorded = app.record_results(caller, &reports).await.map_err(refuse)?;
    for ((line, report), recorded) in places.into_iter().zip(&reports).zip(recorded) {
        answers.push(LineAnswer::of(line, report.control, recorded));
    }
    answers.sort_by_key(|answer| answer.line);
    render(&answers).map(Some).map_err(|error| refuse(error.into()))
}

fn read(line: &Line) -> Result<ReportLine, Problem> {
    let Some(bytes) = &line.bytes else {
        return Err(Problem::bad_request("body-too-large", "The body is too large")
            .with_detail(format!("a line has at most {MAX_LINE_BYTES} bytes")));
    };
    rest::body::parse(bytes)
}
