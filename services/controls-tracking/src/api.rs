//! The HTTP surface: views, handlers, documentation. One file per resource.
//!
//! An officer's view of a control is a type of its own that has no place for trigger, selection or score; nothing has
//! to remember to leave them out.

mod assignments;
mod bulk;
mod controls;
mod offices;
mod results;
mod scans;
mod views;
mod worklists;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use rest::{Problem, ServiceConfig};
use utoipa::openapi::OpenApi;

use crate::ControlsError;
use crate::app::Done;

/// The service's API document, made without any state.
pub fn openapi() -> OpenApi {
    rest::contract::document("Controls", "Worklists, assignments, results, scans and extraordinary controls.", routes)
}

/// Registers every operation.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(worklists::read)
        .service(controls::create)
        .service(controls::list)
        .service(controls::read)
        .service(controls::link)
        .service(controls::escalate)
        .service(assignments::create)
        .service(results::create)
        .service(bulk::create)
        .service(scans::create)
        .service(offices::replace)
        .service(offices::read);
}

/// 201 for what came to be now, 200 for what was changed or had been done before.
fn answer(done: Done, body: &impl serde::Serialize) -> HttpResponse {
    HttpResponse::build(status(done)).json(body)
}

fn status(done: Done) -> StatusCode {
    match done {
        Done::Created => StatusCode::CREATED,
        Done::Changed | Done::Repeated => StatusCode::OK,
    }
}

fn refuse(error: ControlsError) -> Problem {
    error.into()
}
