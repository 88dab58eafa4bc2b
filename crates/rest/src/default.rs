//! What the router answers where no handler does: 404, or 405 where another method would be answered.

use std::sync::Arc;

use actix_web::dev::ServiceRequest;
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

    /// The methods of a path. One that is spelt out is no other, whatever would fit it too.
    fn methods(&self, path: &str) -> Vec<&'static str> {
        if let Some(own) = self.spelt_out(path) {
            return own.to_vec();
        }
        let matching = self.0.iter().filter(|(template, _)| fits(template, path));
        matching.flat_map(|(_, methods)| methods.iter().copied()).collect()
    }
}

impl Served {
    fn spelt_out(&self, path: &str) -> Option<&[&'static str]> {
        self.0.iter().find(|(template, _)| template == path).map(|(_, methods)| methods.as_slice())
    }
}

/// The refusal of a method that a path which is spelt out does not have: the router would take the path's last part for an
/// identifier.
pub(crate) fn misrouted(request: &ServiceRequest) -> Option<HttpResponse> {
    let served = request.app_data::<Served>()?;
    let own = served.spelt_out(request.path())?;
    (!own.contains(&request.method().as_str())).then(|| refusal(request.path(), own))
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
    refusal(request.path(), &methods)
}

fn refusal(path: &str, methods: &[&'static str]) -> HttpResponse {
    let allowed = methods.join(", ");
    let problem =
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "The resource does not answer this method")
            .with_detail(format!("{path} answers {allowed}"));
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
    fn path_that_is_spelt_out_has_its_own_methods_alone() {
        let served = Served(Arc::new(vec![
            ("/v1/things/{id}".to_owned(), vec!["GET"]),
            ("/v1/things/bulk".to_owned(), vec!["POST"]),
        ]));
        assert_eq!(served.methods("/v1/things/bulk"), ["POST"]);
        assert_eq!(served.methods("/v1/things/7"), ["GET"]);
    }

    #[test]
    fn template_fits_paths_of_its_shape_alone() {
        assert!(fits("/v1/declarations/{id}", "/v1/declarations/7"));
        assert!(!fits("/v1/declarations/{id}", "/v1/declarations/"));
        assert!(!fits("/v1/declarations/{id}", "/v1/declarations/7/arrival"));
        assert!(!fits("/v1/declarations/{id}/arrival", "/v1/declarations/7"));
    }
}
