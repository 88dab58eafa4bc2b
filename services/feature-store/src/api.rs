//! `/v1/features/…`, `/v1/history`, `/v1/training-sets`, `/v1/data-quality`, `/v1/catalogue`: reading only.

pub mod cases;
pub mod catalogue;
pub mod features;
pub mod history;
pub mod quality;
pub mod training_sets;

use actix_web::web::Data;
use rest::ServiceConfig;
use utoipa::openapi::OpenApi;

/// What handlers need.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub database: ::store::Database,
    pub weight_limit: f32,
}

/// Mounts the routes; without state they only refuse, which is all a document needs.
pub(crate) fn mount(config: &mut ServiceConfig<'_>, state: Option<State>) {
    if let Some(state) = state {
        config.app_data(Data::new(state));
    }
    config
        .service(cases::list)
        .service(features::get)
        .service(history::list)
        .service(history::read_extent)
        .service(quality::read)
        .service(training_sets::create)
        .service(catalogue::list);
}

/// The document of this service.
pub fn openapi() -> OpenApi {
    rest::contract::document(
        "Feature store",
        "What was known when a declaration was decided, and what controls established later.",
        |config| mount(config, None),
    )
}
