//! A Redis of our own, which can be killed: what it has not yet written to its file is lost.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::stack::log::Log;
use crate::stack::supervisor::Supervised;

/// The program, as distributions install it.
const PROGRAM: &str = "redis-server";

/// The running server.
pub struct Server {
    process: Supervised,
    url: String,
}

impl Server {
    /// Starts it on a free port of this machine, with its file in `folder`.
    pub fn start(folder: &Path, log: &Log) -> anyhow::Result<Self> {
        let there = Command::new(PROGRAM).arg("--version").output().is_ok_and(|output| output.status.success());
        ensure!(there, "{PROGRAM} does not start: install it, or name a running one with --redis (it is not killed)");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        let port = listener.local_addr()?.port();
        drop(listener);
        let folder = folder.join("redis");
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let starting = move || {
            let mut command = Command::new(PROGRAM);
            command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "yes"]);
            command.args(["--appendfsync", "everysec", "--dir"]).arg(&folder);
            command
        };
        let process = Supervised::start("redis", Box::new(starting), log);
        Ok(Self { process, url: format!("redis://127.0.0.1:{port}/0") })
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process.
    pub fn process(&self) -> &Supervised {
        &self.process
    }

    /// Whether it answers.
    pub async fn answers(&self) -> bool {
        let settings = online_store::Settings::new(self.url.clone());
        let Ok(store) = online_store::open(&settings).await else { return false };
        !matches!(store.read(&[]).await, Err(online_store::OnlineStoreError::Unavailable(_)))
    }

    /// Ends it. It has no input to close.
    pub fn stop(self) {
        self.process.stop(Duration::ZERO);
    }
}
