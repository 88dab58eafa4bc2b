//! Around every request: its id, its trace, its metrics, and the promise that every refusal is a problem.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError};
use lifecycle::ProcessClock;
use tracing::Instrument;

use crate::Problem;
use crate::access::Access;
use crate::audit::{Deed, Records, Weight};
use crate::auth::{identify, token};
use crate::default::misrouted;
use crate::problem::MEDIA_TYPE;
use crate::server::Measures;

/// Tells requests apart in logs of callers and services; a caller's own id is kept and echoed.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_ID_BYTES: usize = 128;

/// Gives requests their numbers.
#[derive(Clone)]
pub(crate) struct RequestIds {
    start: i64,
    next: Arc<AtomicU64>,
}

impl RequestIds {
    pub(crate) fn new(clock: &ProcessClock) -> Self {
        Self { start: clock.unix_ms(), next: Arc::default() }
    }

    fn of(&self, request: &ServiceRequest) -> HeaderValue {
        let given = request.headers().get(&REQUEST_ID);
        if let Some(given) = given
            && given.len() <= MAX_ID_BYTES
            && given.as_bytes().iter().all(u8::is_ascii_graphic)
        {
            return given.clone();
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        HeaderValue::from_str(&format!("{:x}-{number:x}", self.start)).expect("hexadecimal digits are a header")
    }
}

/// What stands around every request. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Around {
    pub(crate) ids: RequestIds,
    pub(crate) measures: Measures,
    pub(crate) access: Access,
    pub(crate) records: Option<Records>,
}

pub(crate) async fn around<B: MessageBody + 'static>(
    Around { ids, measures, access, records }: Around,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<EitherBody<B>>>, Error> {
    let id = ids.of(&request);
    let started = measures.clock.instant();
    let method = request.method().clone();
    let path = request.path().to_owned();
    let span = tracing::info_span!("request", %method, path, id = id.to_str().unwrap_or_default());
    if let Some(token) = token(request.headers()) {
        access.prepare(token).await;
    }
    let answered = answer(&access, records.as_ref(), request, next).instrument(span.clone()).await?;
    let mut response = as_problem(answered, &path);
    let status = response.status();
    let route = response.request().match_pattern();
    measures.request(&method, route.as_deref(), status, started.elapsed());
    span.in_scope(|| tracing::debug!(status = status.as_u16(), elapsed = ?started.elapsed(), "answered"));
    response.headers_mut().insert(REQUEST_ID, id);
    Ok(response)
}

/// The handler's answer, with what is to be on record before and after it.
async fn answer<B: MessageBody + 'static>(
    access: &Access,
    records: Option<&Records>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if let Some(refusal) = misrouted(&request) {
        return Ok(request.into_response(refusal).map_into_right_body());
    }
    let deed = records.and_then(|records| {
        let (operation, weight) = records.operation(&request)?;
        // Whoever is not known is refused, and leaves no record.
        let subject = identify(access, request.headers()).ok()?.subject;
        Some((records, weight, Deed { subject, operation, object: request.path().to_owned() }))
    });
    let Some((records, weight, deed)) = deed else {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    };
    match weight {
        Weight::Look => {
            let answered = next.call(request).await;
            records.trail().note(deed, status(&answered)).await;
            answered.map(ServiceResponse::map_into_left_body)
        }
        Weight::Act => {
            let number = match records.trail().begin(deed).await {
                Ok(number) => number,
                Err(refusal) => {
                    return Ok(request.into_response(refusal.error_response()).map_into_right_body());
                }
            };
            let answered = next.call(request).await;
            records.trail().end(number, status(&answered)).await;
            answered.map(ServiceResponse::map_into_left_body)
        }
    }
}

fn status<B>(answered: &Result<ServiceResponse<B>, Error>) -> u16 {
    match answered {
        Ok(response) => response.status().as_u16(),
        Err(error) => error.as_response_error().status_code().as_u16(),
    }
}

/// Failures of the framework become problems; problems learn where they occurred.
fn as_problem<B: MessageBody>(response: ServiceResponse<B>, path: &str) -> ServiceResponse<EitherBody<B>> {
    let status = response.status();
    let is_problem =
        || response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes() == MEDIA_TYPE.as_bytes());
    let problem = match response.response().error() {
        Some(error) => match error.as_error::<Problem>() {
            Some(problem) => problem.clone(),
            None => unforeseen(status, error),
        },
        None if status.is_client_error() && !is_problem() => generic(status),
        None => return response.map_into_left_body(),
    };
    let replaced = problem.at(path).error_response().map_into_right_body();
    response.into_response(replaced)
}

fn unforeseen(status: StatusCode, error: &Error) -> Problem {
    if status.is_server_error() {
        tracing::error!(cause = %error, "a request failed");
        return Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The service failed");
    }
    generic(status).with_detail(error.to_string())
}

fn generic(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::new(status, "not-found", "There is no such resource"),
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(status, "method-not-allowed", "The resource does not answer this method")
        }
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(status, "body-too-large", "The body is too large"),
        _ => Problem::new(status, "request-invalid", "The request cannot be understood"),
    }
}
