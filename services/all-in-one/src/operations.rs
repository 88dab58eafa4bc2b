//! Operating one process: its domain clock, which a privileged client may move when it is driven, and its queues.

use std::sync::Arc;

use actix_web::{HttpResponse, get, put, web};
use events::Service;
use jiff::Timestamp;
use lifecycle::Clock;
use queue::{Queue, Stream};
use rest::{Authorized, Body, Problem, ReadProblems, ServiceConfig, WriteProblems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

rest::roles!(pub Operator = Service);

/// The domain clock.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClockView {
    /// Domain time, RFC 3339.
    pub now: Timestamp,
}

/// Unfinished work of one stream.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StreamView {
    /// The stream (`scoring/0`).
    pub stream: String,
    /// Messages not yet acknowledged.
    pub unfinished: u64,
    /// Age of the oldest of them, seconds.
    pub oldest_age_seconds: Option<f64>,
    /// Dead letters.
    pub dead: u64,
}

/// Mounts clock and queues.
pub fn routes(clock: Clock, queue: Arc<dyn Queue>) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static {
    move |config| {
        config.app_data(web::Data::new(clock.clone())).app_data(web::Data::new(Arc::clone(&queue)));
        register(config);
    }
}

/// The document of clock and queues, made without any state.
pub fn openapi() -> utoipa::openapi::OpenApi {
    rest::contract::document("Operations", "The domain clock and the queues of one process.", register)
}

fn register(config: &mut ServiceConfig<'_>) {
    config.service(read_clock).service(advance_clock).service(list_queues);
}

/// List the streams with their unfinished work
#[utoipa::path(
    operation_id = "queues_list", tag = "operations", security(("bearer" = ["service"])),
    responses((status = 200, description = "Depth of every stream", body = Vec<StreamView>,
        example = json!([{"stream": "scoring/0", "unfinished": 0, "oldestAgeSeconds": null, "dead": 0}])), ReadProblems),
)]
#[get("/v1/queues")]
async fn list_queues(_: Authorized<Operator>, queue: web::Data<Arc<dyn Queue>>) -> Result<HttpResponse, Problem> {
    let mut views = Vec::new();
    for service in Service::ALL {
        let stream = Stream::of(service);
        let depth = queue.depth(&stream).await.map_err(|error| Problem::internal(&error))?;
        views.push(StreamView {
            stream: stream.to_string(),
            unfinished: depth.unfinished,
            oldest_age_seconds: depth.oldest_age.map(|age| age.as_secs_f64()),
            dead: depth.dead,
        });
    }
    Ok(HttpResponse::Ok().json(views))
}

/// Read the domain clock
#[utoipa::path(
    operation_id = "clock_read", tag = "operations", security(("bearer" = ["service"])),
    responses((status = 200, description = "Domain time", body = ClockView,
        example = json!({"now": "2026-03-02T14:00:00Z"})), ReadProblems),
)]
#[get("/v1/clock")]
async fn read_clock(_: Authorized<Operator>, clock: web::Data<Clock>) -> HttpResponse {
    HttpResponse::Ok().json(ClockView { now: clock.now() })
}

/// Advance a driven domain clock
#[utoipa::path(
    operation_id = "clock_advance", tag = "operations", security(("bearer" = ["service"])), request_body(content = ClockView, description = "Where to move it.", example = json!({"now": "2026-03-02T14:00:00Z"})),
    responses((status = 200, description = "Domain time after the move", body = ClockView,
        example = json!({"now": "2026-03-02T14:00:00Z"})), WriteProblems),
)]
#[put("/v1/clock")]
async fn advance_clock(
    _: Authorized<Operator>,
    clock: web::Data<Clock>,
    body: Body<ClockView>,
) -> Result<HttpResponse, Problem> {
    clock.advance_to(body.0.now).map_err(|refusal| {
        Problem::conflict("clock-not-driven", "The clock cannot be moved there")
            .with_detail(format!("{refusal}; start with `aforo up --clock driven --start TIME` to drive it"))
    })?;
    Ok(HttpResponse::Ok().json(ClockView { now: clock.now() }))
}
