//! Whether the loop of a process still turns: a beat every second on the executor that runs its workers.
//!
//! A process whose executor hangs answers nobody but may hold its port for ever; whoever watches it from outside asks
//! [`Pulse::is_alive`] and starts it again.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::{ProcessClock, Shutdown, WorkerError};

/// Between two beats.
const EVERY: Duration = Duration::from_secs(1);
/// Without a beat for so long nothing turns any more. Far above what a busy machine delays one.
const DEAD_AFTER: Duration = Duration::from_secs(30);

/// The beat. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Pulse {
    clock: ProcessClock,
    last_ms: Arc<AtomicI64>,
}

impl Pulse {
    /// Alive from now on, for as long as it beats.
    pub fn new(clock: ProcessClock) -> Self {
        let last_ms = Arc::new(AtomicI64::new(clock.unix_ms()));
        Self { clock, last_ms }
    }

    /// Beats until shutdown, and once more when that begins: stopping in good order is being alive.
    pub async fn beat(self, shutdown: Shutdown) -> Result<(), WorkerError> {
        while !shutdown.is_triggered() {
            self.last_ms.store(self.clock.unix_ms(), Ordering::Relaxed);
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = shutdown.triggered() => {}
            }
        }
        self.last_ms.store(self.clock.unix_ms(), Ordering::Relaxed);
        Ok(())
    }

    /// Whether there was a beat lately.
    pub fn is_alive(&self) -> bool {
        let silent_ms = self.clock.unix_ms() - self.last_ms.load(Ordering::Relaxed);
        silent_ms < DEAD_AFTER.as_millis() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_pulse_that_does_not_beat_is_dead_and_one_that_beats_again_alive() {
        let clock = ProcessClock::default();
        let pulse = Pulse::new(clock.clone());
        assert!(pulse.is_alive());
        clock.skip(DEAD_AFTER + EVERY);
        assert!(!pulse.is_alive());
        let shutdown = Shutdown::new();
        let beating = pulse.clone().beat(shutdown.clone());
        let (ended, ()) = tokio::join!(beating, async {
            tokio::task::yield_now().await;
            assert!(pulse.is_alive());
            shutdown.trigger();
        });
        ended.expect("a pulse ends well");
    }
}
