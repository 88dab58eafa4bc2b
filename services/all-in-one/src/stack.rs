//! `aforo stack`: every service as a process of its own on this machine, with the gateway before them, on Redis and on
//! PostgreSQL or files. For development, benches and faults; elsewhere a system's own supervisor does this.

pub mod log;
pub mod supervisor;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use clients::Client;
use events::Service;
use lifecycle::Shutdown;
use rest::token::KeySet;

use crate::cli::StackUp;
use crate::serve::GATEWAY;
use crate::settings::{FIRST_PORT, PREFIX, Settings, table};
use log::Log;
use supervisor::Supervised;

/// How long processes get to finish what they have begun.
const GRACE: Duration = Duration::from_secs(15);
/// How often processes are asked whether they are ready.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// After so long it is told who is not ready.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// What a stack is made of.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program that serves.
    pub program: PathBuf,
    /// Folder of keys, and of the databases where no PostgreSQL is named.
    pub data: PathBuf,
    /// The settings of every process.
    pub settings: Option<PathBuf>,
    /// The database of all services.
    pub postgres: Option<String>,
    /// Queue and online features.
    pub redis: String,
    /// The one address before all services.
    pub listen: SocketAddr,
    /// The port of the first service, the others follow; 0 takes free ones.
    pub first_port: u16,
}

/// Running processes.
pub struct Stack {
    processes: Vec<Supervised>,
    url: String,
    urls: Vec<(String, String)>,
    log: Log,
}

impl Stack {
    /// Starts every process. None is ready yet.
    pub fn start(plan: &Plan, log: Log) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&plan.data)
            .with_context(|| format!("cannot make the data folder {}", plan.data.display()))?;
        // Made once, before several processes would.
        KeySet::open(&plan.data.join("tokens.key"), lifecycle::ProcessClock::default())
            .context("cannot open the token key set")?;
        let (listen, ports) = ports(plan.listen, plan.first_port)?;
        let addresses: Vec<(Service, SocketAddr)> =
            Service::ALL.into_iter().zip(ports.into_iter().map(|port| (Ipv4Addr::LOCALHOST, port).into())).collect();
        let shared = environment(plan, &addresses);
        let mut served: Vec<(String, SocketAddr)> =
            addresses.iter().map(|(service, address)| (service.to_string(), *address)).collect();
        served.push((GATEWAY.to_owned(), listen));
        let processes = served.iter().map(|(name, address)| {
            let (plan, own, address, shared) = (plan.clone(), name.clone(), *address, shared.clone());
            Supervised::start(name, Box::new(move || command(&plan, &own, address, &shared)), &log)
        });
        let processes = processes.collect();
        let urls = served.iter().map(|(name, address)| (name.clone(), format!("http://{address}"))).collect();
        Ok(Self { processes, url: format!("http://{listen}"), urls, log })
    }

    /// The address before all services.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The processes.
    pub fn processes(&self) -> &[Supervised] {
        &self.processes
    }

    /// Waits until `name` is ready.
    pub async fn is_ready(&self, name: &str) -> bool {
        let Some((_, url)) = self.urls.iter().find(|(own, _)| own == name) else { return false };
        match Client::new(url, "") {
            Ok(client) => client.ready().await.unwrap_or(false),
            Err(_) => false,
        }
    }

    /// Waits until every process is ready, telling each that is.
    pub async fn ready(&self, patience: Duration) -> anyhow::Result<()> {
        let (started, mut told) = (Instant::now(), Instant::now());
        let mut waiting: Vec<&str> = self.urls.iter().map(|(name, _)| name.as_str()).collect();
        while !waiting.is_empty() {
            let mut still = Vec::new();
            for name in waiting {
                if self.is_ready(name).await {
                    self.log.line(name, &format!("ready after {:.1} s", started.elapsed().as_secs_f64()));
                } else {
                    still.push(name);
                }
            }
            waiting = still;
            ensure!(
                waiting.is_empty() || started.elapsed() < patience,
                "not ready after {} s: {}; their lines in the log say why",
                patience.as_secs(),
                waiting.join(", ")
            );
            if !waiting.is_empty() {
                if told.elapsed() > TELL_EVERY {
                    self.log.line("stack", &format!("waiting for {}", waiting.join(", ")));
                    told = Instant::now();
                }
                tokio::time::sleep(ASK_EVERY).await;
            }
        }
        Ok(())
    }

    /// Stops the processes, each in good order: the gateway first, so that nothing new comes in.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let mut cut_off = Vec::new();
        let services = self.processes.split_off(0);
        let (gateway, services): (Vec<_>, Vec<_>) = services.into_iter().partition(|process| process.name() == GATEWAY);
        for process in gateway {
            process.stop(GRACE);
        }
        services.iter().for_each(Supervised::ask_to_stop);
        for process in services {
            let name = process.name().to_owned();
            if !process.stop(GRACE) {
                cut_off.push(name);
            }
        }
        if cut_off.is_empty() { Ok(()) } else { bail!("did not stop in time and were killed: {}", cut_off.join(", ")) }
    }
}

/// Runs a stack until interrupted.
pub async fn up(options: StackUp) -> anyhow::Result<()> {
    // Refused here rather than by every process again and again.
    Settings::load(options.settings.as_deref())?;
    let plan = Plan {
        program: std::env::current_exe().context("the path of this program cannot be told")?,
        data: options.data,
        settings: options.settings,
        postgres: options.postgres,
        redis: options.redis,
        listen: options.listen,
        first_port: options.first_port.unwrap_or(FIRST_PORT),
    };
    let stack = Stack::start(&plan, Log::to_standard_error())?;
    let interrupted = Shutdown::new();
    let ready = async {
        stack.ready(Duration::MAX).await?;
        eprintln!("serving on {}; stop with Ctrl-C", stack.url());
        std::future::pending::<anyhow::Result<()>>().await
    };
    tokio::select! {
        failed = ready => failed?,
        signal = interrupted.on_signal() => signal?,
    }
    stack.stop()
}

/// The address of the gateway and a port for every service.
fn ports(listen: SocketAddr, first: u16) -> anyhow::Result<(SocketAddr, Vec<u16>)> {
    // Held until all are chosen, so that none is chosen twice.
    let mut held = Vec::new();
    let mut free = |ip: std::net::IpAddr| -> anyhow::Result<u16> {
        let listener = TcpListener::bind((ip, 0)).with_context(|| format!("no free port on {ip}"))?;
        let port = listener.local_addr()?.port();
        held.push(listener);
        Ok(port)
    };
    let gateway = if listen.port() == 0 { SocketAddr::new(listen.ip(), free(listen.ip())?) } else { listen };
    let services = (0..Service::ALL.len() as u16).map(|place| {
        if first == 0 {
            return free(Ipv4Addr::LOCALHOST.into());
        }
        first.checked_add(place).context("--first-port leaves no ports for all services")
    });
    Ok((gateway, services.collect::<anyhow::Result<_>>()?))
}

/// The settings that a stack gives to all its processes.
fn environment(plan: &Plan, addresses: &[(Service, SocketAddr)]) -> Vec<(String, String)> {
    let mut set = vec![
        (format!("{PREFIX}_QUEUE__URL"), plan.redis.clone()),
        (format!("{PREFIX}_ONLINE__URL"), plan.redis.clone()),
    ];
    if let Some(postgres) = &plan.postgres {
        set.push((format!("{PREFIX}_DATABASE__URL"), postgres.clone()));
    }
    set.extend(addresses.iter().map(|(service, address)| {
        (format!("{PREFIX}_PEERS__{}", table(*service).to_uppercase()), format!("http://{address}"))
    }));
    set
}

fn command(plan: &Plan, name: &str, address: SocketAddr, shared: &[(String, String)]) -> Command {
    let mut command = Command::new(&plan.program);
    command.args(["serve", name, "--until-input-ends", "--listen", &address.to_string()]);
    command.arg("--data").arg(absolute(&plan.data));
    if let Some(settings) = &plan.settings {
        command.arg("--settings").arg(settings);
    }
    // A process that starts under the name of its predecessor takes over at once what that left unfinished.
    command.env(format!("{PREFIX}_QUEUE__CONSUMER"), format!("stack-{name}"));
    // Lines go into one log, which is no terminal.
    command.env("NO_COLOR", "1");
    command.envs(shared.iter().map(|(key, value)| (key, value)));
    command
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
