//! The sign of life of a process. Without it others take over what it has leased.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use lifecycle::Shutdown;
use redis_link::Link;

use super::keys::Keys;
use super::scripts;
use super::shared::Shared;
use crate::{QueueError, Shard};

/// After how long a consumer that left no trace in any stream is forgotten.
const FORGET_AFTER: Duration = Duration::from_hours(24);

/// Begins a new incarnation of `name`, ending the former.
pub async fn begin(link: &Link, keys: &Keys, name: &str) -> Result<String, QueueError> {
    match beat(link, keys, name, "").await? {
        Some(incarnation) => Ok(incarnation),
        None => Err(QueueError::unreadable("an incarnation", "it was replaced while it began")),
    }
}

/// Gives signs of life, several within the time after which a process counts as dead, until shutdown, or
/// until another takes the name.
pub async fn keep_on(link: Arc<Link>, shared: Arc<Shared>, shutdown: Shutdown) -> Result<(), QueueError> {
    let every = Duration::from_secs(shared.settings.dead_after_seconds) / 4;
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = shutdown.triggered() => return Ok(()),
        }
        match beat(&link, &shared.keys, &shared.name, &shared.incarnation).await {
            Ok(Some(_)) => {}
            Ok(None) => {
                tracing::error!(consumer = shared.name, "another process reads under this name, reading no more");
                shared.replaced.store(true, Ordering::Release);
                return Ok(());
            }
            Err(error) => tracing::warn!(consumer = shared.name, %error, "no sign of life could be given"),
        }
        if let Err(error) = hear_of_shards(&link, &shared).await {
            tracing::warn!(consumer = shared.name, %error, "shards are as they were last told");
        }
    }
}

/// Goes by the shards that were told last, and returns them.
pub async fn hear_of_shards(link: &Link, shared: &Shared) -> Result<Vec<Shard>, QueueError> {
    let mut connection = link.connection().await?;
    let mut get = redis::cmd("GET");
    get.arg(shared.keys.shards());
    let told = get.query_async::<Option<String>>(&mut connection.redis).await;
    let told: Vec<Shard> = match link.judged(&connection, told)? {
        Some(text) => serde_json::from_str(&text).map_err(|error| QueueError::unreadable("shards", error))?,
        None => Vec::new(),
    };
    shared.go_by(told.clone())?;
    Ok(told)
}

async fn beat(link: &Link, keys: &Keys, name: &str, incarnation: &str) -> Result<Option<String>, QueueError> {
    let mut call = scripts::BEAT.prepare_invoke();
    call.key(keys.consumers()).key(keys.incarnations());
    call.arg(name).arg(incarnation).arg(FORGET_AFTER.as_millis() as u64);
    scripts::run(link, &call).await
}
