//! One address before services that run as processes of their own: each request goes to the service whose contract has
//! its path. It reads no token and no body; the services judge both. Any reverse proxy can do the same.

mod counts;
mod forward;
pub mod paths;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, guard, web};
use anyhow::Context;
use clients::Client;
use events::Service;
use lifecycle::{Metrics, ProcessClock, Shutdown, Tasks};

use crate::settings::{Peers, Settings};
use counts::Counts;
use paths::Paths;

/// How long requests get to end when the gateway stops.
const GRACE: Duration = Duration::from_secs(10);

/// What every thread of the gateway knows.
struct Gateway {
    paths: Paths,
    peers: Peers,
    http: reqwest::Client,
    counts: Counts,
    clock: ProcessClock,
}

impl Gateway {
    /// Whether each service is ready.
    async fn readiness(&self) -> BTreeMap<&'static str, bool> {
        let asked = Service::ALL.map(async |service| {
            let ready = match Client::new(self.peers.url(service), "") {
                Ok(client) => client.ready().await.unwrap_or(false),
                Err(_) => false,
            };
            (service.as_str(), ready)
        });
        futures_util::future::join_all(asked).await.into_iter().collect()
    }
}

/// Serves on `listen` until shutdown or interrupted.
pub async fn serve(settings: &Settings, listen: SocketAddr, shutdown: Shutdown) -> anyhow::Result<()> {
    let secured = Service::ALL.iter().any(|service| settings.peers.url(*service).starts_with("https:"));
    let http = if secured { clients::http::https(None) } else { clients::http::http() };
    let http = http.context("no HTTP client can be made")?;
    let metrics = Metrics::new();
    let gateway = Arc::new(Gateway {
        paths: Paths::of_contracts(),
        peers: settings.peers.clone(),
        http,
        counts: Counts::register(&metrics),
        clock: ProcessClock::default(),
    });
    let listener = std::net::TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    let (state, metrics) = (web::Data::from(gateway), web::Data::new(metrics));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(metrics.clone())
            .service(web::resource("/health").guard(guard::Get()).to(health))
            .service(web::resource("/ready").guard(guard::Get()).to(ready))
            .service(web::resource("/metrics").guard(guard::Get()).to(rest::render_metrics))
            .default_service(web::to(forward::forward))
    })
    .workers(settings.server.workers.max(1))
    .keep_alive(Duration::from_secs(settings.server.keep_alive_seconds))
    .shutdown_timeout(settings.server.grace_seconds)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    let tasks = Tasks::new(shutdown.clone());
    tasks.spawn("gateway", server);
    eprintln!("serving on http://{address}; stop with Ctrl-C");
    shutdown.on_signal().await?;
    handle.stop(true).await;
    tasks.join(GRACE).await.context("the gateway ended badly")
}

async fn health() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "up" }))
}

async fn ready(gateway: web::Data<Gateway>) -> HttpResponse {
    let services = gateway.readiness().await;
    let ready = services.values().all(|ready| *ready);
    let mut answer = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.json(serde_json::json!({ "ready": ready, "services": services }))
}
