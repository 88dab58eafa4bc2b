//! The domain clock: the time that acceptance, capacity days, label ages and schedules go by.
//!
//! One setting for all processes. Every reading is cut to whole microseconds, the precision of the tables, so that a
//! time survives being stored.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// Where the domain time comes from. Cloning shares the clock.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    Real,
    Fixed(Timestamp),
    Scaled { start: Timestamp, rate: f64, since: Instant },
    Driven(Mutex<Timestamp>),
}

/// Why a clock refuses to move.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// Only a driven clock is moved by hand.
    #[error("the clock is not driven: it moves by itself or not at all")]
    NotDriven,
    /// Time does not go back.
    #[error("the clock shows {now} and cannot go back to {to}")]
    Backwards {
        /// What the clock shows.
        now: Timestamp,
        /// Where it should have gone.
        to: Timestamp,
    },
}

impl Clock {
    /// The time of the machine.
    pub fn real() -> Self {
        Self(Arc::new(Source::Real))
    }

    /// Always `at`.
    pub fn fixed(at: Timestamp) -> Self {
        Self(Arc::new(Source::Fixed(whole_microseconds(at))))
    }

    /// `start` now, and `rate` seconds for every second that passes.
    pub fn scaled(start: Timestamp, rate: f64) -> Self {
        Self(Arc::new(Source::Scaled { start: whole_microseconds(start), rate, since: Instant::now() }))
    }

    /// `start` until [`advance_to`](Self::advance_to) moves it.
    pub fn driven(start: Timestamp) -> Self {
        Self(Arc::new(Source::Driven(Mutex::new(whole_microseconds(start)))))
    }

    /// The domain time, in whole microseconds.
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Source::Real => whole_microseconds(machine_time()),
            Source::Fixed(at) => *at,
            Source::Scaled { start, rate, since } => scaled(*start, *rate, since.elapsed().as_secs_f64()),
            Source::Driven(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Whether the clock moves only by [`advance_to`](Self::advance_to).
    pub fn is_driven(&self) -> bool {
        matches!(*self.0, Source::Driven(_))
    }

    /// Moves a driven clock to `to`; staying where it is is fine.
    pub fn advance_to(&self, to: Timestamp) -> Result<(), ClockError> {
        let Source::Driven(at) = &*self.0 else { return Err(ClockError::NotDriven) };
        let to = whole_microseconds(to);
        let mut now = at.lock().unwrap_or_else(PoisonError::into_inner);
        if to < *now {
            return Err(ClockError::Backwards { now: *now, to });
        }
        *now = to;
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everyone else reads")]
fn machine_time() -> Timestamp {
    Timestamp::now()
}

fn scaled(start: Timestamp, rate: f64, elapsed_seconds: f64) -> Timestamp {
    SignedDuration::try_from_secs_f64(elapsed_seconds * rate)
        .ok()
        .and_then(|passed| start.checked_add(passed).ok())
        .map_or(if rate < 0.0 { Timestamp::MIN } else { Timestamp::MAX }, whole_microseconds)
}

fn whole_microseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn driven_clock_moves_only_forward_and_all_clones_see_it() {
        let clock = Clock::driven(second(10));
        let other = clock.clone();
        clock.advance_to(second(10)).unwrap();
        clock.advance_to(second(20)).unwrap();
        assert_eq!(other.now(), second(20));
        assert_eq!(clock.advance_to(second(19)), Err(ClockError::Backwards { now: second(20), to: second(19) }));
        assert_eq!(other.now(), second(20));
    }

    #[test]
    fn other_clocks_are_not_moved_by_hand() {
        for clock in [Clock::real(), Clock::fixed(second(1)), Clock::scaled(second(1), 2.0)] {
            assert_eq!(clock.advance_to(second(5)), Err(ClockError::NotDriven));
            assert!(!clock.is_driven());
        }
    }

    #[test]
    fn scaled_time_multiplies_what_passed() {
        assert_eq!(scaled(second(100), 3_600.0, 2.5), second(100 + 9_000));
        assert_eq!(scaled(second(100), 1e30, 1.0), Timestamp::MAX);
    }

    #[test]
    fn readings_have_whole_microseconds() {
        let fine = Timestamp::from_nanosecond(1_000_000_001_999).unwrap();
        assert_eq!(Clock::fixed(fine).now().as_nanosecond(), 1_000_000_001_000);
        assert_eq!(Clock::real().now().as_nanosecond() % 1_000, 0);
    }
}
