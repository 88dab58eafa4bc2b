//! A connection that is made when it is needed, dropped when it fails, and made again after a growing wait.
//!
//! Commands and blocking reads have links of their own: what blocks on one would hold up everything behind it.

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ErrorKind, IntoConnectionInfo, RedisError, RedisResult,
    ServerErrorKind, TlsCertificates,
};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::{QueueError, Settings};

/// The first wait between attempts to connect; it doubles up to [`LONGEST_BACK_OFF`].
const FIRST_BACK_OFF: Duration = Duration::from_millis(50);
/// The longest such wait.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(2);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// One connection at a time.
pub struct Link {
    client: Client,
    config: AsyncConnectionConfig,
    name: String,
    slot: Mutex<Slot>,
    /// The number of the last connection that failed.
    failed: AtomicU64,
}

#[derive(Default)]
struct Slot {
    redis: Option<MultiplexedConnection>,
    number: u64,
    failures: u32,
    not_before: Option<Instant>,
}

/// A connection in use.
pub struct Connection {
    /// The connection itself.
    pub redis: MultiplexedConnection,
    number: u64,
}

impl Link {
    /// A link that the server lists as `name`, whose answers take at most `timeout`.
    pub fn new(client: Client, name: String, timeout: Duration) -> Self {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(timeout));
        Self { client, config, name, slot: Mutex::default(), failed: AtomicU64::new(0) }
    }

    /// The connection, made anew when the last one failed.
    pub async fn connection(&self) -> Result<Connection, QueueError> {
        let mut slot = self.slot.lock().await;
        if slot.number <= self.failed.load(Ordering::Acquire) {
            slot.redis = None;
        }
        if let Some(redis) = &slot.redis {
            return Ok(Connection { redis: redis.clone(), number: slot.number });
        }
        if let Some(not_before) = slot.not_before {
            tokio::time::sleep_until(not_before).await;
        }
        match self.client.get_multiplexed_async_connection_with_config(&self.config).await {
            Ok(mut redis) => {
                // Whoever may not name itself works without a name.
                let _ = redis::cmd("CLIENT").arg("SETNAME").arg(&self.name).exec_async(&mut redis).await;
                *slot = Slot { redis: Some(redis.clone()), number: slot.number + 1, failures: 0, not_before: None };
                Ok(Connection { redis, number: slot.number })
            }
            Err(error) => {
                let wait = FIRST_BACK_OFF.saturating_mul(1 << slot.failures.min(16)).min(LONGEST_BACK_OFF);
                slot.not_before = Some(Instant::now() + wait);
                slot.failures += 1;
                Err(error.into())
            }
        }
    }

    /// Passes a result on; after an error that leaves the connection in doubt the next call makes a new one.
    pub fn judged<T>(&self, connection: &Connection, result: RedisResult<T>) -> Result<T, QueueError> {
        if let Err(error) = &result
            && leaves_doubt(error)
        {
            self.failed.fetch_max(connection.number, Ordering::AcqRel);
        }
        Ok(result?)
    }
}

/// Whether an answer may still be under way, or the server is no longer the one to talk to.
fn leaves_doubt(error: &RedisError) -> bool {
    let replica = error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly);
    error.is_io_error() || error.is_timeout() || error.is_unrecoverable_error() || replica
}

/// The client that `settings` describe. Reads the files that they name.
pub async fn client(settings: &Settings) -> Result<Client, QueueError> {
    let info = settings.url.as_str().into_connection_info()?;
    if info.redis_settings().password().is_some() {
        let hint = "the password of the queue belongs in `password` or `password_file`, not in the URL";
        return Err(QueueError::Settings(hint.to_owned()));
    }
    let password = match &settings.password_file {
        Some(path) => read(path).await?.trim_end_matches(['\r', '\n']).to_owned(),
        None => settings.password.expose().to_owned(),
    };
    let mut redis = info.redis_settings().clone().set_lib_name("aforo", env!("CARGO_PKG_VERSION"));
    if !password.is_empty() {
        redis = redis.set_password(password);
    }
    let secured = matches!(info.addr(), ConnectionAddr::TcpTls { .. });
    let info = info.set_redis_settings(redis);
    if !secured {
        return Ok(Client::open(info)?);
    }
    use_ring();
    let root_cert = match &settings.ca_file {
        Some(path) => Some(read(path).await?.into_bytes()),
        None => None,
    };
    Ok(Client::build_with_tls(info, TlsCertificates { client_tls: None, root_cert })?)
}

/// TLS takes the provider of the process; where nobody has set one it is ring.
fn use_ring() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Set by another part of the process: theirs stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

async fn read(path: &std::path::Path) -> Result<String, QueueError> {
    let read = tokio::fs::read_to_string(path).await;
    read.map_err(|source| QueueError::File { path: path.to_owned(), source })
}
