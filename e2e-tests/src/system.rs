//! A running system on a folder of its own, killed when dropped.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use clients::Client;
use tempfile::TempDir;

use crate::{binary, process::Process, wait::until};

/// Longest wait for the system to serve.
const START: Duration = Duration::from_mins(1);
/// What the system says before its address.
const SERVING: &str = "serving on ";

/// How the domain clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockMode {
    /// With the world.
    Real,
    /// It stands at this moment (RFC 3339) until it is moved.
    Driven(&'static str),
}

/// The system.
#[derive(Debug)]
pub struct System {
    /// Before its folder: it ends first.
    process: Option<Process>,
    binary: PathBuf,
    folder: TempDir,
    clock: ClockMode,
    settings: String,
    variables: Vec<(String, String)>,
    starts: u32,
    url: String,
}

impl System {
    /// Starts it on an empty folder, and waits until it is ready.
    pub async fn start(clock: ClockMode) -> anyhow::Result<Self> {
        Self::start_with(clock, "").await
    }

    /// The same with these settings (TOML).
    pub async fn start_with(clock: ClockMode, settings: &str) -> anyhow::Result<Self> {
        let mut system = Self::prepare(clock)?;
        settings.clone_into(&mut system.settings);
        system.restart().await?;
        Ok(system)
    }

    /// The same with `variables` in its environment.
    pub async fn start_in(clock: ClockMode, variables: Vec<(String, String)>) -> anyhow::Result<Self> {
        let mut system = Self::prepare(clock)?;
        system.variables = variables;
        system.restart().await?;
        Ok(system)
    }

    fn prepare(clock: ClockMode) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("no temporary folder")?;
        Ok(Self {
            process: None,
            binary: binary::aforo()?,
            folder,
            clock,
            settings: String::new(),
            variables: Vec::new(),
            starts: 0,
            url: String::new(),
        })
    }

    /// Other variables in its environment, from its next start on.
    pub fn set(&mut self, variables: Vec<(String, String)>) {
        self.variables = variables;
    }

    /// Loses what is in its folder but for its keys. It must not run.
    pub fn forget_all_but_keys(&self) -> anyhow::Result<()> {
        for entry in std::fs::read_dir(self.data()).context("it never started")? {
            let path = entry?.path();
            if path.is_file() && path.extension().is_none_or(|ending| ending != "key") {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Starts it again on the same folder, killing it first if it still runs, and waits until it is ready.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill();
        self.starts += 1;
        let mut command = Command::new(&self.binary);
        command.arg("up").arg("--data").arg(self.data()).args(["--listen", "127.0.0.1:0"]);
        if let ClockMode::Driven(start) = self.clock {
            command.args(["--clock", "driven", "--start", start]);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let settings = self.folder.path().join("aforo.toml");
        std::fs::write(&settings, &self.settings).context("no settings file")?;
        command.arg("--settings").arg(settings);
        let log = self.folder.path().join(format!("start-{}.log", self.starts));
        let process = self.process.insert(Process::start(command, log)?);
        self.url = process.address(START, |line| line.strip_prefix(SERVING)).await?;
        let client = Client::new(&self.url, "")?;
        until("the system is ready", START, async || Ok(client.ready().await?.then_some(()))).await
    }

    /// Kills it (`kill -9`): nothing is finished, nothing is said.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// A token for `roles`, at all offices unless some are named.
    pub fn token(&self, roles: &[&str], offices: &[&str]) -> anyhow::Result<String> {
        self.issue(&[], roles, offices)
    }

    /// A token of `person` for `roles` at all offices.
    pub fn token_of(&self, person: &str, roles: &[&str]) -> anyhow::Result<String> {
        self.issue(&["--subject", person], roles, &[])
    }

    fn issue(&self, more: &[&str], roles: &[&str], offices: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(&self.binary);
        command.args(["token", "issue", "--data"]).arg(self.data()).args(more);
        for role in roles {
            command.args(["--role", role]);
        }
        for office in offices {
            command.args(["--office", office]);
        }
        let output = command.output().context("no token can be issued")?;
        ensure!(output.status.success(), "no token: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// What a verb of the command line says about this system's data folder.
    pub fn verb(&self, arguments: &[&str]) -> anyhow::Result<(bool, String)> {
        let mut command = Command::new(&self.binary);
        let output =
            command.args(arguments).arg("--data").arg(self.data()).output().context("the verb does not start")?;
        let text = [output.stdout, output.stderr].concat();
        Ok((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
    }

    /// A client with `roles` at all offices.
    pub fn client(&self, roles: &[&str]) -> anyhow::Result<Client> {
        Ok(Client::new(&self.url, self.token(roles, &[])?)?)
    }

    /// A client with `roles` at `offices` alone.
    pub fn client_at(&self, roles: &[&str], offices: &[&str]) -> anyhow::Result<Client> {
        Ok(Client::new(&self.url, self.token(roles, offices)?)?)
    }

    /// Where it serves. Another address after each start.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it wrote since it started, to tell with a failure.
    pub fn written(&self) -> String {
        self.process.as_ref().map(Process::written).unwrap_or_default()
    }

    /// Waits until no service has anything left to do.
    pub async fn settled(&self, patience: Duration) -> anyhow::Result<()> {
        let client = self.client(&["service"])?;
        let mut quiet = 0;
        // A message may be on its way from an outbox to a queue: quiet several times is quiet.
        until("every queue is empty", patience, async || {
            let unfinished: u64 = client.queues().await?.iter().map(|depth| depth.unfinished).sum();
            quiet = if unfinished == 0 { quiet + 1 } else { 0 };
            Ok((quiet >= 8).then_some(()))
        })
        .await
    }

    /// The folder of its data.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}
