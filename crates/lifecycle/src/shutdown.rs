//! The one signal to stop, seen by every task of a process.

use tokio_util::sync::CancellationToken;

/// Triggered once, by a signal, a failed task or a test. Cloning shares the signal.
#[derive(Clone, Debug, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// Not triggered yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks every task to stop. Again is fine.
    pub fn trigger(&self) {
        self.0.cancel();
    }

    /// Whether tasks should stop.
    pub fn is_triggered(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Returns once tasks should stop.
    pub async fn triggered(&self) {
        self.0.cancelled().await;
    }

    /// Returns on an interrupt (Ctrl-C) or a termination signal, having triggered the shutdown; or once another did.
    pub async fn on_signal(&self) -> std::io::Result<()> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let mut terminate = signal(SignalKind::terminate())?;
            tokio::select! {
                interrupted = tokio::signal::ctrl_c() => interrupted?,
                _ = terminate.recv() => {}
                () = self.triggered() => {}
            }
        }
        #[cfg(not(unix))]
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            () = self.triggered() => {}
        }
        self.trigger();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn triggering_reaches_every_clone() {
        let shutdown = Shutdown::new();
        let other = shutdown.clone();
        assert!(!other.is_triggered());
        shutdown.trigger();
        other.triggered().await;
        assert!(other.is_triggered());
    }
}
