//! A process: one service, several, or a whole administration, on one address and one folder.
//!
//! What its services share stands here: clocks, keys, queue, online features and the server. Which service needs what is
//! known by `composition`.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::audit::Ledger;
use anyhow::Context;
use events::Service;
use lifecycle::{Clock, ProcessClock, Pulse, Secret, Shutdown, Tasks, Worker, WorkerError, metrics::Metrics};
use online_store::OnlineStore;
use queue::{Deps, Queue};
use rest::{KeySet, Principal, Role};

use crate::composition::{self, Places};
use crate::data_folder::DataFolder;
use crate::settings::Settings;
use crate::stepper::Stepper;

/// How long tasks get to finish what they have begun.
const GRACE: Duration = Duration::from_secs(10);
/// How often the online features are asked whether they answer.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Where a process keeps its data, and how it runs.
pub struct Options {
    /// The services of the process.
    pub services: Vec<Service>,
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

/// A built process: serving, with its workers not yet running.
pub struct Administration {
    keys: KeySet,
    ledger: Ledger,
    clock: Clock,
    queue: Arc<dyn Queue>,
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
        let Options { services, data, listen, clock, draw_seed, mut settings } = options;
        settings.onnx.open()?;
        let folder = data.path();
        let process_clock = ProcessClock::default();
        let metrics = Metrics::default();
        let keys = settings.keys.tokens(folder, process_clock.clone())?;
        let ledger = crate::audit::ledger(&settings, folder).await?;
        if settings.queue.url == queue::Settings::default().url {
            settings.queue.url = format!("sqlite:{}", folder.join("queue.db").display());
        }
        let queue = queue::open(&settings.queue, process_clock.clone()).await.with_context(|| {
            format!("cannot open the queue at {}: see `url` and the password of [queue]", settings.queue.url)
        })?;
        let online = online_store::open(&settings.online).await.context("cannot open the online features")?;
        let pulse = Pulse::new(process_clock.clone());
        let deps = Deps { clock: clock.clone(), process_clock, queue: Arc::clone(&queue), metrics: metrics.clone() };

        // The address is known before the services are built: some call others over it.
        let listener = TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))?;
        // What services ask each other within the process does not leave the machine, and is not told to it in TLS.
        let inner = match settings.server.tls {
            Some(_) => Some(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port within the machine")?),
            None => None,
        };
        let own_url = format!("http://{}", inner.as_ref().unwrap_or(&listener).local_addr()?);
        let (here, peers) = (services.clone(), settings.peers.clone());
        let url = move |service| {
            if here.contains(&service) { own_url.clone() } else { peers.url(service).to_owned() }
        };
        if settings.intake.reference.is_none() {
            settings.intake.reference = Some(data.reference());
        }
        if settings.models.filters.reference.is_none() {
            settings.models.filters.reference.clone_from(&settings.intake.reference);
        }
        let token = service_token(&settings, &keys);
        let places = Places { data: folder.to_owned(), url: Box::new(url), token, draw_seed };
        let parts = composition::build(&services, &settings, &places, &deps, &online).await?;

        let workers = crate::stepper::in_order(parts.iter().flat_map(|part| part.workers.clone()).collect());
        let shutdown = Shutdown::new();
        let tasks = Tasks::new(shutdown.clone());
        tasks.spawn("pulse", pulse.clone().beat(shutdown.clone()));
        let mut server = rest::Server::new(settings.server.clone(), keys.clone(), metrics).alive_with(pulse);
        for part in parts {
            server = part.mount(server);
        }
        server = server
            .mount(crate::operations::routes(clock.clone(), Arc::clone(&queue)))
            .mount(::audit::routes(ledger.clone()))
            .audited(Arc::new(ledger.clone()));
        if settings.online.is_shared() && services.iter().any(|service| composition::uses_online_features(*service)) {
            let served = watch(&tasks, online);
            server = server.ready_when("online-features", move || served.load(Ordering::Relaxed));
        }
        let mut server = server.bind_to(listener)?;
        if let Some(inner) = inner {
            server = server.also_on(inner);
        }
        let url = server.url();
        tasks.spawn("http", server.run(shutdown.clone()));
        Ok(Self { keys, ledger, clock, queue, workers, tasks, shutdown, url, _data: data })
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

    /// What asks it to stop.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
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

    /// Finishes what is under way, acknowledges it, and leaves the queue to others.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.shutdown.trigger();
        self.tasks.join(GRACE).await.context("a task ended badly")?;
        self.ledger.flush().await.context("the audit trail cannot be written to its end")?;
        self.queue.close().await.context("the queue could not be left in good order")
    }
}

/// The token that services show each other.
fn service_token(settings: &Settings, keys: &KeySet) -> Secret {
    if !settings.peers.token.is_empty() {
        return settings.peers.token.clone();
    }
    Secret::new(keys.issue(&Principal::new("aforo", [Role::Service]), Duration::from_hours(10 * 365 * 24)))
}

/// Whether the online features answer, asked again and again.
fn watch(tasks: &Tasks, online: Arc<dyn OnlineStore>) -> Arc<AtomicBool> {
    let served = Arc::new(AtomicBool::new(false));
    let (told, shutdown) = (Arc::clone(&served), tasks.shutdown().clone());
    tasks.spawn("online-features", async move {
        while !shutdown.is_triggered() {
            told.store(online.read(&[]).await.is_ok(), Ordering::Relaxed);
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = shutdown.triggered() => {}
            }
        }
        Ok::<_, WorkerError>(())
    });
    served
}
