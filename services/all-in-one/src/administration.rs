//! A whole administration in one process: every service, one address, one folder.
//!
//! Which service needs what is known here and nowhere else. Services do not see each other: they share the queue, the
//! online features and, over loopback, their HTTP contracts.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use lifecycle::{Clock, ProcessClock, Shutdown, Tasks, Worker, metrics::Metrics};
use online_store::{EmbeddedOnlineStore, OnlineStore};
use queue::{Deps, EmbeddedQueue, Queue};
use rest::{Principal, Role, token::KeySet};

use crate::data_folder::DataFolder;
use crate::settings::Settings;
use crate::stepper::Stepper;

/// Where an administration keeps its data, and how it runs.
pub struct Options {
    /// Folder of the databases and keys.
    pub data: DataFolder,
    /// Address to serve on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The domain clock.
    pub clock: Clock,
    /// Seed of the key that the draws hash with; none draws a fresh key once and keeps it.
    pub draw_seed: Option<u64>,
    /// Settings of the services.
    pub settings: Settings,
}

/// A built administration: serving, with its workers not yet running.
pub struct Administration {
    keys: KeySet,
    clock: Clock,
    workers: Vec<Arc<dyn Worker>>,
    tasks: Tasks,
    shutdown: Shutdown,
    url: String,
    /// Nobody else opens the databases before this process has closed them.
    _data: DataFolder,
}

impl Administration {
    /// Opens the databases, migrates them, and serves.
    pub async fn build(options: Options) -> anyhow::Result<Self> {
        let data = options.data.path();
        let given = options.settings;
        let process_clock = ProcessClock::default();
        let metrics = Metrics::default();
        let keys =
            KeySet::open(&data.join("tokens.key"), process_clock.clone()).context("cannot open the token key set")?;
        let queue: Arc<dyn Queue> = Arc::new(EmbeddedQueue::open(&database(data, "queue")).await?);
        let online: Arc<dyn OnlineStore> = Arc::new(EmbeddedOnlineStore::default());
        let deps =
            Deps { clock: options.clock.clone(), process_clock, queue: Arc::clone(&queue), metrics: metrics.clone() };

        // The address is known before the services are built: some call others over it.
        let listener = std::net::TcpListener::bind(options.listen)
            .with_context(|| format!("cannot listen on {}", options.listen))?;
        // What services ask each other within the process does not leave the machine, and is not told to it in TLS.
        let inner = match given.server.tls {
            Some(_) => Some(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port within the machine")?),
            None => None,
        };
        let own_url = format!("http://{}", inner.as_ref().unwrap_or(&listener).local_addr()?);
        let service_token = keys.issue(&Principal::new("aforo", [Role::Service]), Duration::from_hours(10 * 365 * 24));

        let models = model_management::Service::build(
            model_management::Settings {
                store: settings(data, "models"),
                feature_store_url: own_url.clone(),
                token: lifecycle::Secret::new(service_token.clone()),
                ..given.models
            },
            deps.clone(),
        )
        .await
        .context("model-management cannot start")?;
        let intake = declaration_intake::Service::build(
            declaration_intake::Settings {
                store: settings(data, "declarations"),
                reference: given.intake.reference.or_else(|| Some(options.data.reference())),
                ..given.intake
            },
            deps.clone(),
        )
        .await
        .context("declaration-intake cannot start")?;
        let features = feature_store::Service::build(
            feature_store::Settings { store: settings(data, "features"), ..given.features },
            deps.clone(),
            Arc::clone(&online),
        )
        .await
        .context("feature-store cannot start")?;
        let scoring = scoring::Service::build(
            scoring::Settings {
                store: settings(data, "scoring"),
                model_management_url: own_url,
                token: lifecycle::Secret::new(service_token),
                draw_key: data.join("draw.key"),
                draw_seed: options.draw_seed,
                ..given.scoring
            },
            deps.clone(),
            online,
        )
        .await
        .context("scoring cannot start")?;
        let controls = controls_tracking::Service::build(
            controls_tracking::Settings { store: settings(data, "controls"), ..given.controls },
            deps.clone(),
        )
        .await
        .context("controls-tracking cannot start")?;
        let monitoring = performance_monitoring::Service::build(
            performance_monitoring::Settings { store: settings(data, "monitoring"), ..given.monitoring },
            deps.clone(),
        )
        .await
        .context("performance-monitoring cannot start")?;

        let workers = crate::stepper::in_order(
            [
                intake.workers(),
                scoring.workers(),
                controls.workers(),
                features.workers(),
                monitoring.workers(),
                models.workers(),
            ]
            .concat(),
        );
        let shutdown = Shutdown::new();
        let tasks = Tasks::new(shutdown.clone());
        let server = rest::Server::new(given.server, keys.clone(), metrics)
            .mount(intake.routes())
            .mount(scoring.routes())
            .mount(controls.routes())
            .mount(features.routes())
            .mount(monitoring.routes())
            .mount(models.routes())
            .mount(crate::operations::routes(options.clock.clone(), queue))
            .ready_when("declaration-intake", move || intake.ready())
            .ready_when("scoring", move || scoring.ready())
            .ready_when("controls-tracking", move || controls.ready())
            .ready_when("feature-store", move || features.ready())
            .ready_when("performance-monitoring", move || monitoring.ready())
            .ready_when("model-management", move || models.ready())
            .bind_to(listener)?;
        let server = match inner {
            Some(inner) => server.also_on(inner),
            None => server,
        };
        let url = server.url();
        tasks.spawn("http", server.run(shutdown.clone()));
        Ok(Self { keys, clock: options.clock, workers, tasks, shutdown, url, _data: options.data })
    }

    /// Where it serves.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// A token for `subject` with `roles` at all offices.
    pub fn token(&self, subject: &str, roles: &[Role]) -> String {
        let principal = Principal::new(subject, roles.iter().copied());
        self.keys.issue(&principal, Duration::from_hours(7 * 24))
    }

    /// The domain clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Drives the workers by hand, in a fixed order.
    pub fn stepper(&self) -> Stepper {
        Stepper::new(self.workers.clone())
    }

    /// Lets the workers run by themselves.
    pub fn start_workers(&self) {
        for worker in &self.workers {
            self.tasks.spawn_worker(Arc::clone(worker));
        }
    }

    /// Serves until interrupted, then stops in order.
    pub async fn serve_until_interrupted(self) -> anyhow::Result<()> {
        self.shutdown.on_signal().await?;
        self.stop().await
    }

    /// Finishes what is under way and leaves.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.shutdown.trigger();
        self.tasks.join(Duration::from_secs(10)).await.context("a task ended badly")?;
        Ok(())
    }
}

fn database(data: &Path, name: &str) -> String {
    format!("sqlite:{}", data.join(format!("{name}.db")).display())
}

fn settings(data: &Path, name: &str) -> store::Settings {
    store::Settings::file(data.join(format!("{name}.db")))
}
