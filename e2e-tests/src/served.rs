//! One service in a process of its own (`aforo serve NAME`), beside others on one folder and one Redis, and nobody who
//! starts it again.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clients::Client;

use crate::{binary, wait::until};

/// Longest wait for it to serve, and to be ready.
const START: Duration = Duration::from_mins(3);
/// What it says before its address.
const SERVING: &str = " is serving on ";

/// A running service; killed when dropped.
#[derive(Debug)]
pub struct Served {
    process: Child,
    log: PathBuf,
    url: String,
}

impl Served {
    /// Starts `name` on the data in `folder` and on `redis`, where its keys begin with `prefix`, and waits until it serves.
    pub async fn start(name: &str, folder: &Path, redis: &str, prefix: &str) -> anyhow::Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let file = File::create(&log).context("no file for the log")?;
        let password = std::env::var_os("AFORO_TEST_REDIS_PASSWORD").unwrap_or_default();
        let mut command = Command::new(binary::aforo()?);
        command.args(["serve", name, "--listen", "127.0.0.1:0", "--data"]).arg(folder.join("data"));
        for table in ["QUEUE", "ONLINE"] {
            command.env(format!("AFORO_SETTING_{table}__URL"), redis);
            command.env(format!("AFORO_SETTING_{table}__PREFIX"), prefix);
            command.env(format!("AFORO_SETTING_{table}__PASSWORD"), &password);
        }
        command.env("NO_COLOR", "1").stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let process = command.spawn().with_context(|| format!("{name} does not start"))?;
        let mut served = Self { process, log, url: String::new() };
        served.url = until("it serves", START, async || {
            let text = served.written();
            if let Some(status) = served.process.try_wait()? {
                bail!("{name} ended with {status}:\n{text}");
            }
            let line = text.lines().find_map(|line| line.split_once(SERVING));
            Ok(line.and_then(|(_, rest)| rest.split_once(';')).map(|(url, _)| url.to_owned()))
        })
        .await?;
        Ok(served)
    }

    /// Where it serves.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until it is ready.
    pub async fn ready(&self) -> anyhow::Result<()> {
        let client = Client::new(&self.url, "")?;
        until("it is ready", START, async || Ok(client.ready().await.unwrap_or(false).then_some(()))).await
    }

    /// Kills it (`kill -9`).
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Asks it to stop in good order, and waits. Returns what it wrote.
    pub async fn stop(mut self) -> anyhow::Result<String> {
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status()?;
        ensure!(asked.success(), "it cannot be asked to stop");
        let status = until("it has stopped", START, async || Ok(self.process.try_wait()?)).await?;
        ensure!(status.success(), "it ended with {status}:\n{}", self.written());
        Ok(self.written())
    }

    /// What it wrote, to tell with a failure.
    pub fn written(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
