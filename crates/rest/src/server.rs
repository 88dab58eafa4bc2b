//! Assembles the routes of one or several services on one port, with `/health`, `/ready` and `/metrics`.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use lifecycle::metrics::Metrics;
use lifecycle::{ProcessClock, Pulse, Shutdown};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use serde::{Deserialize, Serialize};
use utoipa::openapi::OpenApi;

use crate::access::Access;
use crate::audit::{Records, Trail};
use crate::default::{Served, unserved};
use crate::middleware::{Around, RequestIds, around};
use crate::oidc::{self, Oidc, OidcSettingsError};
use crate::rate;
use crate::tls::{Shown, Tls, TlsError};
use crate::{KeySet, Limits, Problem, ServiceConfig, contract};

/// Where and how to listen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Address and port; port 0 takes a free one.
    pub address: String,
    /// Threads that serve connections.
    pub workers: usize,
    /// The most bytes of a JSON body.
    pub max_json_bytes: usize,
    /// The most bytes of a body that a service parses itself.
    pub max_raw_bytes: usize,
    /// Seconds an idle connection is kept.
    pub keep_alive_seconds: u64,
    /// Seconds that running requests get to end when the server stops.
    pub grace_seconds: u64,
    /// TLS (1.2 and 1.3, HTTP/1.1 and HTTP/2); none speaks in the clear.
    pub tls: Option<Tls>,
    /// The identity provider whose tokens are taken beside those of the local key set; none: those alone.
    pub oidc: Option<oidc::Settings>,
    /// How many requests a caller may make.
    pub rates: rate::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            address: "127.0.0.1:8080".to_owned(),
            workers: 2,
            max_json_bytes: limits.json_bytes,
            max_raw_bytes: limits.raw_bytes,
            keep_alive_seconds: 75,
            grace_seconds: 10,
            tls: None,
            oidc: None,
            rates: rate::Settings::default(),
        }
    }
}

/// A server that cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Its certificate cannot be shown.
    #[error("TLS cannot be spoken")]
    Tls(#[from] TlsError),
    /// The identity provider cannot be trusted as the settings say.
    #[error("tokens of the identity provider cannot be taken")]
    Oidc(#[from] OidcSettingsError),
    /// It broke while serving.
    #[error("the server broke off")]
    Serve(#[from] std::io::Error),
}

/// Routes of a service, mounted once per thread. `Fn` without `Sync`: each thread gets its own copy.
trait Mount: Send {
    fn mount(&self, config: &mut ServiceConfig<'_>);
    fn copy(&self) -> Box<dyn Mount>;
}

impl<F: Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static> Mount for F {
    fn mount(&self, config: &mut ServiceConfig<'_>) {
        self(config);
    }

    fn copy(&self) -> Box<dyn Mount> {
        Box::new(self.clone())
    }
}

struct Mounts(Vec<Box<dyn Mount>>);

impl Mounts {
    fn mount(&self, config: &mut ServiceConfig<'_>) {
        self.0.iter().for_each(|routes| routes.mount(config));
    }
}

impl Clone for Mounts {
    fn clone(&self) -> Self {
        Self(self.0.iter().map(|routes| routes.copy()).collect())
    }
}

type Check = (&'static str, Arc<dyn Fn() -> bool + Send + Sync>);

/// A server being assembled.
pub struct Server {
    settings: Settings,
    keys: KeySet,
    metrics: Metrics,
    clock: ProcessClock,
    mounts: Mounts,
    checks: Vec<Check>,
    pulse: Option<Pulse>,
    trail: Option<Arc<dyn Trail>>,
}

impl Server {
    /// A server without routes.
    pub fn new(settings: Settings, keys: KeySet, metrics: Metrics) -> Self {
        let clock = ProcessClock::default();
        Self {
            settings,
            keys,
            metrics,
            clock,
            mounts: Mounts(Vec::new()),
            checks: Vec::new(),
            pulse: None,
            trail: None,
        }
    }

    /// Also serves `routes` (a service's `routes()`).
    pub fn mount(mut self, routes: impl Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static) -> Self {
        self.mounts.0.push(Box::new(routes));
        self
    }

    /// Leaves records of acts and looks with `trail`.
    pub fn audited(mut self, trail: Arc<dyn Trail>) -> Self {
        self.trail = Some(trail);
        self
    }

    /// Is ready only while `check` holds too.
    pub fn ready_when(mut self, name: &'static str, check: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.checks.push((name, Arc::new(check)));
        self
    }

    /// Is healthy only while `pulse` beats.
    pub fn alive_with(mut self, pulse: Pulse) -> Self {
        self.pulse = Some(pulse);
        self
    }

    /// Takes the port. From here connections wait; [`BoundServer::run`] answers them.
    pub fn bind(self) -> Result<BoundServer, ServerError> {
        let address = self.settings.address.clone();
        match TcpListener::bind(&address) {
            Ok(listener) => self.bind_to(listener),
            Err(source) => Err(ServerError::Listen { address, source }),
        }
    }

    /// Takes a port that is bound already, for services that must know their address before they exist.
    pub fn bind_to(self, listener: TcpListener) -> Result<BoundServer, ServerError> {
        let tls = self.settings.tls.clone().map(Shown::open).transpose()?;
        let provider = self.settings.oidc.clone();
        let provider = provider.map(|settings| Oidc::new(settings, self.keys.clock().clone())).transpose()?;
        let access = Access::new(self.keys.clone(), provider, self.settings.rates);
        match listener.local_addr() {
            Ok(address) => Ok(BoundServer { server: self, access, listener, address, tls, inner: None }),
            Err(source) => Err(ServerError::Listen { address: self.settings.address.clone(), source }),
        }
    }
}

/// A server that has its port.
pub struct BoundServer {
    server: Server,
    access: Access,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Shown>,
    inner: Option<TcpListener>,
}

impl BoundServer {
    /// Also answers on `listener`, in the clear: for calls within one machine, beside TLS for everybody else.
    pub fn also_on(mut self, listener: TcpListener) -> Self {
        self.inner = Some(listener);
        self
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://host:port`, or `https://host:port`, for clients.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The document of everything it serves.
    pub fn openapi(&self) -> OpenApi {
        contract::document("Aforo", "Every service of this process.", |config| self.server.mounts.mount(config))
    }

    /// Serves until shutdown, then lets running requests end.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), ServerError> {
        let document = self.openapi();
        let served = Served::of(&document);
        let Server { settings, metrics, clock, mounts, checks, pulse, trail, .. } = self.server;
        let access = self.access;
        let measures = Measures::register(&metrics, clock.clone());
        let limits = Limits { json_bytes: settings.max_json_bytes, raw_bytes: settings.max_raw_bytes };
        let records = trail.map(|trail| Records::new(trail, &document));
        let outside = Around { ids: RequestIds::new(&clock), measures, access: access.clone(), records };
        let (checks, pulse) = (web::Data::new(checks), web::Data::new(pulse));
        let application = move || {
            let outside = outside.clone();
            let mut app = App::new()
                .app_data(access.clone())
                .app_data(limits)
                .app_data(served.clone())
                .app_data(checks.clone())
                .app_data(pulse.clone())
                .app_data(web::Data::new(metrics.clone()));
            app = app
                .configure(|config| mounts.mount(&mut ServiceConfig::new(config)))
                .service(web::resource("/health").guard(actix_web::guard::Get()).to(health))
                .service(web::resource("/ready").guard(actix_web::guard::Get()).to(ready))
                .service(web::resource("/metrics").guard(actix_web::guard::Get()).to(render_metrics))
                .default_service(web::to(unserved));
            app.wrap(from_fn(move |request, next| around(outside.clone(), request, next)))
        };
        let server = HttpServer::new(application)
            .workers(settings.workers.max(1))
            .keep_alive(Duration::from_secs(settings.keep_alive_seconds))
            .shutdown_timeout(settings.grace_seconds)
            .disable_signals();
        let server = match &self.tls {
            None => server.listen(self.listener)?,
            Some(shown) => server.listen_rustls_0_23(self.listener, shown.config())?,
        };
        let server = match self.inner {
            None => server,
            Some(listener) => server.listen(listener)?,
        };
        let server = server.run();
        let renewed = async {
            match &self.tls {
                Some(shown) => shown.follow().await,
                None => std::future::pending().await,
            }
        };
        let handle = server.handle();
        tracing::info!(address = %self.address, "serving");
        tokio::pin!(server);
        tokio::select! {
            ended = &mut server => ended?,
            () = renewed => {}
            () = shutdown.triggered() => {
                let ((), ended) = futures_util::join!(handle.stop(true), &mut server);
                ended?;
            }
        }
        Ok(())
    }
}

async fn health(pulse: web::Data<Option<Pulse>>) -> HttpResponse {
    if pulse.as_ref().as_ref().is_none_or(Pulse::is_alive) {
        return HttpResponse::Ok().json(serde_json::json!({ "status": "up" }));
    }
    HttpResponse::ServiceUnavailable().json(serde_json::json!({ "status": "stalled" }))
}

async fn ready(checks: web::Data<Vec<Check>>) -> HttpResponse {
    let states: std::collections::BTreeMap<&str, bool> = checks.iter().map(|(name, check)| (*name, check())).collect();
    let ready = states.values().all(|state| *state);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).json(serde_json::json!({ "ready": ready, "checks": states }))
}

/// What is counted, as Prometheus reads it.
pub async fn render_metrics(metrics: web::Data<Metrics>) -> HttpResponse {
    match metrics.render() {
        Ok(text) => {
            HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text)
        }
        Err(error) => HttpResponse::from_error(Problem::internal(&error)),
    }
}

/// What a request is counted under.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

/// The measures of requests.
#[derive(Clone)]
pub(crate) struct Measures {
    pub(crate) clock: ProcessClock,
    requests: Family<RequestLabels, Counter>,
    seconds: Histogram,
}

impl Measures {
    fn register(metrics: &Metrics, clock: ProcessClock) -> Self {
        let requests = Family::<RequestLabels, Counter>::default();
        // From a quarter of a millisecond to eight seconds.
        let seconds = Histogram::new(prometheus_client::metrics::histogram::exponential_buckets(0.000_25, 2.0, 16));
        metrics.register("http", |registry| {
            registry.register("requests", "Requests answered", requests.clone());
            registry.register("request_seconds", "Time to answer a request", seconds.clone());
        });
        Self { clock, requests, seconds }
    }

    pub(crate) fn request(&self, method: &Method, route: Option<&str>, status: StatusCode, took: Duration) {
        let labels = RequestLabels {
            method: method.to_string(),
            // What nobody serves is one series, whatever was asked for.
            route: route.unwrap_or("none").to_owned(),
            status: status.as_u16(),
        };
        self.requests.get_or_create(&labels).inc();
        self.seconds.observe(took.as_secs_f64());
    }
}
