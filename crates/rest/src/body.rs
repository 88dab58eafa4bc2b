//! Request bodies, read up to a limit.
//!
//! A JSON body must be UTF-8 and say so at most by its media type; the first fault is told with its JSON pointer.
//! The body is read as a whole first (`tree`), then as the type that is asked for (`strict`): nesting of 127 levels,
//! a text of more than 10,000 characters, a name that stands twice and a field that the type does not have are faults,
//! wherever they stand and whatever the type.

mod strict;
mod tree;

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use crate::Problem;
use tree::Fault;

/// How many bytes a body may hold. Found in the application's data; the default elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of a [`Body`].
    pub json_bytes: usize,
    /// Of a [`RawBody`].
    pub raw_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { json_bytes: 4 * 1024 * 1024, raw_bytes: 32 * 1024 * 1024 }
    }
}

impl Limits {
    fn of(request: &HttpRequest) -> Self {
        request.app_data::<Self>().copied().unwrap_or_default()
    }
}

/// A JSON body. 415 for another media type, 413 beyond the limit, 400 with a pointer for what cannot be read.
#[derive(Clone, Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = check_json(request);
        let length = declared_length(request);
        let limit = Limits::of(request).json_bytes;
        let payload = payload.take();
        Box::pin(async move {
            declared?;
            parse(&read(payload, length, limit).await?).map(Self)
        })
    }
}

/// A body as it came, for those who parse themselves. 413 beyond the limit; the media type is theirs to judge.
#[derive(Clone, Debug)]
pub struct RawBody(pub Bytes);

impl FromRequest for RawBody {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let length = declared_length(request);
        let limit = Limits::of(request).raw_bytes;
        let payload = payload.take();
        Box::pin(async move { read(payload, length, limit).await.map(Self) })
    }
}

/// Refuses (415) a request whose media type is not JSON. No media type counts as JSON.
pub fn check_json(request: &HttpRequest) -> Result<(), Problem> {
    check_media_type(request, &["application/json"])
}

/// Refuses (415) a request whose media type is none of `accepted`. No media type is accepted.
pub fn check_media_type(request: &HttpRequest, accepted: &[&str]) -> Result<(), Problem> {
    let Some(value) = request.headers().get(header::CONTENT_TYPE) else { return Ok(()) };
    let text = value.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim();
    if accepted.iter().any(|accepted| essence.eq_ignore_ascii_case(accepted)) {
        return Ok(());
    }
    let problem = Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "media-type-unsupported",
        "The body has a media type that is not read here",
    );
    Err(problem.with_detail(format!("expected {}, got {essence:?}", accepted.join(" or "))))
}

/// Reads JSON: UTF-8, one value, nothing behind it; an object only from an object, and no field that it does not have.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Problem::bad_request("body-not-utf8", "The body is not UTF-8").with_error(
            "",
            "not-utf8",
            format!("byte {} is not UTF-8", error.valid_up_to()),
        )
    })?;
    tree::read(text).and_then(|tree| strict::read(&tree)).map_err(malformed)
}

fn malformed(Fault { pointer, code, message }: Fault) -> Problem {
    Problem::bad_request("body-malformed", "The body cannot be read").with_error(pointer, code, message)
}

fn declared_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large(limit: usize) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large")
        .with_detail(format!("at most {limit} bytes are read"))
        .with_error("", "too-large", format!("more than {limit} bytes"))
}

async fn read(mut payload: Payload, length: Option<usize>, limit: usize) -> Result<Bytes, Problem> {
    if length.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let mut whole = BytesMut::with_capacity(length.unwrap_or(8_192).min(limit));
    while let Some(part) = payload.next().await {
        let part = part.map_err(|error| unreadable(&error))?;
        if whole.len() + part.len() > limit {
            return Err(too_large(limit));
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.freeze())
}

/// The body broke off, or is encoded in a way that is not read here.
pub(crate) fn unreadable(error: &dyn std::fmt::Display) -> Problem {
    Problem::bad_request("body-malformed", "The body cannot be read").with_error("", "truncated", error.to_string())
}
