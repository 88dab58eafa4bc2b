//! The process clock: real time for leases, back-off, token expiry and latency. It decides nothing about declarations.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Real time. Cloning shares the clock.
#[derive(Clone, Debug, Default)]
pub struct ProcessClock {
    skipped_micros: Arc<AtomicU64>,
}

impl ProcessClock {
    /// The monotonic time.
    pub fn instant(&self) -> Instant {
        Instant::now() + self.skipped()
    }

    /// Milliseconds since 1970.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everyone else reads")]
    pub fn unix_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond() + self.skipped().as_millis() as i64
    }

    /// Moves the clock forward, so that a test of a time-out need not wait for it.
    pub fn skip(&self, time: Duration) {
        self.skipped_micros.fetch_add(time.as_micros() as u64, Ordering::Relaxed);
    }

    fn skipped(&self) -> Duration {
        Duration::from_micros(self.skipped_micros.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_time_counts_in_both_readings() {
        let clock = ProcessClock::default();
        let (instant, unix_ms) = (clock.instant(), clock.unix_ms());
        clock.clone().skip(Duration::from_hours(1));
        assert!(clock.instant() >= instant + Duration::from_hours(1));
        assert!(clock.unix_ms() >= unix_ms + 3_600_000);
    }
}
