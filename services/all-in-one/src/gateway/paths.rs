//! Which service has which path, as the contracts say.

use actix_web::http::Method;
use events::Service;

use crate::documents;

/// Who answers for the routes that every process has: the clock, the queues and the audit trail.
const OPERATIONS: Service = Service::DeclarationIntake;

/// The paths of all services.
pub struct Paths(Vec<Path>);

struct Path {
    /// None for a segment that varies.
    segments: Vec<Option<String>>,
    methods: Vec<Method>,
    service: Service,
}

impl Paths {
    /// The paths of the contracts.
    pub fn of_contracts() -> Self {
        let mut paths = Vec::new();
        for (name, document) in documents::services() {
            let service = Service::ALL.into_iter().find(|service| service.as_str() == name).unwrap_or(OPERATIONS);
            for (path, item) in document.paths.paths {
                let given = [
                    (Method::GET, item.get.is_some()),
                    (Method::PUT, item.put.is_some()),
                    (Method::POST, item.post.is_some()),
                    (Method::DELETE, item.delete.is_some()),
                    (Method::PATCH, item.patch.is_some()),
                    (Method::HEAD, item.get.is_some()),
                ];
                let methods = given.into_iter().filter(|(_, given)| *given).map(|(method, _)| method).collect();
                let segments = parts(&path).map(|part| (!part.starts_with('{')).then(|| part.to_owned())).collect();
                paths.push(Path { segments, methods, service });
            }
        }
        // What is spelt out goes before what varies.
        paths.sort_by_key(|path| path.segments.iter().map(Option::is_none).collect::<Vec<_>>());
        Self(paths)
    }

    /// The service that has `path`; of several the one that has it with this method.
    pub fn service(&self, method: &Method, path: &str) -> Option<Service> {
        let asked: Vec<&str> = parts(path).collect();
        let fits = |path: &&Path| {
            path.segments.len() == asked.len()
                && path.segments.iter().zip(&asked).all(|(own, asked)| own.as_deref().is_none_or(|own| own == *asked))
        };
        let with_method = self.0.iter().filter(fits).find(|path| path.methods.contains(method));
        with_method.or_else(|| self.0.iter().find(fits)).map(|path| path.service)
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.trim_matches('/').split('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_goes_to_the_service_whose_contract_has_it() {
        let paths = Paths::of_contracts();
        for (method, path, expected) in [
            (Method::POST, "/v1/declarations/bulk", Some(Service::DeclarationIntake)),
            (Method::GET, "/v1/declarations/0198a/selections", Some(Service::Scoring)),
            (Method::POST, "/v1/history", Some(Service::DeclarationIntake)),
            (Method::GET, "/v1/history", Some(Service::FeatureStore)),
            (Method::GET, "/v1/filters/statistics", Some(Service::PerformanceMonitoring)),
            (Method::GET, "/v1/filters/0198a", Some(Service::ModelManagement)),
            (Method::PUT, "/v1/offices/118", Some(Service::ControlsTracking)),
            (Method::GET, "/v1/queues", Some(Service::DeclarationIntake)),
            (Method::GET, "/v1/audit", Some(Service::DeclarationIntake)),
            // The service itself refuses the method.
            (Method::DELETE, "/v1/channels", Some(Service::DeclarationIntake)),
            (Method::GET, "/v1/nowhere", None),
            (Method::GET, "/metrics", None),
        ] {
            assert_eq!(paths.service(&method, path), expected, "{method} {path}");
        }
    }
}
