//! Services in processes of their own, on a fresh database and fresh keys.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use clients::Client;
use e2e_tests::binary;
use events::Service;
use lifecycle::ProcessClock;
use queue::{Queue, Stream};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;

use crate::cpu::{self, Spent};
use crate::tables;

const PATIENCE: Duration = Duration::from_mins(20);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often in a row nothing may be unfinished.
const QUIET: usize = 4;

/// Where the two servers are.
pub struct Servers {
    pub postgres: String,
    pub redis: String,
}

impl Servers {
    /// Those that the environment names.
    pub fn named() -> anyhow::Result<Self> {
        let named = |name: &str| {
            let url = std::env::var_os(name).and_then(|url| url.into_string().ok()).filter(|url| !url.is_empty());
            url.with_context(|| format!("{name} names no server"))
        };
        Ok(Self { postgres: named("AFORO_TEST_POSTGRES_URL")?, redis: named("AFORO_TEST_REDIS_URL")? })
    }
}

/// A process of a service.
struct Running {
    service: Service,
    child: Child,
    url: String,
}

/// What runs for a bench.
pub struct Installation {
    servers: Servers,
    name: String,
    postmaster: u32,
    admin: DatabaseConnection,
    redis: redis::aio::MultiplexedConnection,
    pub queue: Arc<dyn Queue>,
    folder: TempDir,
    ports: BTreeMap<Service, u16>,
    running: Vec<Running>,
}

impl Installation {
    /// An empty database and nothing running.
    pub async fn prepare() -> anyhow::Result<Self> {
        let servers = Servers::named()?;
        let admin = Database::connect(&servers.postgres).await.context("PostgreSQL does not answer")?;
        let postmaster = cpu::postmaster(&admin).await?;
        let name = format!("aforo_bench_{}", std::process::id());
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
        let patient = redis::AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_mins(1)));
        let redis = redis::Client::open(servers.redis.as_str())?;
        let redis = redis.get_multiplexed_async_connection_with_config(&patient).await?;
        let settings = queue::Settings { prefix: name.clone(), ..queue::Settings::new(&servers.redis) };
        let queue = queue::open(&settings, ProcessClock::default()).await?;
        let held: Vec<TcpListener> =
            Service::ALL.iter().map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>()?;
        let mut ports = BTreeMap::new();
        for (service, listener) in Service::ALL.into_iter().zip(&held) {
            ports.insert(service, listener.local_addr()?.port());
        }
        let folder = tempfile::tempdir()?;
        Ok(Self { servers, name, postmaster, admin, redis, queue, folder, ports, running: Vec::new() })
    }

    /// The URL of the bench's own database.
    pub fn database(&self) -> String {
        let (server, _) = self.servers.postgres.rsplit_once('/').unwrap_or((&self.servers.postgres, ""));
        format!("{server}/{}", self.name)
    }

    /// The URL of Redis.
    pub fn redis_url(&self) -> &str {
        &self.servers.redis
    }

    /// The bench's own prefix of keys.
    pub fn prefix(&self) -> &str {
        &self.name
    }

    /// A connection to the bench's own database.
    pub async fn connect(&self) -> anyhow::Result<DatabaseConnection> {
        Ok(Database::connect(self.database()).await?)
    }

    fn command(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = Command::new(binary::aforo()?);
        command.args(arguments).arg("--data").arg(self.folder.path());
        let mut set = |key: &str, value: &str| {
            command.env(format!("AFORO_SETTING_{key}"), value);
        };
        for table in ["QUEUE", "ONLINE"] {
            set(&format!("{table}__URL"), &self.servers.redis);
            set(&format!("{table}__PREFIX"), &self.name);
        }
        set("DATABASE__URL", &self.database());
        // Filters, plans and the model come from the bench, which answers in the place of model-management.
        for (service, table) in tables::PEERS {
            set(&format!("PEERS__{table}"), &format!("http://127.0.0.1:{}", self.ports[&service]));
        }
        Ok(command)
    }

    /// The port that services expect `service` on.
    pub fn port(&self, service: Service) -> u16 {
        self.ports[&service]
    }

    /// Starts services and waits until each is ready.
    pub async fn start(&mut self, services: &[Service]) -> anyhow::Result<()> {
        for service in services {
            let listen = format!("127.0.0.1:{}", self.ports[service]);
            let log = File::create(self.folder.path().join(format!("{service}.log")))?;
            let mut command = self.command(&["serve", service.as_str(), "--until-input-ends", "--listen", &listen])?;
            command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
            let child = command.spawn().context("the service does not start")?;
            self.running.push(Running { service: *service, child, url: format!("http://{listen}") });
        }
        for service in services {
            self.ready(*service).await?;
        }
        Ok(())
    }

    async fn ready(&mut self, service: Service) -> anyhow::Result<()> {
        let client = self.client(service, &["service"])?;
        let started = Instant::now();
        while !client.ready().await.unwrap_or(false) {
            let running = self.running.iter_mut().find(|running| running.service == service).context("not started")?;
            if let Some(status) = running.child.try_wait()? {
                bail!("{service} ended with {status}:\n{}", self.log(service));
            }
            ensure!(started.elapsed() < PATIENCE, "{service} is not ready:\n{}", self.log(service));
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    fn log(&self, service: Service) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("{service}.log"))).unwrap_or_default()
    }

    /// A client of one service, with `roles` at all offices.
    pub fn client(&self, service: Service, roles: &[&str]) -> anyhow::Result<Client> {
        Ok(Client::new(&self.url(service), self.token(roles)?)?)
    }

    /// Where a service is.
    pub fn url(&self, service: Service) -> String {
        format!("http://127.0.0.1:{}", self.ports[&service])
    }

    /// A token with `roles` at all offices.
    pub fn token(&self, roles: &[&str]) -> anyhow::Result<String> {
        let mut command = self.command(&["token", "issue"])?;
        for role in roles {
            command.args(["--role", role]);
        }
        let output = command.output()?;
        ensure!(output.status.success(), "no token: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// Runs a verb of the program to its end.
    pub fn verb(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command(arguments)?.output()?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "{arguments:?} failed: {told}");
        Ok(told)
    }

    /// Waits until the streams of `services` hold nothing unfinished.
    pub async fn settle(&self, services: &[Service]) -> anyhow::Result<()> {
        let (started, mut quiet) = (Instant::now(), 0);
        while quiet < QUIET {
            tokio::time::sleep(LOOK_EVERY).await;
            let (mut unfinished, mut dead) = (0, 0);
            for service in services {
                let depth = self.queue.depth(&Stream::of(*service)).await?;
                unfinished += depth.unfinished;
                dead += depth.dead;
            }
            ensure!(dead == 0, "{dead} messages were given up");
            quiet = if unfinished == 0 { quiet + 1 } else { 0 };
            ensure!(started.elapsed() < PATIENCE, "{unfinished} messages are still unfinished");
        }
        Ok(())
    }

    /// Processor seconds so far: every service, both servers.
    pub async fn spent(&mut self) -> anyhow::Result<Spent> {
        let mut spent: Spent = self
            .running
            .iter()
            .map(|running| (running.service.to_string(), cpu::of_process(running.child.id())))
            .collect();
        spent.insert("postgresql".to_owned(), cpu::of_postgres(self.postmaster));
        spent.insert("redis".to_owned(), cpu::of_redis(&mut self.redis).await?);
        Ok(spent)
    }

    /// MiB resident by service: the most so far, and now.
    pub fn memory(&self) -> BTreeMap<String, (f64, f64)> {
        let told = self.running.iter().filter_map(|running| {
            let (most, now) = cpu::memory_mib(running.child.id())?;
            Some((running.service.to_string(), (most.round(), now.round())))
        });
        told.collect()
    }

    /// Kills a service.
    pub fn kill(&mut self, service: Service) -> anyhow::Result<()> {
        let at = self.running.iter().position(|running| running.service == service).context("it does not run")?;
        let mut killed = self.running.remove(at);
        killed.child.kill()?;
        killed.child.wait()?;
        Ok(())
    }

    /// Lets services end what they have begun, and stop.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        for running in &mut self.running {
            drop(running.child.stdin.take());
        }
        for mut running in self.running.drain(..) {
            running.child.wait().with_context(|| format!("{} at {} does not stop", running.service, running.url))?;
        }
        Ok(())
    }

    /// Stops everything and removes what the bench made.
    pub async fn remove(mut self) -> anyhow::Result<()> {
        self.stop()?;
        self.queue.close().await?;
        let keys: Vec<Vec<u8>> =
            redis::cmd("KEYS").arg(format!("*{}*", self.name)).query_async(&mut self.redis).await?;
        for keys in keys.chunks(1_000) {
            redis::cmd("UNLINK").arg(keys).exec_async(&mut self.redis).await?;
        }
        self.admin.execute_unprepared(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await?;
        Ok(())
    }
}
