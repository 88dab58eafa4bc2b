//! A Redis and a PostgreSQL of our own, which can be killed like the services: the first loses what it has not written to
//! its file, the second recovers from its log.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use futures_util::future::BoxFuture;
use local_servers::{Postgres, Redis};

use crate::stack::log::Log;
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
    /// Starts a Redis with its file in `folder`.
    pub fn redis(folder: &Path, log: &Log) -> anyhow::Result<Self> {
        let redis = Redis::create(&folder.join("redis"))
            .context("no Redis can be started: install it, or name a running one with --redis (it is not killed)")?;
        let url = redis.url();
        let settings = online_store::Settings::new(url.clone());
        let asking = move || {
            let settings = settings.clone();
            let asked = async move {
                let Ok(store) = online_store::open(&settings).await else { return false };
                !matches!(store.read(&[]).await, Err(online_store::OnlineStoreError::Unavailable(_)))
            };
            Box::pin(asked) as _
        };
        let process = Supervised::start("redis", Box::new(move || redis.command()), log);
        Ok(Self { process, url, asking: Box::new(asking) })
    }

    /// Starts a PostgreSQL with its data in `folder`.
    pub fn postgres(folder: &Path, log: &Log) -> anyhow::Result<Self> {
        let postgres = Postgres::create(&folder.join("postgres"))
            .context("no PostgreSQL can be started: name a running one with --postgres (it is not killed)")?;
        let (url, asked) = (postgres.url(), postgres.clone());
        let asking = move || Box::pin(std::future::ready(asked.answers())) as _;
        let process = Supervised::start("postgresql", Box::new(move || postgres.command(&[])), log);
        Ok(Self { process, url, asking: Box::new(asking) })
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
        (self.asking)().await
    }

    /// Ends it. It has no input to close.
    pub fn stop(self) {
        self.process.stop(Duration::ZERO);
    }
}
