//! How the domain clock of an installation runs: with the world, unless a trial makes it run fast.
//!
//! All processes of an installation have the same two numbers, else they would disagree about the day.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Clock;

/// The fastest that a clock may run: a day in less than a second.
const FASTEST: f64 = 100_000.0;

/// The domain clock. By default it is the machine's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Seconds of domain time for every second; above 1 for trials alone, never for real declarations.
    pub rate: f64,
    /// From this moment on it runs at that rate (RFC 3339); until then it shows the machine's time.
    pub start: Option<Timestamp>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { rate: 1.0, start: None }
    }
}

/// Why there is no such clock.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidClock {
    /// The rate.
    #[error("clock.rate is {0}; it is a number from 1 to 100000")]
    Rate(f64),
    /// One of both alone.
    #[error(
        "clock.rate and clock.start go together: a clock that runs fast does so from a moment that all processes know"
    )]
    Start,
}

impl Settings {
    /// Whether it runs otherwise than the world.
    pub fn is_fast(&self) -> bool {
        self.rate > 1.0
    }

    /// The clock.
    pub fn clock(&self) -> Result<Clock, InvalidClock> {
        if !(1.0..=FASTEST).contains(&self.rate) {
            return Err(InvalidClock::Rate(self.rate));
        }
        match self.start {
            Some(start) if self.is_fast() => Ok(Clock::fast(start, self.rate)),
            None if !self.is_fast() => Ok(Clock::real()),
            _ => Err(InvalidClock::Start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_the_machines_unless_both_numbers_are_given() {
        let start = Some(Timestamp::UNIX_EPOCH);
        let clock = |rate, start| Settings { rate, start }.clock().map(|clock| clock.rate());
        assert_eq!(Settings::default().clock().unwrap().rate(), Some(1.0));
        assert_eq!(clock(60.0, start), Ok(Some(60.0)));
        assert_eq!((clock(60.0, None), clock(1.0, start)), (Err(InvalidClock::Start), Err(InvalidClock::Start)));
        for rate in [0.0, -1.0, 0.5, 1e9] {
            assert_eq!(clock(rate, start), Err(InvalidClock::Rate(rate)));
        }
        assert!(matches!(clock(f64::NAN, start), Err(InvalidClock::Rate(_))));
    }
}
