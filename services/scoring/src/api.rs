//! `/v1/scores`, `/v1/selections` and what belongs to them. Declarants have no business here.

mod capacity;
mod explanations;
mod reasons;
mod scorers;
mod scores;
mod selections;
mod verification;

use std::sync::Arc;

use actix_web::web::Data;
use lifecycle::Clock;
use rest::ServiceConfig;
use utoipa::openapi::OpenApi;

use crate::app::decider::Decider;

/// What the handlers share.
#[derive(Clone)]
pub struct State {
    /// Decides and remembers.
    pub decider: Arc<Decider>,
    /// Domain time.
    pub clock: Clock,
}

/// Mounts the routes; without state they only refuse, which is all a document needs.
pub fn mount(config: &mut ServiceConfig<'_>, state: Option<State>) {
    if let Some(state) = state {
        config.app_data(Data::new(state));
    }
    config
        .service(scores::advise)
        .service(selections::list)
        .service(verification::list)
        .service(verification::read)
        .service(selections::read)
        .service(selections::of_declaration)
        .service(explanations::read)
        .service(explanations::of_declaration)
        .service(scorers::list)
        .service(capacity::read);
}

/// The document of this service. Needs no state.
pub fn openapi() -> OpenApi {
    rest::contract::document(
        "scoring",
        "Decisions: what was selected, why and with which probability; advisory scores; capacity at this moment.",
        |config| mount(config, None),
    )
}
