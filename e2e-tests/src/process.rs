//! A process of the program under test that writes to a log: started, heard, stopped in good order, or killed, at the
//! latest when dropped.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clients::Client;

use crate::wait::until;

/// The process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`, which writes to `log`.
    pub fn start(mut command: Command, log: PathBuf) -> anyhow::Result<Self> {
        let file = File::create(&log).context("no file for the log")?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().with_context(|| format!("{} does not start", command.get_program().display()))?;
        Ok(Self { child, log })
    }

    /// Waits until it tells its address: what `told` finds of a line, up to the semicolon.
    pub async fn address(&mut self, patience: Duration, told: impl Fn(&str) -> Option<&str>) -> anyhow::Result<String> {
        until("it tells its address", patience, async || {
            let text = self.written();
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended with {status}:\n{text}");
            }
            // The line is there as soon as what follows the address is.
            Ok(text.lines().find_map(&told).and_then(|rest| rest.split_once(';')).map(|(url, _)| url.to_owned()))
        })
        .await
        .with_context(|| self.written())
    }

    /// Asks it to stop in good order, and waits. Returns what it wrote.
    pub async fn stop(&mut self, patience: Duration) -> anyhow::Result<String> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        ensure!(asked.success(), "it cannot be asked to stop");
        let status = until("it has stopped", patience, async || Ok(self.child.try_wait()?)).await?;
        ensure!(status.success(), "it ended with {status}:\n{}", self.written());
        Ok(self.written())
    }

    /// What it wrote, to tell with a failure.
    pub fn written(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    /// `kill -9`: nothing is finished, nothing is said.
    fn drop(&mut self) {
        // It may have ended by itself; gone is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until what serves at `url` is ready; as long as nobody answers it is not.
pub async fn ready(url: &str, patience: Duration) -> anyhow::Result<()> {
    let client = Client::new(url, "")?;
    until("it is ready", patience, async || Ok(client.ready().await.unwrap_or(false).then_some(()))).await
}

/// Lets `command` keep queue and online features in the Redis for tests, under keys that begin with `prefix`.
pub fn keep_apart(command: &mut Command, prefix: &str) {
    let password = std::env::var_os("AFORO_TEST_REDIS_PASSWORD").unwrap_or_default();
    for table in ["QUEUE", "ONLINE"] {
        command.env(format!("AFORO_SETTING_{table}__PREFIX"), prefix);
        command.env(format!("AFORO_SETTING_{table}__PASSWORD"), &password);
    }
}
