//! A server of our own for the time of the faults, which can be killed like the services.

pub mod postgres;
pub mod redis;

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use anyhow::Context;
use futures_util::future::BoxFuture;

use crate::stack::supervisor::Supervised;

/// Asks a server whether it answers.
type Asking = Box<dyn Fn() -> BoxFuture<'static, bool>>;

/// The running server.
pub struct Server {
    process: Supervised,
    url: String,
    asking: Asking,
}

impl Server {
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
        (self.asking)().await
    }

    /// Ends it. It has no input to close.
    pub fn stop(self) {
        self.process.stop(Duration::ZERO);
    }
}

/// A port of this machine that nobody uses.
fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}
