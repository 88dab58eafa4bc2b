//! Clocks that do what the test says.

use jiff::Timestamp;
use lifecycle::Clock;

/// Noon in Lima on Monday, 2 March 2026: the moment at which tests begin.
pub fn noon() -> Timestamp {
    Timestamp::from_second(1_772_470_800).expect("a time in 2026")
}

/// A clock that always shows [`noon`].
pub fn fixed_clock() -> Clock {
    Clock::fixed(noon())
}

/// A clock that shows [`noon`] until it is moved.
pub fn driven_clock() -> Clock {
    Clock::driven(noon())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noon_is_noon_in_lima() {
        assert_eq!(noon().to_string(), "2026-03-02T17:00:00Z");
    }
}
