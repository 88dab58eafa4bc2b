//! A connection that is made when it is needed, dropped when it fails, and made again after a growing wait.
//!
//! Commands and blocking reads have links of their own: what blocks on one would hold up everything behind it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, RedisError, RedisResult, ServerErrorKind};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The first wait between attempts to connect; it doubles up to [`LONGEST_BACK_OFF`].
const FIRST_BACK_OFF: Duration = Duration::from_millis(50);
/// The longest such wait.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(1);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// One connection at a time, shared by whoever asks for it.
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
    pub async fn connection(&self) -> Result<Connection, RedisError> {
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
                Err(error)
            }
        }
    }

    /// Passes a result on; after an error that leaves the connection in doubt the next call makes a new one.
    pub fn judged<T>(&self, connection: &Connection, result: RedisResult<T>) -> RedisResult<T> {
        if let Err(error) = &result
            && leaves_doubt(error)
        {
            self.failed.fetch_max(connection.number, Ordering::AcqRel);
        }
        result
    }
}

/// Whether an answer may still be under way, or the server is no longer the one to talk to.
fn leaves_doubt(error: &RedisError) -> bool {
    let replica = error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly);
    error.is_io_error() || error.is_timeout() || error.is_unrecoverable_error() || replica
}
