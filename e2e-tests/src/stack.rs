//! A running stack: every service in a process of its own, on files and on the Redis that `AFORO_TEST_REDIS_URL` names.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use clients::Client;
use tempfile::TempDir;

use crate::{
    binary,
    process::{Process, keep_apart, ready},
};

/// Longest wait for every process to be ready.
const START: Duration = Duration::from_mins(3);
/// What the stack says before its address.
const SERVING: &str = "serving on ";
/// What it says before the number of a process.
const STARTED: &str = "started (process ";

/// The Redis for tests; none: a line on the standard error says what is skipped.
pub fn redis(skipped: &str) -> Option<String> {
    let url = std::env::var_os("AFORO_TEST_REDIS_URL").and_then(|url| url.into_string().ok());
    let url = url.filter(|url| !url.is_empty());
    if url.is_none() {
        eprintln!("skipped: {skipped}: AFORO_TEST_REDIS_URL names no Redis");
    }
    url
}

/// The stack; stopped when dropped.
#[derive(Debug)]
pub struct Stack {
    /// Before its folder: it ends first. Its own processes stop by themselves when their input ends.
    process: Process,
    binary: PathBuf,
    folder: TempDir,
    url: String,
}

impl Stack {
    /// Starts it on an empty folder and keys of its own, and waits until every process is ready.
    pub async fn start(redis: &str) -> anyhow::Result<Self> {
        let (folder, binary) = (tempfile::tempdir().context("no temporary folder")?, binary::aforo()?);
        let prefix =
            format!("e2e-{}", folder.path().file_name().unwrap_or_default().to_string_lossy().replace('.', ""));
        let mut command = Command::new(&binary);
        command.args(["stack", "up", "--redis", redis, "--listen", "127.0.0.1:0", "--first-port", "0", "--data"]);
        command.arg(folder.path().join("data"));
        keep_apart(&mut command, &prefix);
        let mut process = Process::start(command, folder.path().join("stack.log"))?;
        let url = process.address(START, |line| line.strip_prefix(SERVING)).await?;
        Ok(Self { process, binary, folder, url })
    }

    /// The process that each name has now.
    pub fn processes(&self) -> BTreeMap<String, u32> {
        let written = self.written();
        let started = written.lines().filter_map(|line| {
            let (name, said) = line.split_once(" | ")?;
            Some((name.trim().to_owned(), said.strip_prefix(STARTED)?.trim_end_matches(')').parse().ok()?))
        });
        started.collect()
    }

    /// Where each process serves that says so, by the name of its lines.
    pub fn addresses(&self) -> BTreeMap<String, String> {
        let written = self.written();
        let said = written.lines().filter_map(|line| {
            let (name, said) = line.split_once(" | ")?;
            let (_, address) = said.split_once(SERVING)?;
            Some((name.trim().to_owned(), address.split(';').next()?.trim().to_owned()))
        });
        said.collect()
    }

    /// Kills a process (`kill -9`). The stack starts it again.
    pub fn kill(&self, name: &str) -> anyhow::Result<()> {
        let process = *self.processes().get(name).with_context(|| format!("there is no process {name}"))?;
        let status = Command::new("kill").args(["-9", &process.to_string()]).status().context("kill does not start")?;
        ensure!(status.success(), "{name} could not be killed: {status}");
        Ok(())
    }

    /// A client with `roles` at all offices, of the one address before all services.
    pub fn client(&self, roles: &[&str]) -> anyhow::Result<Client> {
        let mut command = Command::new(&self.binary);
        command.args(["token", "issue", "--data"]).arg(self.folder.path().join("data"));
        for role in roles {
            command.args(["--role", role]);
        }
        let output = command.output().context("no token can be issued")?;
        ensure!(output.status.success(), "no token: {}", String::from_utf8_lossy(&output.stderr));
        Ok(Client::new(&self.url, String::from_utf8(output.stdout)?.trim())?)
    }

    /// Waits until every process is ready.
    pub async fn ready(&self) -> anyhow::Result<()> {
        ready(&self.url, START).await
    }

    /// Asks it to stop in good order, and waits. Returns what it and its processes wrote.
    pub async fn stop(mut self) -> anyhow::Result<String> {
        self.process.stop(START).await
    }

    /// What it and its processes wrote, to tell with a failure.
    pub fn written(&self) -> String {
        self.process.written()
    }
}
