//! One service in a process of its own (`aforo serve NAME`), beside others on one folder and one Redis, and nobody who
//! starts it again.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::{
    binary,
    process::{Process, keep_apart, ready},
};

/// Longest wait for it to serve, to be ready, and to stop.
const START: Duration = Duration::from_mins(3);
/// What it says before its address.
const SERVING: &str = " is serving on ";

/// A running service; killed when dropped.
#[derive(Debug)]
pub struct Served {
    process: Process,
    url: String,
}

impl Served {
    /// Starts `name` on the data in `folder` and on `redis`, where its keys begin with `prefix`, and waits until it serves.
    pub async fn start(name: &str, folder: &Path, redis: &str, prefix: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(binary::aforo()?);
        command.args(["serve", name, "--listen", "127.0.0.1:0", "--data"]).arg(folder.join("data"));
        for table in ["QUEUE", "ONLINE"] {
            command.env(format!("AFORO_SETTING_{table}__URL"), redis);
        }
        keep_apart(&mut command, prefix);
        command.env("NO_COLOR", "1");
        let mut process = Process::start(command, folder.join(format!("{name}.log")))?;
        let url = process.address(START, |line| Some(line.split_once(SERVING)?.1)).await?;
        Ok(Self { process, url })
    }

    /// Where it serves.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until it is ready.
    pub async fn ready(&self) -> anyhow::Result<()> {
        ready(&self.url, START).await
    }

    /// Kills it (`kill -9`).
    pub fn kill(self) {
        drop(self.process);
    }

    /// Asks it to stop in good order, and waits. Returns what it wrote.
    pub async fn stop(mut self) -> anyhow::Result<String> {
        self.process.stop(START).await
    }

    /// What it wrote, to tell with a failure.
    pub fn written(&self) -> String {
        self.process.written()
    }
}
