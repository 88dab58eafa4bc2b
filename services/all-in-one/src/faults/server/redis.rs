//! A Redis of our own: what it has not yet written to its file when it is killed is lost.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use super::{Server, free_port};
use crate::stack::log::Log;
use crate::stack::supervisor::Supervised;

/// The program, as distributions install it.
const PROGRAM: &str = "redis-server";

/// Starts it on a free port of this machine, with its file in `folder`.
pub fn start(folder: &Path, log: &Log) -> anyhow::Result<Server> {
    let there = Command::new(PROGRAM).arg("--version").output().is_ok_and(|output| output.status.success());
    ensure!(there, "{PROGRAM} does not start: install it, or name a running one with --redis (it is not killed)");
    let port = free_port()?;
    let folder = folder.join("redis");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let starting = move || {
        let mut command = Command::new(PROGRAM);
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "yes"]);
        command.args(["--appendfsync", "everysec", "--dir"]).arg(&folder);
        command
    };
    let url = format!("redis://127.0.0.1:{port}/0");
    let asked = url.clone();
    let asking = move || {
        let settings = online_store::Settings::new(asked.clone());
        let asked = async move {
            let Ok(store) = online_store::open(&settings).await else { return false };
            !matches!(store.read(&[]).await, Err(online_store::OnlineStoreError::Unavailable(_)))
        };
        Box::pin(asked) as _
    };
    Ok(Server { process: Supervised::start("redis", Box::new(starting), log), url, asking: Box::new(asking) })
}
