//! The binary `rollout-operator`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use lifecycle::{Metrics, ProcessClock, Shutdown, Tasks, telemetry};
use rest::{KeySet, Server};
use rollout_operator::{Operator, Settings, crd};

/// Moves models on Kubernetes, and scales scoring per port.
#[derive(Parser)]
#[command(name = "rollout-operator", version, about)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Look after the resources of a namespace until interrupted
    Run {
        /// Settings (TOML); the environment, `AFORO_OPERATOR_…`, overrides them
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
    /// Print the definitions of the custom resources, as YAML
    Crds,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().verb {
        Verb::Crds => print_crds(),
        Verb::Run { settings } => run(settings.as_deref()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn print_crds() -> anyhow::Result<()> {
    let text = crd::yaml().context("the definitions cannot be written")?;
    std::io::stdout().write_all(text.as_bytes()).context("standard output is closed")
}

fn run(file: Option<&Path>) -> anyhow::Result<()> {
    let settings: Settings = lifecycle::settings::load(file, "AFORO_OPERATOR")?;
    telemetry::init(&settings.log)?;
    // One provider for the process: the API server and our services are both spoken to by ring.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.context("no runtime can be started")?.block_on(serve(settings))
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    let (registry, clock, shutdown) = (Metrics::new(), ProcessClock::default(), Shutdown::new());
    let kube =
        kube::Client::try_default().await.context("no cluster: neither in a pod nor a kubeconfig (KUBECONFIG)")?;
    let keys = KeySet::given(&settings.tokens_file, clock.clone())
        .with_context(|| format!("the key set {} cannot be opened", settings.tokens_file.display()))?;
    let server = rest::Settings { address: settings.admin_address.clone(), workers: 1, ..Default::default() };
    let server = Server::new(server, KeySet::ephemeral(clock.clone())?, registry.clone()).bind()?;
    let tasks = Tasks::new(shutdown.clone());
    let signalled = shutdown.clone();
    tasks.spawn("signals", async move { signalled.on_signal().await });
    tasks.spawn("admin", server.run(shutdown.clone()));
    let operator = Operator::new(kube, settings, keys, registry, clock);
    let outcome = operator.run(shutdown.clone()).await;
    shutdown.trigger();
    tasks.join(std::time::Duration::from_secs(5)).await?;
    Ok(outcome?)
}
