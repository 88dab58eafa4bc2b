//! Path and query parameters that refuse with problems.
//!
//! Named apart from actix-web's `Path` and `Query`, so that the document's generator leaves the annotation to its
//! author: `params(("id" = DeclarationId, Path, description = "…"), ListParams)`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use crate::{Problem, problem};

/// The variables of a path: a type of one field, a tuple, or a struct by name.
#[derive(Clone, Debug)]
pub struct PathParams<T>(pub T);

impl<T: DeserializeOwned> FromRequest for PathParams<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let extracted = web::Path::<T>::from_request(request, payload).into_inner();
        ready(extracted.map(|path| Self(path.into_inner())).map_err(|error| {
            Problem::bad_request("path-invalid", "The path cannot be understood").with_detail(error.to_string())
        }))
    }
}

/// The query. Give the type `#[serde(rename_all = "camelCase", deny_unknown_fields)]`, so that a misspelt parameter
/// is refused and not ignored.
#[derive(Clone, Debug)]
pub struct QueryParams<T>(pub T);

impl<T: DeserializeOwned> FromRequest for QueryParams<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = form_urlencoded::parse(request.query_string().as_bytes());
        let read = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(query));
        ready(read.map(Self).map_err(|error| {
            Problem::bad_request("query-invalid", "The query cannot be understood")
                .with_detail(error.inner().to_string())
                .with_error(problem::pointer(error.path()), "invalid", error.inner().to_string())
        }))
    }
}

/// Reads a count of up to 63 bits, which is what API documents call `int64`: `#[serde(default, deserialize_with =
/// "rest::params::count")]`.
pub fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let Some(number) = Option::<i64>::deserialize(deserializer)? else { return Ok(None) };
    u64::try_from(number).map(Some).map_err(|_| D::Error::custom("a count begins at 0"))
}
