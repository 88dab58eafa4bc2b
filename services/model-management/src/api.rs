//! The HTTP surface: one file per resource; views, handlers and their documentation, nothing else.

mod filters;
mod models;
mod plans;
mod training;

use rest::ServiceConfig;
use utoipa::openapi::OpenApi;

/// Mounts every route.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(filters::create)
        .service(filters::list)
        .service(filters::check)
        .service(filters::catalogue)
        .service(filters::read)
        .service(filters::create_version)
        .service(filters::approve)
        .service(filters::order)
        .service(plans::list)
        .service(plans::put_all)
        .service(plans::read)
        .service(plans::put)
        .service(training::create)
        .service(training::list)
        .service(models::list)
        .service(models::read)
        .service(models::artefact)
        .service(models::routing);
}

/// The API document, made without any state.
pub fn openapi() -> OpenApi {
    rest::contract::document("Model management", "Filters, models, routes and capacity plans.", configure)
}
