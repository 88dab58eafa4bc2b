//! `aforo faults`: processes are killed at random and started again while declarations are lodged, and afterwards it is
//! counted what was lost, selected twice, added up wrongly or told too late. All of it from outside, over HTTP, but for the
//! online features, which are compared with what their log gives.

mod killing;
mod load;
mod server;
mod verdict;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rest::{Principal, Role, token::KeySet};

use crate::cli::Faults;
use crate::settings::Settings;
use crate::stack::{Plan, Stack, log::Log};
use load::Load;
use server::Server;

/// How long processes may take to be ready, at the start and after the last kill.
const PATIENCE: Duration = Duration::from_mins(5);
/// How often a server that was started is asked whether it answers.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// How long a token lives beyond the run.
const TOKEN_SPARE: Duration = Duration::from_hours(1);

/// Lives through the faults and judges.
pub async fn run(options: Faults) -> anyhow::Result<()> {
    ensure!(options.minutes > 0.0 && options.minutes <= 24.0 * 60.0, "--minutes is more than 0 and at most a day");
    ensure!(options.rate > 0.0 && options.kill_every > 0.0, "--rate and --kill-every are more than 0");
    let (folder, _temporary) = folder(options.data.as_deref())?;
    let file = folder.join("faults.log");
    let log = Log::to_file(std::fs::File::create(&file).with_context(|| format!("cannot make {}", file.display()))?);
    eprintln!("every line of every process goes to {}", file.display());

    let mut servers = Vec::new();
    let redis = if let Some(url) = &options.redis {
        url.clone()
    } else {
        servers.push(Server::redis(&folder, &log)?);
        servers[0].url().to_owned()
    };
    let postgres = if options.own_postgres {
        let server = Server::postgres(&folder, &log)?;
        let url = server.url().to_owned();
        server_answers(&server).await?;
        servers.push(server);
        Some(url)
    } else {
        options.postgres.clone()
    };
    let plan = Plan {
        program: std::env::current_exe().context("the path of this program cannot be told")?,
        data: folder.clone(),
        settings: None,
        postgres,
        redis,
        listen: ([127, 0, 0, 1], 0).into(),
        first_port: 0,
    };
    let stack = Stack::start(&plan, log.clone())?;
    let judged = live_through(&options, &plan, &stack, &servers).await;
    let stopped = stack.stop();
    let mut outcome = judged?;
    stopped?;
    outcome.compare_features(&plan).await?;
    servers.into_iter().for_each(Server::stop);
    let mut out = std::io::stdout().lock();
    if options.json {
        serde_json::to_writer_pretty(&mut out, &outcome)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{outcome}")?;
    }
    ensure!(
        outcome.holds(),
        "something was lost, done twice, added up wrongly or told too late; see {}",
        file.display()
    );
    Ok(())
}

/// Loads and kills, waits until everything has come to rest, and counts.
async fn live_through(
    options: &Faults,
    plan: &Plan,
    stack: &Stack,
    servers: &[Server],
) -> anyhow::Result<verdict::Outcome> {
    stack.ready(PATIENCE).await?;
    let span = Duration::from_secs_f64(options.minutes * 60.0);
    let keys = KeySet::open(&plan.data.join("tokens.key"), lifecycle::ProcessClock::default())
        .context("cannot open the token key set")?;
    let roles = [Role::CustomsSystem, Role::Officer, Role::Supervisor, Role::Auditor, Role::Service];
    let token = keys.issue(&Principal::new("faults", roles), span + PATIENCE + TOKEN_SPARE);
    let client = clients::Client::new(stack.url(), token)?;

    let started = Instant::now();
    let load = Load::new(client.clone(), options.rate);
    let until = started + span;
    let lodging = async {
        load.lodge(until).await;
        eprintln!("no more is lodged or killed; waiting for what is under way");
        stack.ready(PATIENCE).await?;
        load.settle(PATIENCE).await
    };
    let killing = killing::kill(options, stack, servers, until);
    let (settled, outages) = tokio::select! {
        both = async { tokio::join!(lodging, killing) } => both,
        never = load.follow() => match never {},
        never = load.examine() => match never {},
    };
    settled?;
    verdict::count(&client, &load, &outages, Settings::default().intake.decision_deadline_ms).await
}

/// Waits until a server that was started answers.
async fn server_answers(server: &Server) -> anyhow::Result<()> {
    let started = Instant::now();
    while !server.answers().await {
        ensure!(
            started.elapsed() < PATIENCE,
            "{} does not answer; its lines in the log say why",
            server.process().name()
        );
        tokio::time::sleep(ASK_EVERY).await;
    }
    Ok(())
}

fn folder(asked: Option<&Path>) -> anyhow::Result<(PathBuf, Option<tempfile::TempDir>)> {
    if let Some(folder) = asked {
        let empty = std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
        ensure!(empty, "--data {} is not empty: what is in it would be counted", folder.display());
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        return Ok((std::path::absolute(folder)?, None));
    }
    let temporary =
        tempfile::Builder::new().prefix("aforo-faults-").tempdir().context("cannot make a temporary folder")?;
    Ok((temporary.path().to_owned(), Some(temporary)))
}
