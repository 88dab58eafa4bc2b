//! Operating one process: its domain clock, which a privileged client may move when it is driven, and its queues with
//! their dead letters.

use std::sync::Arc;

use actix_web::{HttpResponse, get, post, put, web};
use jiff::Timestamp;
use lifecycle::Clock;
use queue::{DeliveryId, Queue, Shard, Stream};
use rest::{Authorized, Body, PathParams, Problem, QueryParams, ReadProblems, ServiceConfig, WriteProblems};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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

/// A message that a service gave up on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterView {
    /// What it is redriven by.
    pub id: String,
    /// The message's name and version (`control.resulted.v1`).
    pub message: String,
    /// When what it tells happened (domain time).
    pub occurred_at: Timestamp,
    /// The office it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it failed the last time.
    pub error: String,
    /// When it was given up (process time, Unix milliseconds).
    pub died_at_ms: i64,
}

/// Which dead letters are to be tried again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Redrive {
    /// Their ids; all of the service when absent.
    #[serde(default)]
    pub ids: Option<Vec<String>>,
}

/// How many are tried again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Redriven {
    /// Dead letters that are messages again, with no attempts.
    pub redriven: usize,
}

/// Offices whose declarations are decided apart from all others.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ShardView {
    /// The number of their stream (`scoring/3`), from 1 on.
    #[schema(example = 3, minimum = 1, maximum = 65_535)]
    pub shard: u16,
    /// The offices by their codes.
    #[serde(default)]
    pub offices: Vec<String>,
    /// And all whose code begins so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

impl From<Shard> for ShardView {
    fn from(Shard { shard, offices, prefix }: Shard) -> Self {
        Self { shard, offices, prefix }
    }
}

/// The most dead letters listed, or redriven without ids, at once.
const MOST_DEAD: usize = 1_000;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ShardParams {
    /// The shard of some offices, as the list of queues names it (1 for `scoring/1`); 0 when absent.
    #[serde(default, deserialize_with = "rest::params::count")]
    shard: Option<u64>,
}

fn stream(service: &str, params: &ShardParams, streams: &[Stream]) -> Result<Stream, Problem> {
    let shard = params.shard.unwrap_or_default();
    let asked = |stream: &&Stream| stream.subscriber.as_str() == service && u64::from(stream.shard) == shard;
    streams.iter().find(asked).copied().ok_or_else(|| {
        let known: Vec<_> = streams.iter().map(Stream::to_string).collect();
        Problem::not_found(format!("stream {service}/{shard}; there are {};", known.join(", ")))
    })
}

/// List the dead letters of a service
///
/// Messages that failed five times, oldest first, at most 1,000. Their contents stay in the queue.
#[utoipa::path(
    operation_id = "dead_letters_list", tag = "operations", security(("bearer" = ["service"])),
    params(("service" = String, Path, description = "The service that could not handle them."), ShardParams),
    responses((status = 200, description = "The dead letters", body = Vec<DeadLetterView>,
        example = json!([{"id": "412", "message": "control.resulted.v1", "occurredAt": "2026-03-02T14:00:00Z",
            "office": "118", "attempts": 5, "error": "the database is full", "diedAtMs": 1_772_460_000_000_i64}])),
        ReadProblems),
)]
#[get("/v1/queues/{service}/dead-letters")]
async fn list_dead_letters(
    _: Authorized<Operator>,
    service: PathParams<String>,
    params: QueryParams<ShardParams>,
    queue: web::Data<Arc<dyn Queue>>,
) -> Result<HttpResponse, Problem> {
    let stream = stream(&service.0, &params.0, &queue.streams())?;
    let letters = queue.dead_letters(&stream, MOST_DEAD).await.map_err(|error| Problem::internal(&error))?;
    let views: Vec<DeadLetterView> = letters
        .into_iter()
        .map(|letter| DeadLetterView {
            id: letter.id.to_string(),
            message: format!("{}.v{}", letter.envelope.name, letter.envelope.version),
            occurred_at: letter.envelope.occurred_at,
            office: letter.envelope.office.map(|office| office.to_string()),
            attempts: letter.attempts,
            error: letter.error,
            died_at_ms: letter.died_at_ms,
        })
        .collect();
    Ok(HttpResponse::Ok().json(views))
}

/// Try dead letters again
///
/// They go to the end of the service's stream, as if they had never been tried. Without ids the oldest 1,000 are; of the shard alone that is named.
#[utoipa::path(
    operation_id = "dead_letters_redrive", tag = "operations", security(("bearer" = ["service"])),
    params(("service" = String, Path, description = "The service that could not handle them."), ShardParams),
    request_body(content = Redrive, description = "Which ones.", example = json!({"ids": ["412"]})),
    responses((status = 200, description = "How many are tried again", body = Redriven,
        example = json!({"redriven": 1})), WriteProblems),
)]
#[post("/v1/queues/{service}/dead-letters/redrive")]
async fn redrive(
    _: Authorized<Operator>,
    service: PathParams<String>,
    params: QueryParams<ShardParams>,
    body: Body<Redrive>,
    queue: web::Data<Arc<dyn Queue>>,
) -> Result<HttpResponse, Problem> {
    let stream = stream(&service.0, &params.0, &queue.streams())?;
    let failed = |error: queue::QueueError| Problem::internal(&error);
    let ids = match body.0.ids {
        Some(ids) => ids
            .iter()
            .enumerate()
            .map(|(at, id)| {
                id.parse().map(DeliveryId).map_err(|_| {
                    Problem::unprocessable("request-invalid", "The request cannot be carried out").with_error(
                        format!("/ids/{at}"),
                        "invalid",
                        "an id is a whole number, as the list of dead letters gives it",
                    )
                })
            })
            .collect::<Result<Vec<_>, _>>()?,
        None => queue.dead_letters(&stream, MOST_DEAD).await.map_err(failed)?.into_iter().map(|one| one.id).collect(),
    };
    let redriven = queue.redrive(&stream, &ids).await.map_err(failed)?;
    Ok(HttpResponse::Ok().json(Redriven { redriven }))
}

/// List the offices that were given streams of their own
///
/// Those that were told while processes run; the ones that stand in the settings of every process are not among them.
#[utoipa::path(
    operation_id = "shards_list", tag = "operations", security(("bearer" = ["service"])),
    responses((status = 200, description = "The shards", body = Vec<ShardView>,
        example = json!([{"shard": 3, "offices": ["118"]}])), ReadProblems),
)]
#[get("/v1/shards")]
async fn list_shards(_: Authorized<Operator>, queue: web::Data<Arc<dyn Queue>>) -> Result<HttpResponse, Problem> {
    let shards = queue.shards().await.map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::Ok().json(shards.into_iter().map(ShardView::from).collect::<Vec<_>>()))
}

/// Give offices streams of their own
///
/// Instead of those that were given before. Processes that publish go by it within seconds; what is under way is decided where
/// it is. Somebody must decide in each of these streams (`shard` of `[scoring]`).
#[utoipa::path(
    operation_id = "shards_update", tag = "operations", security(("bearer" = ["service"])),
    request_body(content = Vec<ShardView>, description = "All of them.", example = json!([{"shard": 3, "offices": ["118"]}])),
    responses((status = 200, description = "The shards", body = Vec<ShardView>,
        example = json!([{"shard": 3, "offices": ["118"]}])), WriteProblems),
)]
#[put("/v1/shards")]
async fn update_shards(
    _: Authorized<Operator>,
    queue: web::Data<Arc<dyn Queue>>,
    body: Body<Vec<ShardView>>,
) -> Result<HttpResponse, Problem> {
    let shards = body.0.iter().cloned().map(|ShardView { shard, offices, prefix }| Shard { shard, offices, prefix });
    queue.tell_shards(shards.collect()).await.map_err(|error| match error {
        queue::QueueError::Settings(reason) => {
            Problem::unprocessable("request-invalid", "The request cannot be carried out").with_detail(reason)
        }
        error => Problem::internal(&error),
    })?;
    Ok(HttpResponse::Ok().json(body.0))
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
    config.service(read_clock).service(advance_clock).service(list_queues).service(list_dead_letters).service(redrive);
    config.service(list_shards).service(update_shards);
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
    for stream in queue.streams() {
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

#[cfg(test)]
mod tests {
    use events::Service;

    use super::*;

    #[test]
    fn dead_letters_of_every_shard_can_be_named_and_of_none_that_is_not() {
        let shard = Stream { subscriber: Service::Scoring, shard: 1 };
        let streams: Vec<Stream> = Service::ALL.into_iter().map(Stream::of).chain([shard]).collect();
        let named = |service, shard| stream(service, &ShardParams { shard }, &streams);
        assert_eq!(named("scoring", Some(1)).ok(), Some(shard));
        assert_eq!(named("scoring", None).ok(), Some(Stream::of(Service::Scoring)));
        for (service, shard) in [("scoring", Some(2)), ("feature-store", Some(1)), ("billing", None)] {
            let refused = named(service, shard).expect_err("there is none");
            assert!(format!("{refused:?}").contains("scoring/1"), "{refused:?}");
        }
    }
}
