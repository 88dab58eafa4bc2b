//! The refusals that API documents announce, declared once: `responses((status = 200, …), rest::ReadProblems)`.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use crate::problem::MEDIA_TYPE;

const READ: &[(&str, &str, &str, &str)] = &[
    ("400", "query-invalid", "The query cannot be understood", "The path or query cannot be understood."),
    ("401", "token-missing", "A bearer token is needed", "No bearer token, or one that does not hold."),
    ("403", "role-missing", "The token lacks the role", "The token lacks the role, or does not cover the office."),
    ("404", "not-found", "There is no such resource", "There is no such resource."),
    (
        "429",
        "rate-limited",
        "The caller makes too many requests",
        "The caller makes too many requests; try again after `Retry-After` seconds.",
    ),
    ("500", "internal", "The service failed", "A failure of the service; safe to try again."),
    (
        "503",
        "overloaded",
        "The service cannot take more at the moment",
        "Full for the moment; try again after `Retry-After` seconds.",
    ),
];

const WRITE: &[(&str, &str, &str, &str)] = &[
    ("400", "body-malformed", "The body cannot be read", "The request cannot be read; pointers tell where."),
    ("409", "conflict", "It contradicts what is recorded", "It contradicts what is recorded."),
    ("413", "body-too-large", "The body is too large", "The body is larger than what is read."),
    ("415", "media-type-unsupported", "The media type is not read here", "The media type is not read here."),
    ("422", "unprocessable", "It is refused for what it says", "Understood, and refused for what it says."),
];

/// Refusals of an operation that reads.
#[derive(Clone, Copy, Debug)]
pub struct ReadProblems;

/// Refusals of an operation that writes.
#[derive(Clone, Copy, Debug)]
pub struct WriteProblems;

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        READ.iter().map(announced).collect()
    }
}

impl IntoResponses for WriteProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        READ.iter().chain(WRITE).map(announced).collect()
    }
}

fn announced(problem: &(&str, &str, &str, &str)) -> (String, RefOr<Response>) {
    let (status, code, title, description) = *problem;
    let example = serde_json::json!({
        "type": format!("/problems/{code}"),
        "title": title,
        "status": status.parse::<u16>().unwrap_or_default(),
        "code": code,
    });
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).example(Some(example)).build();
    let response = ResponseBuilder::new().description(description).content(MEDIA_TYPE, content).build();
    (status.to_owned(), RefOr::T(response))
}
