//! `/v1/reports/…` and `/v1/filters/statistics`: reading only.

mod filters;
mod period;
pub(crate) mod reports;
mod rollouts;

use actix_web::web::Data;
use rest::ServiceConfig;
use utoipa::openapi::OpenApi;

use crate::app::Reports;

/// Mounts the routes; without state they only refuse, which is all a document needs.
pub(crate) fn mount(config: &mut ServiceConfig<'_>, state: Option<Reports>) {
    if let Some(state) = state {
        config.app_data(Data::new(state));
    }
    config
        .service(reports::summary)
        .service(reports::channels)
        .service(reports::findings)
        .service(reports::green_non_compliance)
        .service(reports::novelty)
        .service(reports::release_times)
        .service(rollouts::read)
        .service(rollouts::let_through)
        .service(filters::list)
        .service(filters::read);
}

/// The document of this service.
pub fn openapi() -> OpenApi {
    rest::contract::document(
        "Performance monitoring",
        "What the selection reaches: channels, capacity, findings, times, and what the random stratum says about the rest.",
        |config| mount(config, None),
    )
}
