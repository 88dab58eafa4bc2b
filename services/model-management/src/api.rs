//! The HTTP surface: one file per resource; views, handlers and their documentation, nothing else.

mod cards;
mod filters;
mod imports;
mod lists;
mod models;
mod plans;
mod proposals;
mod replays;
mod risks;
mod rollouts;
mod training;
mod trials;

use rest::ServiceConfig;
use risk_filters::FieldTest;
use utoipa::openapi::OpenApi;
use utoipa::{PartialSchema, ToSchema};

/// Mounts every route.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(filters::create)
        .service(filters::list)
        .service(filters::check)
        .service(filters::catalogue)
        .service(replays::read)
        .service(replays::cancel)
        .service(replays::resume)
        .service(proposals::create)
        .service(proposals::read)
        .service(proposals::cancel)
        .service(proposals::resume)
        .service(filters::read)
        .service(filters::create_version)
        .service(filters::approve)
        .service(filters::order)
        .service(replays::create)
        .service(replays::list)
        .service(risks::create)
        .service(risks::list)
        .service(risks::coverage)
        .service(risks::read)
        .service(risks::update)
        .service(risks::close)
        .service(lists::create)
        .service(lists::index)
        .service(lists::look)
        .service(lists::events)
        .service(lists::read)
        .service(lists::create_version)
        .service(lists::approve)
        .service(plans::list)
        .service(plans::put_all)
        .service(plans::read)
        .service(plans::put)
        .service(training::create)
        .service(imports::export)
        .service(imports::create)
        .service(training::list)
        .service(cards::list_features)
        .service(cards::read_card)
        .service(cards::read_plot)
        .service(models::list)
        .service(models::read)
        .service(models::artefact)
        .service(models::routing)
        .service(trials::get)
        .service(trials::put)
        .service(trials::record_approval)
        .service(rollouts::create)
        .service(rollouts::list)
        .service(rollouts::read)
        .service(rollouts::approve)
        .service(rollouts::abort)
        .service(rollouts::retry)
        .service(rollouts::suspend)
        .service(rollouts::promote);
}

/// The API document, made without any state.
pub fn openapi() -> OpenApi {
    let description = "Filters with their lists, risks and replays; models, routes and capacity plans.";
    let mut document = rest::contract::document("Model management", description, configure);
    // A tree of conditions refers to itself, so what its leaves are made of has to be named.
    let mut schemas = vec![(FieldTest::name().into_owned(), FieldTest::schema())];
    FieldTest::schemas(&mut schemas);
    document.components.get_or_insert_default().schemas.extend(schemas);
    document
}
