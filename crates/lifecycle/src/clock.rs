//! The domain clock: the time that acceptance, capacity days, label ages and schedules go by.
//!
//! One setting for all processes. Every reading is cut to whole microseconds, the precision of the tables, so that a
//! time survives being stored.

mod settings;

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

pub use settings::{InvalidClock, Settings};

/// Where the domain time comes from. Cloning shares the clock.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    Real,
    Fixed(Timestamp),
    Fast { start: Timestamp, rate: f64 },
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

    /// The time of the machine until `start`, and from then on `rate` seconds for every second that passes. Processes
    /// with the same two numbers agree as well as their machines do, `rate` times as coarsely.
    pub fn fast(start: Timestamp, rate: f64) -> Self {
        Self(Arc::new(Source::Fast { start: whole_microseconds(start), rate }))
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
            Source::Fast { start, rate } => fast(*start, *rate, machine_time()),
            Source::Driven(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Seconds that it moves for every second that passes; none when it does not move by itself.
    pub fn rate(&self) -> Option<f64> {
        match *self.0 {
            Source::Real => Some(1.0),
            Source::Fast { rate, .. } => Some(rate),
            Source::Fixed(_) | Source::Driven(_) => None,
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

fn fast(start: Timestamp, rate: f64, machine: Timestamp) -> Timestamp {
    let passed = machine.duration_since(start);
    if passed.is_negative() {
        return whole_microseconds(machine);
    }
    SignedDuration::try_from_secs_f64(passed.as_secs_f64() * rate)
        .ok()
        .and_then(|passed| start.checked_add(passed).ok())
        .map_or(Timestamp::MAX, whole_microseconds)
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
        for clock in [Clock::real(), Clock::fixed(second(1)), Clock::fast(second(1), 2.0)] {
            assert_eq!(clock.advance_to(second(5)), Err(ClockError::NotDriven));
            assert!(!clock.is_driven());
        }
    }

    #[test]
    fn a_fast_clock_is_the_machines_until_it_starts_and_then_multiplies_what_passed() {
        assert_eq!(fast(second(100), 3_600.0, second(90)), second(90));
        assert_eq!(fast(second(100), 3_600.0, second(102)), second(100 + 7_200));
        assert_eq!(fast(second(100), 1e30, second(101)), Timestamp::MAX);
        assert_eq!((Clock::fast(second(1), 60.0).rate(), Clock::real().rate()), (Some(60.0), Some(1.0)));
    }

    #[test]
    fn readings_have_whole_microseconds() {
        let fine = Timestamp::from_nanosecond(1_000_000_001_999).unwrap();
        assert_eq!(Clock::fixed(fine).now().as_nanosecond(), 1_000_000_001_000);
        assert_eq!(Clock::real().now().as_nanosecond() % 1_000, 0);
    }
}
