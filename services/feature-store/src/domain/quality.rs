//! Days, periods and lateness of the counts of data quality.

use customs::Timestamp;

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// Days of a period: what one teaches, the next ones are held against.
const PERIOD_DAYS: i64 = 28;

/// The day since 1970 (UTC).
pub fn day_of(at: Timestamp) -> i64 {
    at.as_microsecond().div_euclid(MICROS_PER_DAY)
}

/// The first moment of a day since 1970; none beyond the calendar.
pub fn start_of(day: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(day.checked_mul(MICROS_PER_DAY)?).ok()
}

/// The period of four weeks since 1970.
pub fn period_of(at: Timestamp) -> i64 {
    day_of(at).div_euclid(PERIOD_DAYS)
}

/// Through what a declaration came.
pub fn channel(history: bool) -> &'static str {
    if history { "history" } else { "live" }
}

/// Whether a result that was established at one moment became known more than `due_days` later.
pub fn is_late(established_at: Timestamp, known_at: Timestamp, due_days: u32) -> bool {
    let waited = known_at.as_microsecond().saturating_sub(established_at.as_microsecond());
    waited > i64::from(due_days).saturating_mul(MICROS_PER_DAY)
}
