//! What the router answers where no handler does: 404, or 405 where another method would be answered.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use utoipa::openapi::OpenApi;

use crate::Problem;

/// The paths that are served, by method.
#[derive(Clone, Default)]
pub(crate) struct Served(Arc<Vec<(String, Vec<&'static str>)>>);

impl Served {
    pub(crate) fn of(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter().map(|(path, item)| {
            let methods = [
                ("GET", &item.get),
                ("PUT", &item.put),
                ("POST", &item.post),
                ("DELETE", &item.delete),
                ("PATCH", &item.patch),
            ];
            let served = methods.into_iter().filter(|(_, operation)| operation.is_some()).map(|(name, _)| name);
            (path.clone(), served.collect())
        });
        let admin = ["/health", "/ready", "/metrics"].map(|path| (path.to_owned(), vec!["GET"]));
        Self(Arc::new(paths.chain(admin).collect()))
    }

    fn methods(&self, path: &str) -> Vec<&'static str> {
        let matching = self.0.iter().filter(|(template, _)| fits(template, path));
        matching.flat_map(|(_, methods)| methods.iter().copied()).collect()
    }
}

fn fits(template: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    for expected in template.split('/') {
        match parts.next() {
            Some(part) if expected == part || (expected.starts_with('{') && !part.is_empty()) => {}
            _ => return false,
        }
    }
    parts.next().is_none()
}

/// The answer to what nobody serves.
pub(crate) async fn unserved(request: HttpRequest) -> HttpResponse {
    let methods = request.app_data::<Served>().map(|served| served.methods(request.path())).unwrap_or_default();
    if methods.is_empty() {
        return HttpResponse::from_error(Problem::not_found(request.path()));
    }
    let allowed = methods.join(", ");
    let problem =
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "The resource does not answer this method")
            .with_detail(format!("{} answers {allowed}", request.path()));
    let mut response = problem.error_response();
    if let Ok(value) = allowed.parse() {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_fits_paths_of_its_shape_alone() {
        assert!(fits("/v1/declarations/{id}", "/v1/declarations/7"));
        assert!(!fits("/v1/declarations/{id}", "/v1/declarations/"));
        assert!(!fits("/v1/declarations/{id}", "/v1/declarations/7/arrival"));
        assert!(!fits("/v1/declarations/{id}/arrival", "/v1/declarations/7"));
    }
}
