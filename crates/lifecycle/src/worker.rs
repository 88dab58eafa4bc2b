//! One supervised piece of background work: a consumer, a relay, a scheduler.
//!
//! A worker is either run (it waits for work until shutdown) or stepped from outside (it does what is due and returns),
//! which is how a driven clock and a test advance the whole system in a fixed order.

use std::time::Duration;

use async_trait::async_trait;

use crate::Shutdown;

/// How long a worker with nothing to do waits, unless it is woken.
const IDLE: Duration = Duration::from_millis(100);
/// The first wait after a failed step; it doubles up to [`LONGEST_BACK_OFF`].
const FIRST_BACK_OFF: Duration = Duration::from_millis(100);
/// The longest wait after failed steps: short, for declarations wait for their channel meanwhile.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(1);

/// Background work.
#[async_trait]
pub trait Worker: Send + Sync {
    /// The name in logs and metrics.
    fn name(&self) -> &'static str;

    /// Does everything that is due now and returns how much that was (0: nothing left).
    async fn step(&self) -> Result<usize, WorkerError>;

    /// Returns when there may be something to do again: by default after 100 ms.
    async fn idle(&self) {
        tokio::time::sleep(IDLE).await;
    }

    /// Writes down what it only remembers; called when it stops in good order. By default there is nothing.
    async fn end(&self) -> Result<(), WorkerError> {
        Ok(())
    }

    /// Works until shutdown: steps, and idles when there was nothing to do. A failed step is logged and tried again
    /// after a growing wait; it never ends the worker.
    async fn run(&self, shutdown: Shutdown) -> Result<(), WorkerError> {
        let mut back_off = FIRST_BACK_OFF;
        while !shutdown.is_triggered() {
            match self.step().await {
                Ok(done) => {
                    back_off = FIRST_BACK_OFF;
                    if done == 0 {
                        tokio::select! {
                            () = self.idle() => {}
                            () = shutdown.triggered() => {}
                        }
                    }
                }
                Err(error) => {
                    tracing::error!(worker = self.name(), error = %error, "step failed, trying again");
                    tokio::select! {
                        () = tokio::time::sleep(back_off) => {}
                        () = shutdown.triggered() => {}
                    }
                    back_off = (back_off * 2).min(LONGEST_BACK_OFF);
                }
            }
        }
        self.end().await
    }
}

/// Why a step failed. Made from any error by `?`; displays the whole chain.
pub struct WorkerError(Box<dyn std::error::Error + Send + Sync>);

impl WorkerError {
    /// The error itself.
    pub fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        &*self.0
    }

    /// The error itself, owned.
    pub fn into_inner(self) -> Box<dyn std::error::Error + Send + Sync> {
        self.0
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for WorkerError {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl std::fmt::Display for WorkerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = self.0.to_string();
        f.write_str(&shown)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Errors that repeat their source in their own text are not printed twice.
            if !shown.ends_with(&text) {
                write!(f, ": {text}")?;
            }
            shown = text;
            cause = error.source();
        }
        Ok(())
    }
}

impl std::fmt::Debug for WorkerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Countdown {
        left: AtomicUsize,
        failures: AtomicUsize,
        shutdown: Shutdown,
    }

    #[async_trait]
    impl Worker for Countdown {
        fn name(&self) -> &'static str {
            "countdown"
        }

        async fn step(&self) -> Result<usize, WorkerError> {
            if self.failures.load(Ordering::Relaxed) > 0 {
                self.failures.fetch_sub(1, Ordering::Relaxed);
                return Err(std::io::Error::other("not yet").into());
            }
            if self.left.load(Ordering::Relaxed) == 0 {
                self.shutdown.trigger();
                return Ok(0);
            }
            self.left.fetch_sub(1, Ordering::Relaxed);
            Ok(1)
        }
    }

    #[tokio::test]
    async fn worker_outlives_failed_steps_and_stops_at_shutdown() {
        let shutdown = Shutdown::new();
        let worker = Countdown { left: 3.into(), failures: 2.into(), shutdown: shutdown.clone() };
        worker.run(shutdown).await.unwrap();
        assert_eq!(worker.left.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn worker_error_shows_its_chain_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot load")]
        struct Outer(#[source] std::io::Error);
        let error = WorkerError::from(Outer(std::io::Error::other("disk gone")));
        assert_eq!(error.to_string(), "cannot load: disk gone");
    }
}
